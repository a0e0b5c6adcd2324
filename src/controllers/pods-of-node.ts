import type { PodStore } from '../cluster/pod-store.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

/**
 * Rows of the pods in the store that are bound to a node, ascending. O(rows): for what happens to nodes, not
 * to pods.
 */
export function podsOfNode(pods: PodStore, node: NodeRow): PodRow[] {
  const { table } = pods
  const rows: PodRow[] = []
  for (const row of table.stored()) if (table.node(row) === node) rows.push(row)
  return rows
}

/** The same of several nodes, in one pass. */
export function podsOfNodes(pods: PodStore, nodes: ReadonlySet<NodeRow>): PodRow[] {
  const { table } = pods
  const rows: PodRow[] = []
  for (const row of table.stored()) if (nodes.has(table.node(row))) rows.push(row)
  return rows
}

/** The same of several nodes, by node. */
export function podsByNode(
  pods: PodStore,
  nodes: ReadonlySet<NodeRow>,
): ReadonlyMap<NodeRow, readonly PodRow[]> {
  const byNode = new Map<NodeRow, PodRow[]>()
  for (const row of podsOfNodes(pods, nodes)) {
    const node = pods.table.node(row)
    const rows = byNode.get(node)
    if (rows === undefined) byNode.set(node, [row])
    else rows.push(row)
  }
  return byNode
}
