import { object } from '../schema-parts.ts'
import { speedFields, speedOf } from './effect.ts'
import type { SpeedSource } from './effect.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'
import { targetFields, targetOf } from './target.ts'
import type { TargetSource } from './target.ts'

/** Nodes that become slow: each on its own again and again, or some at an instant. */
export interface FailSlowSource {
  readonly kind: 'failSlow'
  readonly target: TargetSource
  readonly occurrence: OccurrenceSource
  readonly speed: SpeedSource
}

export const failSlow: FailureKind<FailSlowSource> = {
  kind: 'failSlow',
  meaning: 'nodes that give a share of their CPU, disk or network',
  schema: object({ ...occurrenceFields, ...targetFields, ...speedFields }, ['for']),
  resolve: (reader, at) => ({
    kind: 'failSlow',
    target: targetOf(reader, at),
    occurrence: occurrenceOf(reader, at),
    speed: speedOf(reader, at),
  }),
}
