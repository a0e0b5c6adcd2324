import type { Player } from '../../report-data.ts'
import type { PodColumns } from './pod-columns.ts'

/** What pods are looked for by; empty texts and undefined ask nothing. */
export interface PodQuery {
  /** Part of the name of the pod, its workload or its node, in any case. */
  readonly text: string
  /** Index of a workload. */
  readonly workload: number | undefined
}

/** Which pods a query means, 1 or 0 a row; undefined where it asks nothing. O(pods). */
export function matchingPods(query: PodQuery, player: Player, pods: PodColumns): Uint8Array | undefined {
  const text = query.text.trim().toLowerCase()
  if (text === '' && query.workload === undefined) return undefined
  const workloads = player.workloads.map((name) => name.toLowerCase().includes(text))
  const nodes = player.nodes.map(({ name }) => name.toLowerCase().includes(text))
  return Uint8Array.from({ length: pods.count }, (_, row) => {
    const workload = pods.workload[row] ?? 0
    if (query.workload !== undefined && workload !== query.workload) return 0
    if (text === '' || workloads[workload] === true || nodes[pods.node[row] ?? 0] === true) return 1
    return pods.names[row]?.toLowerCase().includes(text) === true ? 1 : 0
  })
}
