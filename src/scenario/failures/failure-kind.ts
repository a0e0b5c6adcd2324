import type { ScenarioReader, Step } from '../reader.ts'
import type { JsonSchema } from '../schema-parts.ts'

/** A kind of failure that a scenario can have: how it is written in `spec.failures`, and how that is read. */
export interface FailureKind<Source extends { readonly kind: string }> {
  /** Its field in an item of `spec.failures`, and `kind` of what is read. */
  readonly kind: Source['kind']
  /** What it is, in a few words. */
  readonly meaning?: string
  readonly schema: JsonSchema
  /** Reads what stands at a path, which the schema has accepted. */
  resolve(reader: ScenarioReader, at: readonly Step[]): Source
}

/** Labels of nodes that a failure hits. */
export type NodeLabels = Readonly<Record<string, string>>
