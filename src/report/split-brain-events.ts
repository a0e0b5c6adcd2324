import { formatDuration } from '../base/time.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import type { ReportedEvent, SplitBrainSource } from './sources.ts'

/** Notes as events that a pod of a StatefulSet runs twice, `Begin` and `End`, on the node of the younger of both. */
export function noteSplitBrains(
  source: SplitBrainSource,
  nodeRows: NodeRows,
  note: (event: ReportedEvent) => void,
): void {
  source.onSplitBrain?.(({ key, nodes, startedAt, endedAt }) => {
    const [older, newer] = [nodeRows.nameOf(nodes[0]), nodeRows.nameOf(nodes[1])]
    const span = endedAt === undefined ? '' : `, for ${formatDuration(endedAt - startedAt)}`
    note({
      kind: 'SplitBrain',
      object: key,
      node: newer,
      reason: endedAt === undefined ? 'Begin' : 'End',
      message: endedAt === undefined ? `runs on ${older} too` : `ran on ${older} too${span}`,
    })
  })
}
