import { tableBatches } from '../table/read-table.ts'
import type { ReadColumns } from '../table/read-table.ts'
import { hasTable } from '../table/table-file.ts'

/** A decision, as decisions.csv has it. */
export interface RecordedDecision {
  /** Place in the order of decisions, from 0. */
  readonly index: number
  readonly timeSeconds: string
  /** `namespace/name`. */
  readonly pod: string
  readonly outcome: string
  /** Empty where it came to none. */
  readonly node: string
  readonly attempt: string
  readonly feasible: number
  readonly evaluated: number
  readonly rejectedBy: readonly string[]
  readonly victims: readonly string[]
  readonly message: string
}

/** What a plugin gave a node. */
export interface RecordedScore {
  readonly raw: number
  readonly normalized: number
  readonly weight: number
  readonly weighted: number
}

/** What a decision said of one node. */
export interface RecordedVerdict {
  readonly code: string
  /** The plugin that rejected it, if one did. */
  readonly plugin: string
  readonly reasons: string
  /** Undefined where it was not scored. */
  readonly total: number | undefined
  readonly scores: ReadonlyMap<string, RecordedScore>
}

/** A decision with what it said of nodes, by name; undefined where that was not recorded. */
export interface DetailedDecision extends RecordedDecision {
  readonly verdicts: ReadonlyMap<string, RecordedVerdict> | undefined
}

/** The first decision in which two runs differ; undefined on the side of a run that had made all of its own by then. */
export interface DecisionDifference {
  readonly a: DetailedDecision | undefined
  readonly b: DetailedDecision | undefined
}

/** Whether both runs have recorded their decisions. */
export function hasDecisions(a: string, b: string): boolean {
  return hasTable(a, 'decisions.csv') && hasTable(b, 'decisions.csv')
}

const DECISION_COLUMNS = {
  time_s: 'text',
  pod: 'text',
  outcome: 'category',
  node: 'text',
  attempt: 'text',
  feasible_nodes: 'number',
  evaluated_nodes: 'number',
  rejected_by: 'category',
  victims: 'text',
  message: 'text',
} as const

/** The first decision that differs, in all but the words of its message; undefined where none does. O(decisions up to it). */
export async function firstDecisionDifference(a: string, b: string): Promise<DecisionDifference | undefined> {
  const left = new Decisions(a)
  const right = new Decisions(b)
  try {
    for (let index = 0; ; index++) {
      const inA = left.hasNext(index) ? left.at(index) : await left.read(index)
      const inB = right.hasNext(index) ? right.at(index) : await right.read(index)
      if (inA === undefined && inB === undefined) return undefined
      if (inA !== undefined && inB !== undefined && isSame(inA, inB)) continue
      return { a: await withVerdicts(a, inA), b: await withVerdicts(b, inB) }
    }
  } finally {
    await left.close()
    await right.close()
  }
}

/** The decisions of a run in their order, a batch of them at a time. */
class Decisions {
  readonly #batches: AsyncGenerator<ReadColumns<typeof DECISION_COLUMNS>, void, undefined>
  #batch: ReadColumns<typeof DECISION_COLUMNS> | undefined
  #from = 0

  constructor(directory: string) {
    this.#batches = tableBatches(directory, 'decisions.csv', DECISION_COLUMNS)
  }

  /** Whether the decision of this place has been read. */
  hasNext(index: number): boolean {
    return this.#batch !== undefined && index - this.#from < this.#batch.rowCount
  }

  /** Reads on to the decision of this place, which follows the last one; undefined where there are no more. */
  async read(index: number): Promise<RecordedDecision | undefined> {
    const next = await this.#batches.next()
    this.#batch = next.done === true ? undefined : next.value
    this.#from = index
    return this.#batch === undefined ? undefined : this.at(index)
  }

  at(index: number): RecordedDecision | undefined {
    const columns = this.#batch?.columns
    if (columns === undefined) return undefined
    const row = index - this.#from
    const { outcome, rejected_by } = columns
    return {
      index,
      timeSeconds: columns.time_s.at(row),
      pod: columns.pod.at(row),
      outcome: outcome.values[outcome.indexes[row] ?? 0] ?? '',
      node: columns.node.at(row),
      attempt: columns.attempt.at(row),
      feasible: columns.feasible_nodes[row] ?? 0,
      evaluated: columns.evaluated_nodes[row] ?? 0,
      rejectedBy: wordsOf(rejected_by.values[rejected_by.indexes[row] ?? 0] ?? ''),
      victims: wordsOf(columns.victims.at(row)),
      message: columns.message.at(row),
    }
  }

  async close(): Promise<void> {
    await this.#batches.return()
  }
}

function wordsOf(text: string): readonly string[] {
  return text.split(' ').filter(Boolean)
}

function isSame(one: RecordedDecision, other: RecordedDecision): boolean {
  return (
    one.timeSeconds === other.timeSeconds &&
    one.pod === other.pod &&
    one.outcome === other.outcome &&
    one.node === other.node &&
    one.attempt === other.attempt &&
    one.feasible === other.feasible &&
    one.evaluated === other.evaluated &&
    one.rejectedBy.join() === other.rejectedBy.join() &&
    one.victims.join() === other.victims.join()
  )
}

const DECISION_KEY = { time_s: 'text', pod: 'category', attempt: 'text', node: 'text' } as const

async function withVerdicts(
  directory: string,
  decision: RecordedDecision | undefined,
): Promise<DetailedDecision | undefined> {
  if (decision === undefined) return undefined
  if (!hasTable(directory, 'decision_nodes.csv')) return { ...decision, verdicts: undefined }
  const scores = await scoresOf(directory, decision)
  const verdicts = new Map<string, RecordedVerdict>()
  const wanted = {
    ...DECISION_KEY,
    code: 'text',
    plugin: 'text',
    reasons: 'text',
    total_score: 'number',
  } as const
  const batches = tableBatches(directory, 'decision_nodes.csv', wanted)
  for await (const [{ node, code, plugin, reasons, total_score }, row] of rowsOf(decision, batches)) {
    const total = total_score[row] ?? Number.NaN
    verdicts.set(node.at(row), {
      code: code.at(row),
      plugin: plugin.at(row),
      reasons: reasons.at(row),
      total: Number.isNaN(total) ? undefined : total,
      scores: scores.get(node.at(row)) ?? new Map<string, RecordedScore>(),
    })
  }
  return { ...decision, verdicts }
}

/** What each plugin gave each node, by node. */
async function scoresOf(
  directory: string,
  decision: RecordedDecision,
): Promise<ReadonlyMap<string, ReadonlyMap<string, RecordedScore>>> {
  const scores = new Map<string, Map<string, RecordedScore>>()
  const numbers = {
    raw_score: 'number',
    normalized_score: 'number',
    weight: 'number',
    weighted_score: 'number',
  } as const
  const wanted = { ...DECISION_KEY, plugin: 'text', ...numbers } as const
  const batches = tableBatches(directory, 'decision_scores.csv', wanted)
  for await (const [columns, row] of rowsOf(decision, batches)) {
    const { node, plugin, raw_score, normalized_score, weight, weighted_score } = columns
    const ofNode = scores.get(node.at(row)) ?? new Map<string, RecordedScore>()
    scores.set(node.at(row), ofNode)
    ofNode.set(plugin.at(row), {
      raw: raw_score[row] ?? 0,
      normalized: normalized_score[row] ?? 0,
      weight: weight[row] ?? 0,
      weighted: weighted_score[row] ?? 0,
    })
  }
  return scores
}

/** The rows about one decision: those of one pod, attempt and time, which lie together; each with the columns that it is a row of. */
async function* rowsOf<Kinds extends typeof DECISION_KEY>(
  { timeSeconds, pod, attempt }: RecordedDecision,
  batches: AsyncIterable<ReadColumns<Kinds>>,
): AsyncGenerator<readonly [columns: ReadColumns<Kinds>['columns'], row: number], void, undefined> {
  let hasBegun = false
  for await (const batch of batches) {
    const key: ReadColumns<typeof DECISION_KEY>['columns'] = batch.columns
    const place = key.pod.values.indexOf(pod)
    for (let row = 0; row < batch.rowCount; row += 1) {
      const isOfIt =
        key.pod.indexes[row] === place &&
        key.time_s.at(row) === timeSeconds &&
        key.attempt.at(row) === attempt
      if (isOfIt) yield [batch.columns, row]
      else if (hasBegun) return
      hasBegun ||= isOfIt
    }
  }
}
