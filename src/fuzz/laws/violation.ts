import type { Micros } from '../../base/time.ts'

/** Something that must not be, as it was seen. */
export interface Violation {
  /** Name of the law that does not hold. */
  readonly law: string
  readonly at: Micros
  readonly message: string
}

/** Tells of a violation. */
export type Tell = (law: string, message: string) => void
