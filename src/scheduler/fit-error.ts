/** How often each reason was given, and what was said before any node was looked at. */
export interface FitDiagnosis {
  readonly nodeCount: number
  /** Message of the PreFilter rejection; undefined when nodes were looked at. */
  readonly preFilterMessage: string | undefined
  /** Number of nodes by reason. */
  readonly reasons: ReadonlyMap<string, number>
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
