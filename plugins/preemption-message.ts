import type { NodeIndex, PostFilterResult } from '../src/scheduler/framework/index.ts'

const NOT_HELPFUL = 'Preemption is not helpful for scheduling'

/**
 * The message of a preemption that found no candidate: reasons with their counts over all nodes, sorted as text; nodes
 * that were not tried count as ones on which it would not help.
 *
 * Source: Kubernetes v1.37, scheduler framework `FitError.Error` as framework/preemption fills it.
 */
export function preemptionMessage(
  nodes: readonly NodeIndex[],
  failures: ReadonlyMap<NodeIndex, readonly string[]>,
): string {
  const counts = new Map<string, number>()
  for (const node of nodes) {
    for (const reason of failures.get(node) ?? [NOT_HELPFUL])
      counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`)
  return `preemption: 0/${nodes.length} nodes are available: ${parts.sort().join(', ')}.`
}

/** The result for a pod that may not preempt, and why. */
export function ineligible(message: string): PostFilterResult {
  return {
    code: 'Unschedulable',
    message: `preemption: ${message}`,
    candidates: [],
    ties: [],
    clearNomination: false,
  }
}
