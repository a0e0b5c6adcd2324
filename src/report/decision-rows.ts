import type { Micros } from '../base/time.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Decision } from '../scheduler/decision.ts'
import type { RowWriter } from './row-writer.ts'

/** Tables of what a decision said of each node. */
export interface NodeDecisionTables {
  readonly nodes: RowWriter
  readonly scores: RowWriter
}

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

/** Writes the rows of decision_nodes.csv and decision_scores.csv; only valid inside the observer's call. */
export function writeNodeDecisions(
  tables: NodeDecisionTables,
  decision: Decision,
  parts: { readonly now: Micros; readonly pods: PodStore; readonly nodeRows: NodeRows },
): void {
  const pod = parts.pods.keyOf(decision.pod)
  const startRow = (table: RowWriter, node: number): void => {
    table.seconds(parts.now)
    table.text(pod)
    table.number(decision.attempt)
    table.text(parts.nodeRows.nameOf(node as NodeRow))
  }
  for (const { node, code, plugin, reasons, scores } of decision.verdicts()) {
    startRow(tables.nodes, node)
    tables.nodes.text(code)
    tables.nodes.text(plugin)
    tables.nodes.text(reasons.join('; '))
    if (scores.length === 0) tables.nodes.empty()
    else tables.nodes.number(scores.reduce((sum, score) => sum + score.normalized * score.weight, 0))
    tables.nodes.endRow()
    for (const score of scores) {
      startRow(tables.scores, node)
      tables.scores.text(score.plugin)
      tables.scores.number(score.raw)
      tables.scores.number(score.normalized)
      tables.scores.number(score.weight)
      tables.scores.number(score.normalized * score.weight)
      tables.scores.endRow()
    }
  }
}
