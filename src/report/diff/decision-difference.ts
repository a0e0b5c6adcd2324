import type { RowReader } from './table-rows.ts'
import { hasTable, tableRows } from './table-rows.ts'

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

/** The first decision that differs, in all but the words of its message; undefined where none does. O(decisions up to it). */
export function firstDecisionDifference(a: string, b: string): DecisionDifference | undefined {
  const left = tableRows(a, 'decisions.csv')
  const right = tableRows(b, 'decisions.csv')
  try {
    for (let index = 0; ; index++) {
      const one = left.next()
      const other = right.next()
      const inA = one.done === true ? undefined : decisionOf(one.value, index)
      const inB = other.done === true ? undefined : decisionOf(other.value, index)
      if (inA === undefined && inB === undefined) return undefined
      if (inA !== undefined && inB !== undefined && isSame(inA, inB)) continue
      return { a: withVerdicts(a, inA), b: withVerdicts(b, inB) }
    }
  } finally {
    left.return()
    right.return()
  }
}

function decisionOf(row: RowReader<'decisions.csv'>, index: number): RecordedDecision {
  return {
    index,
    timeSeconds: row('time_s'),
    pod: row('pod'),
    outcome: row('outcome'),
    node: row('node'),
    attempt: row('attempt'),
    feasible: Number(row('feasible_nodes')),
    evaluated: Number(row('evaluated_nodes')),
    rejectedBy: row('rejected_by').split(' ').filter(Boolean),
    victims: row('victims').split(' ').filter(Boolean),
    message: row('message'),
  }
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

function withVerdicts(
  directory: string,
  decision: RecordedDecision | undefined,
): DetailedDecision | undefined {
  if (decision === undefined) return undefined
  if (!hasTable(directory, 'decision_nodes.csv')) return { ...decision, verdicts: undefined }
  const scores = new Map<string, Map<string, RecordedScore>>()
  for (const row of rowsOfDecision(directory, 'decision_scores.csv', decision)) {
    const ofNode = scores.get(row('node')) ?? new Map<string, RecordedScore>()
    scores.set(row('node'), ofNode)
    ofNode.set(row('plugin'), {
      raw: Number(row('raw_score')),
      normalized: Number(row('normalized_score')),
      weight: Number(row('weight')),
      weighted: Number(row('weighted_score')),
    })
  }
  const verdicts = new Map<string, RecordedVerdict>()
  for (const row of rowsOfDecision(directory, 'decision_nodes.csv', decision)) {
    const total = row('total_score')
    verdicts.set(row('node'), {
      code: row('code'),
      plugin: row('plugin'),
      reasons: row('reasons'),
      total: total === '' ? undefined : Number(total),
      scores: scores.get(row('node')) ?? new Map<string, RecordedScore>(),
    })
  }
  return { ...decision, verdicts }
}

/** The rows about one decision: those of one pod, attempt and time, which lie together. */
function* rowsOfDecision<Name extends 'decision_nodes.csv' | 'decision_scores.csv'>(
  directory: string,
  name: Name,
  { timeSeconds, pod, attempt }: RecordedDecision,
): Generator<RowReader<Name>, void, undefined> {
  let hasBegun = false
  for (const row of tableRows(directory, name)) {
    const isOfIt = row('time_s') === timeSeconds && row('pod') === pod && row('attempt') === attempt
    if (isOfIt) yield row
    else if (hasBegun) return
    hasBegun ||= isOfIt
  }
}
