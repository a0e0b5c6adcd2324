import type { PodStore } from '../cluster/pod-store.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

/**
 * Rows of the pods in the store that are bound to a node, ascending. O(rows): for what happens to nodes, not
 * to pods.
 */
export function podsOfNode(pods: PodStore, node: NodeRow): PodRow[] {
  const { table } = pods
  return [...table.stored()].filter((row) => table.node(row) === node)
}
