import type { Sampler } from '../../base/distribution.ts'
import { distribution, object } from '../schema-parts.ts'
import { shareOfWhole } from './effect.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'
import { targetFields, targetOf } from './target.ts'
import type { TargetSource } from './target.ts'

/** Disks that are filled by something outside Kubernetes. */
export interface DiskFullSource {
  readonly kind: 'diskFull'
  readonly target: TargetSource
  readonly occurrence: OccurrenceSource
  readonly taken: Sampler
}

export const diskFull: FailureKind<DiskFullSource> = {
  kind: 'diskFull',
  meaning: 'disks that something outside Kubernetes fills',
  schema: object(
    {
      ...occurrenceFields,
      ...targetFields,
      taken: { ...distribution, description: 'share of the disk that is taken; 1, the whole, by default' },
    },
    ['for'],
  ),
  resolve: (reader, at) => ({
    kind: 'diskFull',
    target: targetOf(reader, at),
    occurrence: occurrenceOf(reader, at),
    taken: reader.distribution([...at, 'taken'], 1, shareOfWhole),
  }),
}
