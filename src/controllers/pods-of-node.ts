import type { PodStore } from '../cluster/pod-store.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

/**
 * Rows of the pods in the store that are bound to a node, ascending. O(rows): for what happens to nodes, not
 * to pods.
 */
export function podsOfNode(pods: PodStore, node: NodeRow): PodRow[] {
  const { table } = pods
  const found: PodRow[] = []
  for (let index = 0; index < table.rowsUsed; index++) {
    if (table.node[index] !== node || table.serial[index] === 0 || table.removed[index] === 1) continue
    found.push(index as PodRow)
  }
  return found
}
