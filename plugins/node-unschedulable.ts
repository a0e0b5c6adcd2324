import { toleratesTaint } from '../src/api/tolerations.ts'
import type { Taint, Toleration } from '../src/api/types.generated.ts'
import { PASS, definePlugin, signTolerations, unresolvable } from '../src/scheduler/framework/index.ts'

const UNSCHEDULABLE = unresolvable('node(s) were unschedulable')

/** The taint that stands for a cordoned node. */
const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/**
 * Keeps pods off cordoned nodes, unless they tolerate the taint that stands for it.
 *
 * Source: Kubernetes v1.37, scheduler plugins/nodeunschedulable.
 */
export const nodeUnschedulable = definePlugin({
  name: 'NodeUnschedulable',
  reads: ['unschedulable'],
  sized: false,

  compile: (pod) => ({ isTolerated: tolerates(pod.spec.tolerations ?? []) }),

  sign: signTolerations,

  filter: (term, node, nodes) => (!nodes.unschedulable(node) || term.isTolerated ? PASS : UNSCHEDULABLE),

  events: ['node-added', 'node-updated', 'pending-pod-updated'],

  hint(_term, change) {
    switch (change.type) {
      case 'node-added':
        return change.node.spec?.unschedulable !== true
      case 'node-updated':
        return change.old.spec?.unschedulable === true && change.node.spec?.unschedulable !== true
      case 'pending-pod-updated':
        return (
          change.itself &&
          change.updates.includes('tolerations') &&
          tolerates(change.pod.spec.tolerations ?? [])
        )
      default:
        return false
    }
  },
})

function tolerates(tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => toleratesTaint(toleration, UNSCHEDULABLE_TAINT))
}
