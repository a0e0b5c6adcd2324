import type { Sampler } from '../../base/distribution.ts'
import { distribution, labels, object } from '../schema-parts.ts'
import type { FailureKind, NodeLabels } from './failure-kind.ts'

/** Nodes that crash and come back, each on its own. */
export interface NodeCrashSource {
  readonly kind: 'nodeCrash'
  readonly timeBetweenFailures: Sampler
  readonly repair: Sampler
  readonly selector: NodeLabels | undefined
}

export const nodeCrash: FailureKind<NodeCrashSource> = {
  kind: 'nodeCrash',
  schema: object(
    {
      timeBetweenFailures: { ...distribution, description: 'of one node, from repair to crash' },
      repair: { ...distribution, description: 'time that a node stays down' },
      selector: { ...labels, description: 'labels of the nodes that crash; all by default' },
    },
    ['timeBetweenFailures', 'repair'],
  ),
  resolve: (reader, at) => ({
    kind: 'nodeCrash',
    timeBetweenFailures: reader.periods([...at, 'timeBetweenFailures'], '30d'),
    repair: reader.durations([...at, 'repair'], '10m'),
    selector: reader.get([...at, 'selector']) as NodeLabels | undefined,
  }),
}
