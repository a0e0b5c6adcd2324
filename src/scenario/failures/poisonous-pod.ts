import type { Sampler } from '../../base/distribution.ts'
import { NEVER } from '../../base/time.ts'
import { distribution, labels, object } from '../schema-parts.ts'
import type { FailureKind, NodeLabels } from './failure-kind.ts'

/** Pods that kill the node that they run on. */
export interface PoisonousPodSource {
  readonly kind: 'poisonousPod'
  readonly podLabels: NodeLabels
  readonly namespace: string | undefined
  readonly killsAfter: Sampler
  readonly repair: Sampler
  readonly nodesMax: number
}

export const poisonousPod: FailureKind<PoisonousPodSource> = {
  kind: 'poisonousPod',
  meaning: 'pods that kill the node that they run on',
  schema: object(
    {
      podSelector: { ...labels, minProperties: 1, description: 'labels of the pods' },
      namespace: { type: 'string', description: 'namespace of the pods; all by default' },
      killsAfter: { ...distribution, description: 'from the start of such a pod until its node goes down' },
      repair: { ...distribution, description: 'how long the node stays down' },
      nodesMax: {
        type: 'integer',
        minimum: 1,
        description: 'after so many nodes it is over; no bound by default',
      },
    },
    ['podSelector', 'killsAfter', 'repair'],
  ),
  resolve: (reader, at) => ({
    kind: 'poisonousPod',
    podLabels: (reader.get([...at, 'podSelector']) ?? {}) as NodeLabels,
    namespace: reader.get([...at, 'namespace']) as string | undefined,
    killsAfter: reader.durations([...at, 'killsAfter'], '1m'),
    repair: reader.durations([...at, 'repair'], '10m'),
    nodesMax: reader.number([...at, 'nodesMax'], NEVER),
  }),
}
