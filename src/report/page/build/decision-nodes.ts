import type { TableName } from '../../columns.ts'
import type { DecisionNode } from '../report-data.ts'
import { readColumns } from '../../table/read-table.ts'
import { rowsOf } from './run-files.ts'

/** Nodes that a page tells of at most, over all decisions. */
export const DECISION_NODES_MAX = 6000
/** Of one decision: the best nodes, and rejected ones. */
const BEST_MAX = 5
const REJECTED_MAX = 5
/** Rows of a table of nodes or scores that are read at most: beyond it the page says what was decided, not of which nodes. */
const NODE_ROWS_MAX = 5_000_000

/** Which decision, and what it came to. */
export interface DecisionKey {
  readonly key: string
  /** Node that the pod was bound or nominated to; empty for none. */
  readonly chosen: string
}

/** What tables tell a decision by: when, of which pod, which attempt. */
export function decisionKey(at: number, pod: string, attempt: number): string {
  return `${at} ${pod} ${attempt}`
}

/** Of each decision, by its key: the node that was taken, the best others, and some that were rejected. */
export async function decisionNodes(
  directory: string,
  kept: readonly DecisionKey[],
): Promise<ReadonlyMap<string, readonly DecisionNode[]>> {
  const nodes = new Map<string, readonly DecisionNode[]>()
  if (!isReadable(directory, 'decision_nodes.csv')) return nodes
  const table = await readColumns(directory, 'decision_nodes.csv', {
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
    const key = decisionKey(time_s[row] ?? 0, pod.values[pod.indexes[row] ?? 0] ?? '', attempt[row] ?? 0)
    wanted.get(key)?.push(row)
  }
  const names = (row: number): string => node.values[node.indexes[row] ?? 0] ?? ''
  const isRejected = (row: number): boolean => plugin.values[plugin.indexes[row] ?? 0] !== ''
  const scoreOf = (row: number): number => total_score[row] ?? Number.NaN
  const shown = new Map<string, readonly number[]>()
  let room = DECISION_NODES_MAX
  for (const { key, chosen } of kept) {
    const rows = wanted.get(key) ?? []
    // Of nodes with equal scores one is taken by chance: it is told of, whatever its place.
    const rank = (row: number): number =>
      names(row) === chosen ? Number.POSITIVE_INFINITY : scoreOf(row) || 0
    const best = rows
      .filter((row) => !isRejected(row))
      .toSorted((one, other) => (rank(one) === rank(other) ? one - other : rank(other) - rank(one)))
    const rejected = rows.filter(isRejected).slice(0, REJECTED_MAX)
    const told = [...best.slice(0, BEST_MAX), ...rejected].slice(0, room)
    room -= told.length
    shown.set(key, told)
  }
  const scores = await decisionScores(directory, nodeKeys(shown, names))
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
async function decisionScores(
  directory: string,
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly (readonly [string, number])[]>> {
  const scores = new Map<string, (readonly [string, number])[]>()
  if (!isReadable(directory, 'decision_scores.csv')) return scores
  const table = await readColumns(directory, 'decision_scores.csv', {
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
    const decision = decisionKey(time_s[row] ?? 0, pod.values[pod.indexes[row] ?? 0] ?? '', attempt[row] ?? 0)
    const key = `${decision} ${node.values[node.indexes[row] ?? 0] ?? ''}`
    if (!keys.has(key)) continue
    const list = scores.get(key) ?? []
    list.push([plugin.values[plugin.indexes[row] ?? 0] ?? '', weighted_score[row] ?? 0])
    scores.set(key, list)
  }
  return scores
}

function isReadable(directory: string, name: TableName): boolean {
  return rowsOf(directory, name) <= NODE_ROWS_MAX
}
