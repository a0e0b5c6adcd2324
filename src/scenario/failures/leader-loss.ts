import { distribution, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { occurrenceFields, occurrenceOf } from './occurrence.ts'
import type { OccurrenceSource } from './occurrence.ts'

/** Components that elect a leader among their processes. */
export const ELECTED_COMPONENTS = ['kube-scheduler', 'kube-controller-manager'] as const

export type ElectedComponent = (typeof ELECTED_COMPONENTS)[number]

/** The process of a component that leads ends without giving up its lease. */
export interface LeaderLossSource {
  readonly kind: 'leaderLoss'
  readonly component: ElectedComponent
  /** When, and how long until the process starts again. */
  readonly occurrence: OccurrenceSource
}

export const leaderLoss: FailureKind<LeaderLossSource> = {
  kind: 'leaderLoss',
  schema: object(
    {
      component: { enum: [...ELECTED_COMPONENTS], description: 'whose leader ends' },
      ...occurrenceFields,
      for: { ...distribution, description: 'until its process starts again; 10s by default' },
    },
    ['component'],
  ),
  resolve: (reader, at) => ({
    kind: 'leaderLoss',
    component: reader.text([...at, 'component'], 'kube-scheduler') as ElectedComponent,
    // A static pod that crashed for the first time in 10 minutes is started again after 10 s (kubelet, crash-loop back-off).
    occurrence: occurrenceOf(reader, at, '10s'),
  }),
}
