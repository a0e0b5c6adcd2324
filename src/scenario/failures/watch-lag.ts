import type { Sampler } from '../../base/distribution.ts'
import { distribution, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'

const COMPONENTS = ['kube-scheduler', 'kube-controller-manager', 'kubelet'] as const

/** Components hear of changes late. */
export interface WatchLagSource {
  readonly kind: 'watchLag'
  readonly occurrence: OccurrenceSource
  readonly latency: Sampler
  /** All when undefined. */
  readonly component: (typeof COMPONENTS)[number] | undefined
}

export const watchLag: FailureKind<WatchLagSource> = {
  kind: 'watchLag',
  schema: object(
    {
      ...occurrenceFields,
      latency: { ...distribution, description: 'how much later they hear' },
      component: { enum: [...COMPONENTS], description: 'whose watches are late; all by default' },
    },
    ['for', 'latency'],
  ),
  resolve: (reader, at) => ({
    kind: 'watchLag',
    occurrence: occurrenceOf(reader, at),
    latency: reader.durations([...at, 'latency'], '1s'),
    component: reader.get([...at, 'component']) as WatchLagSource['component'],
  }),
}
