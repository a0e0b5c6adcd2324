import type { Labels } from '../src/api/selectors.ts'
import type { Node } from '../src/api/types.generated.ts'
import type { ClusterChange, PodShape } from '../src/scheduler/framework/index.ts'
import type { SpreadTerm } from './pod-topology-spread.ts'

/**
 * Whether a pod that PodTopologySpread rejected is worth another try: pods that a hard constraint selects came, went or
 * changed sides, or a node joined, left or changed its domain.
 *
 * Source: Kubernetes v1.37, scheduler plugins/podtopologyspread, `isSchedulableAfterPodChange` and `…NodeChange`.
 */
export function isWorthRetry(term: SpreadTerm, change: ClusterChange): boolean {
  switch (change.type) {
    case 'assigned-pod-added':
    case 'assigned-pod-deleted':
      return isSelected(term, change.pod)
    case 'assigned-pod-updated':
      return change.pod.namespace === term.shape.namespace && hasChangedSides(term, change.old, change.pod)
    case 'pending-pod-updated':
      return (
        (change.updates.includes('tolerations') &&
          term.hard.some(({ honorsNodeTaints }) => honorsNodeTaints)) ||
        hasChangedSides(term, change.old, change.pod)
      )
    case 'node-added':
      return hasKeys(term, change.node)
    case 'node-deleted':
      return hasKeys(term, change.node)
    case 'node-updated':
      return (
        hasKeys(term, change.old) !== hasKeys(term, change.node) || hasMoved(term, change.old, change.node)
      )
    case 'pending-pod-deleted':
    case 'object-changed':
      return false
  }
}

function hasChangedSides(term: SpreadTerm, old: PodShape, pod: PodShape): boolean {
  return term.hard.some(({ selector }) => selector(old.labels) !== selector(pod.labels))
}

function isSelected(term: SpreadTerm, pod: PodShape): boolean {
  return pod.namespace === term.shape.namespace && term.hard.some(({ selector }) => selector(pod.labels))
}

function hasKeys(term: SpreadTerm, node: Node): boolean {
  const labels: Labels = node.metadata?.labels ?? {}
  return term.hard.every(({ topologyKey }) => labels[topologyKey] !== undefined)
}

function hasMoved(term: SpreadTerm, old: Node, node: Node): boolean {
  if (!hasKeys(term, node)) return false
  const before: Labels = old.metadata?.labels ?? {}
  const now: Labels = node.metadata?.labels ?? {}
  const hasOtherTaints = JSON.stringify(old.spec?.taints ?? []) !== JSON.stringify(node.spec?.taints ?? [])
  return hasOtherTaints || term.hard.some(({ topologyKey }) => before[topologyKey] !== now[topologyKey])
}
