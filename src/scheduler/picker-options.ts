import type { RandomStream } from '../base/random.ts'
import type { Micros } from '../base/time.ts'
import type { TieBreak } from './tie-break.ts'

/** Settings of the search and the choice. */
export interface PickerOptions {
  readonly percentageOfNodesToScore: number | undefined
  readonly tieBreak: TieBreak
  /** Draws for `random` ties. */
  readonly ties: RandomStream
  /** Whether the score index may answer; without it the definition answers always. */
  readonly usesIndex: boolean
  /** What `keepsDetails` of the picker is at first. */
  readonly keepsDetails: boolean
  /** Feature gate OpportunisticBatching; only the tie-break `heap` has batches. */
  readonly batches: boolean
  /** The present, for the age of batches. */
  readonly clock: () => Micros
}
