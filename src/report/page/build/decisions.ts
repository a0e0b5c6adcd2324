import type { TableName } from '../../columns.ts'
import type { DecisionNode, PodDecision } from '../report-data.ts'
import { readColumns } from './read-columns.ts'
import type { RunTables } from './run-tables.ts'

/** Decisions that a page tells of at most: those of pods that were tried most often, then of those that were bound first. */
export const DECISIONS_MAX = 4000
/** Nodes that a page tells of at most, over all decisions. */
export const DECISION_NODES_MAX = 6000
/** Of one decision: the best nodes, and rejected ones. */
const BEST_MAX = 5
const REJECTED_MAX = 5
/** Bytes of a table of nodes or scores that are read at most: beyond it the page says what was decided, not of which nodes. */
const NODE_BYTES_MAX = 512 * 1024 * 1024

/** Pods that can be told of, by row. */
export interface DecidedPods {
  /** Namespace and name by row. */
  keyOf(row: number): string
  readonly boundAt: Float64Array
}

/** A decision that is told of, and its key in the tables of nodes. */
interface KeptDecision extends Omit<PodDecision, 'nodes'> {
  readonly key: string
}

/** What was decided of pods, by row and then in order; none where the run did not record it. */
export function podDecisions(tables: RunTables, pods: DecidedPods): readonly PodDecision[] {
  const kept = keptDecisions(tables, pods)
  if (kept.length === 0) return []
  const nodes = decisionNodes(tables, kept)
  return kept.map(({ key, ...decision }) => ({ ...decision, nodes: nodes.get(key) ?? [] }))
}

function keptDecisions(tables: RunTables, pods: DecidedPods): readonly KeptDecision[] {
  const table = readColumns(tables, 'decisions.csv', {
    time_s: 'number',
    pod: 'category',
    outcome: 'category',
    attempt: 'number',
    feasible_nodes: 'number',
    evaluated_nodes: 'number',
    message: 'text',
  })
  if (table === undefined) return []
  const { time_s, pod, outcome, attempt, feasible_nodes, evaluated_nodes, message } = table.columns
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
      key: `${at} ${pod.values[pod.indexes[decision] ?? 0] ?? ''} ${tries}`,
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

/** The best nodes of each decision and some that were rejected, by the decision's key. */
function decisionNodes(
  tables: RunTables,
  kept: readonly KeptDecision[],
): ReadonlyMap<string, readonly DecisionNode[]> {
  const nodes = new Map<string, readonly DecisionNode[]>()
  if (!isReadable(tables, 'decision_nodes.csv')) return nodes
  const table = readColumns(tables, 'decision_nodes.csv', {
    time_s: 'number',
    pod: 'category',
    attempt: 'number',
    node: 'category',
    plugin: 'category',
    reasons: 'category',
    total_score: 'number',
  })
  if (table === undefined) return nodes
  const { time_s, pod, attempt, node, plugin, reasons, total_score } = table.columns
  const wanted = new Map(kept.map(({ key }) => [key, [] as number[]]))
  for (let row = 0; row < table.rowCount; row += 1) {
    wanted
      .get(`${time_s[row] ?? 0} ${pod.values[pod.indexes[row] ?? 0] ?? ''} ${attempt[row] ?? 0}`)
      ?.push(row)
  }
  const isRejected = (row: number): boolean => plugin.values[plugin.indexes[row] ?? 0] !== ''
  const scoreOf = (row: number): number => total_score[row] ?? Number.NaN
  const shown = new Map<string, readonly number[]>()
  let room = DECISION_NODES_MAX
  for (const [key, rows] of wanted) {
    const best = rows
      .filter((row) => !isRejected(row))
      .toSorted((one, other) => (scoreOf(other) || 0) - (scoreOf(one) || 0) || one - other)
    const picked = [...best.slice(0, BEST_MAX), ...rows.filter(isRejected).slice(0, REJECTED_MAX)].slice(
      0,
      room,
    )
    room -= picked.length
    shown.set(key, picked)
  }
  const names = (row: number): string => node.values[node.indexes[row] ?? 0] ?? ''
  const scores = decisionScores(tables, nodeKeys(shown, names))
  for (const [key, rows] of shown) {
    nodes.set(
      key,
      rows.map((row) => {
        const name = names(row)
        const words = [plugin.values[plugin.indexes[row] ?? 0], reasons.values[reasons.indexes[row] ?? 0]]
        return {
          name,
          total: Number.isNaN(scoreOf(row)) ? undefined : scoreOf(row),
          scores: scores.get(`${key} ${name}`) ?? [],
          rejected: isRejected(row) ? words.filter((word) => word !== '').join(': ') : undefined,
        }
      }),
    )
  }
  return nodes
}

function nodeKeys(
  shown: ReadonlyMap<string, readonly number[]>,
  nameOf: (row: number) => string,
): ReadonlySet<string> {
  return new Set([...shown].flatMap(([key, rows]) => rows.map((row) => `${key} ${nameOf(row)}`)))
}

/** Plugins and their weighted scores, by decision and node, in the order in which they scored. */
function decisionScores(
  tables: RunTables,
  keys: ReadonlySet<string>,
): ReadonlyMap<string, readonly (readonly [string, number])[]> {
  const scores = new Map<string, (readonly [string, number])[]>()
  if (!isReadable(tables, 'decision_scores.csv')) return scores
  const table = readColumns(tables, 'decision_scores.csv', {
    time_s: 'number',
    pod: 'category',
    attempt: 'number',
    node: 'category',
    plugin: 'category',
    weighted_score: 'number',
  })
  if (table === undefined) return scores
  const { time_s, pod, attempt, node, plugin, weighted_score } = table.columns
  for (let row = 0; row < table.rowCount; row += 1) {
    const decision = `${time_s[row] ?? 0} ${pod.values[pod.indexes[row] ?? 0] ?? ''} ${attempt[row] ?? 0}`
    const key = `${decision} ${node.values[node.indexes[row] ?? 0] ?? ''}`
    if (!keys.has(key)) continue
    const list = scores.get(key) ?? []
    list.push([plugin.values[plugin.indexes[row] ?? 0] ?? '', weighted_score[row] ?? 0])
    scores.set(key, list)
  }
  return scores
}

function isReadable(tables: RunTables, name: TableName): boolean {
  return tables.size(name) <= NODE_BYTES_MAX
}
