import type { Cycle } from './cycle.ts'

/** How often each reason was given, and what was said before any node was looked at. */
export interface FitDiagnosis {
  readonly nodeCount: number
  /** Message of the PreFilter rejection; undefined when nodes were looked at. */
  readonly preFilterMessage: string | undefined
  /** Number of nodes by reason. */
  readonly reasons: ReadonlyMap<string, number>
}

/** What the FitError of a cycle counts: reasons over all nodes, those that PreFilter left out with theirs. */
export function diagnosisOf(cycle: Cycle): FitDiagnosis {
  const { cluster, allowedNames, preFilterRejection } = cycle
  const nodeCount = cluster.searchOrder.length
  const reasons = new Map<string, number>()
  if (preFilterRejection !== undefined) {
    return { nodeCount, preFilterMessage: preFilterRejection.rejection.reasons.join(', '), reasons }
  }
  const leftOut = cycle.leftOutReason()
  for (const node of cluster.searchOrder) {
    const isLeftOut = allowedNames !== undefined && !allowedNames.has(cluster.nodes.name(node))
    const given = isLeftOut ? leftOut.reasons : cycle.reasonsOf(node)
    for (const reason of given) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  return { nodeCount, preFilterMessage: undefined, reasons }
}

/**
 * The message of a pod that fits nowhere: `0/5 nodes are available: 2 Insufficient cpu, 3 Too many pods.`
 *
 * Source: kube-scheduler v1.37, framework `FitError.Error`: reasons with their counts, sorted as text.
 */
export function fitErrorMessage(diagnosis: FitDiagnosis, postFilterMessage = ''): string {
  const head = `0/${diagnosis.nodeCount} nodes are available`
  const tail = postFilterMessage === '' ? '' : ` ${postFilterMessage}`
  if (diagnosis.preFilterMessage !== undefined) {
    return diagnosis.preFilterMessage === '' ? head + tail : `${head}: ${diagnosis.preFilterMessage}.${tail}`
  }
  const parts = [...diagnosis.reasons].map(([reason, count]) => `${count} ${reason}`).sort(byText)
  return parts.length === 0 ? head + tail : `${head}: ${parts.join(', ')}.${tail}`
}

function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
