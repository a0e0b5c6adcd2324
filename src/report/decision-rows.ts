import type { Micros } from '../base/time.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { Decision } from '../scheduler/decision.ts'
import type { RowWriter } from './row-writer.ts'

/** Writes a row of decisions.csv; only valid inside the observer's call. */
export function writeDecision(
  table: RowWriter,
  decision: Decision,
  parts: { readonly now: Micros; readonly pods: PodStore; readonly nodeRows: NodeRows },
): void {
  const { pods, nodeRows } = parts
  table.seconds(parts.now)
  table.text(pods.keyOf(decision.pod))
  table.text(decision.outcome)
  if (decision.node === NO_NODE) table.empty()
  else table.text(nodeRows.nameOf(decision.node))
  table.number(decision.attempt)
  table.number(decision.feasible)
  table.number(decision.evaluated)
  table.text(decision.rejectedBy.join(' '))
  table.text(decision.victims.map((victim) => pods.keyOf(victim)).join(' '))
  const isRejected = decision.outcome === 'unschedulable' || decision.outcome === 'nominated'
  table.text(isRejected ? decision.message() : '')
  table.endRow()
}
