import type { PodDecision } from '../report-data.ts'
import { decisionKey, decisionNodes } from './decision-nodes.ts'
import type { DecisionKey } from './decision-nodes.ts'
import { readColumns } from '../../table/read-table.ts'

/** Decisions that a page tells of at most: those of pods that were tried most often, then of those that were bound first. */
export const DECISIONS_MAX = 4000
/** Pods that can be told of, by row. */
export interface DecidedPods {
  /** Namespace and name by row. */
  keyOf(row: number): string
  readonly boundAt: Float64Array
}

/** A decision that is told of, before its nodes are known. */
type KeptDecision = Omit<PodDecision, 'nodes'> & DecisionKey

/** What was decided of pods, by row and then in order; none where the run did not record it. */
export async function podDecisions(directory: string, pods: DecidedPods): Promise<readonly PodDecision[]> {
  const kept = await keptDecisions(directory, pods)
  if (kept.length === 0) return []
  const nodes = await decisionNodes(directory, kept)
  return kept.map(({ key, chosen: _chosen, ...decision }) => ({ ...decision, nodes: nodes.get(key) ?? [] }))
}

async function keptDecisions(directory: string, pods: DecidedPods): Promise<readonly KeptDecision[]> {
  const table = await readColumns(directory, 'decisions.csv', {
    time_s: 'number',
    pod: 'category',
    outcome: 'category',
    node: 'category',
    attempt: 'number',
    feasible_nodes: 'number',
    evaluated_nodes: 'number',
    message: 'text',
  })
  if (table === undefined) return []
  const { time_s, pod, outcome, node, attempt, feasible_nodes, evaluated_nodes, message } = table.columns
  const rowsOf = rowsByKey(pods)
  const ofRow = new Map<number, number[]>()
  for (let decision = 0; decision < table.rowCount; decision += 1) {
    const key = pod.values[pod.indexes[decision] ?? 0] ?? ''
    const row = rowAt(rowsOf.get(key) ?? [], pods.boundAt, time_s[decision] ?? 0)
    if (row === undefined) continue
    const list = ofRow.get(row)
    if (list === undefined) ofRow.set(row, [decision])
    else list.push(decision)
  }
  return withinRoom(ofRow).map(([row, decision]) => {
    const at = time_s[decision] ?? 0
    const tries = attempt[decision] ?? 0
    return {
      key: decisionKey(at, pod.values[pod.indexes[decision] ?? 0] ?? '', tries),
      chosen: node.values[node.indexes[decision] ?? 0] ?? '',
      pod: row,
      at,
      attempt: tries,
      outcome: outcome.values[outcome.indexes[decision] ?? 0] ?? '',
      message: message.at(decision),
      feasibleNodes: feasible_nodes[decision] ?? 0,
      evaluatedNodes: evaluated_nodes[decision] ?? 0,
    }
  })
}

/** Rows and decisions: whole pods while there is room, those with most decisions first; in order of rows. */
function withinRoom(ofRow: ReadonlyMap<number, readonly number[]>): readonly (readonly [number, number])[] {
  const order = [...ofRow].toSorted(
    ([one, ones], [other, others]) => others.length - ones.length || one - other,
  )
  const kept: [number, readonly number[]][] = []
  let room = DECISIONS_MAX
  for (const [row, decisions] of order) {
    if (room <= 0) break
    const part = decisions.slice(-room)
    room -= part.length
    kept.push([row, part])
  }
  return kept
    .toSorted(([one], [other]) => one - other)
    .flatMap(([row, decisions]) => decisions.map((decision) => [row, decision] as const))
}

function rowsByKey(pods: DecidedPods): ReadonlyMap<string, number[]> {
  const rows = new Map<string, number[]>()
  for (let row = 0; row < pods.boundAt.length; row += 1) {
    const key = pods.keyOf(row)
    const list = rows.get(key)
    if (list === undefined) rows.set(key, [row])
    else list.push(row)
  }
  return rows
}

/** Of pods that had one name after each other: the one that was bound next. */
function rowAt(rows: readonly number[], boundAt: Float64Array, at: number): number | undefined {
  return rows.find((row) => (boundAt[row] ?? 0) >= at)
}
