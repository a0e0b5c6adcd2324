import type { Labels } from '../src/api/selectors.ts'
import type { Node } from '../src/api/types.generated.ts'
import type { ClusterChange, PodShape } from '../src/scheduler/framework/index.ts'
import type { SpreadConstraint } from './spread-constraints.ts'

/** The hard constraints of a rejected pod, its own or the default ones, and where it is. */
export interface RejectedPod {
  readonly namespace: string
  readonly hard: readonly SpreadConstraint[]
}

/**
 * Whether a pod that PodTopologySpread rejected is worth another try: pods that a hard constraint selects came, went or
 * changed sides, or a node joined, left or changed its domain.
 *
 * Source: Kubernetes v1.37, scheduler plugins/podtopologyspread, `isSchedulableAfterPodChange` and `…NodeChange`.
 */
export function isWorthRetry(pod: RejectedPod, change: ClusterChange): boolean {
  switch (change.type) {
    case 'assigned-pod-added':
    case 'assigned-pod-deleted':
      return isSelected(pod, change.pod)
    case 'assigned-pod-updated':
      return change.pod.namespace === pod.namespace && hasChangedSides(pod, change.old, change.pod)
    case 'pending-pod-updated':
      return change.itself && (hasNewToleration(pod, change) || hasChangedSides(pod, change.old, change.pod))
    case 'node-added':
      return hasKeys(pod, change.node)
    case 'node-deleted':
      return hasKeys(pod, change.node)
    case 'node-updated':
      return hasKeys(pod, change.old) !== hasKeys(pod, change.node) || hasMoved(pod, change.old, change.node)
    case 'pending-pod-deleted':
    case 'object-changed':
      return false
  }
}

function hasNewToleration(
  { hard }: RejectedPod,
  { updates }: Extract<ClusterChange, { type: 'pending-pod-updated' }>,
): boolean {
  return updates.includes('tolerations') && hard.some(({ honorsNodeTaints }) => honorsNodeTaints)
}

function hasChangedSides({ hard }: RejectedPod, old: PodShape, now: PodShape): boolean {
  return hard.some(({ selector }) => selector(old.labels) !== selector(now.labels))
}

function isSelected({ namespace, hard }: RejectedPod, other: PodShape): boolean {
  return other.namespace === namespace && hard.some(({ selector }) => selector(other.labels))
}

function hasKeys({ hard }: RejectedPod, node: Node): boolean {
  const labels: Labels = node.metadata?.labels ?? {}
  return hard.every(({ topologyKey }) => labels[topologyKey] !== undefined)
}

function hasMoved(pod: RejectedPod, old: Node, node: Node): boolean {
  if (!hasKeys(pod, node)) return false
  const before: Labels = old.metadata?.labels ?? {}
  const now: Labels = node.metadata?.labels ?? {}
  const hasOtherTaints = JSON.stringify(old.spec?.taints ?? []) !== JSON.stringify(node.spec?.taints ?? [])
  return hasOtherTaints || pod.hard.some(({ topologyKey }) => before[topologyKey] !== now[topologyKey])
}
