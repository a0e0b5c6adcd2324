import { readRows } from '../../table/read-table.ts'
import type { TableRow } from '../../table/read-table.ts'
import { CAUSE_WORDS } from '../../recovery/causes.ts'
import type { Cause } from '../../recovery/causes.ts'
import type { FailureView } from '../report-data.ts'

/** A row of failures.csv. */
export type FailureRow = TableRow<'failures.csv'>

/** Failures that a page tells of: those that lost pods were unavailable longest for, then the first. */
export const FAILURES_MAX = 500

/** The failures of a run in order, with how far the recovery from each came and what it waited for. */
export async function failureViews(
  directory: string,
  failures: readonly FailureRow[],
): Promise<readonly FailureView[]> {
  const kept = worstFailures(failures)
  const steps = byFailure(kept, await readRows(directory, 'recovery_steps.csv'))
  const limits = byFailure(kept, await readRows(directory, 'recovery_limits.csv'))
  return kept.map((failure) => ({
    id: failure.id,
    at: Number(failure.started_s),
    until: failure.ended_s === '' ? undefined : Number(failure.ended_s),
    label: failureLabel(failure),
    podsAffected: Number(failure.pods_affected),
    steps: (steps.get(failure.id) ?? []).map(({ step, last_s }) => [step, Number(last_s)] as const),
    limits: limitShares(limits.get(failure.id) ?? []),
  }))
}

/** What failed, in words. */
export function failureLabel({ model, target, node_count, first_node }: FailureRow): string {
  const count = Number(node_count)
  const where = target === '' ? first_node : target
  const nodes = count > 1 ? ` (${count} nodes)` : ''
  return `${model.replaceAll('-', ' ')}${where === '' ? '' : `: ${where}`}${nodes}`
}

/** The failures that cost most, in their order. */
export function worstFailures(failures: readonly FailureRow[]): readonly FailureRow[] {
  if (failures.length <= FAILURES_MAX) return failures
  const cost = ({ unavailable_pod_s }: FailureRow): number => Number(unavailable_pod_s)
  const worst = new Set(failures.toSorted((one, other) => cost(other) - cost(one)).slice(0, FAILURES_MAX))
  return failures.filter((failure) => worst.has(failure))
}

function byFailure<Row extends { readonly failure: string }>(
  kept: readonly FailureRow[],
  rows: readonly Row[],
): ReadonlyMap<string, Row[]> {
  const lists = new Map(kept.map(({ id }): [string, Row[]] => [id, []]))
  for (const row of rows) lists.get(row.failure)?.push(row)
  return lists
}

/** Causes over all workloads, the greatest first. */
function limitShares(rows: readonly TableRow<'recovery_limits.csv'>[]): FailureView['limits'] {
  const shares = new Map<string, number>()
  for (const { cause, of_failure_share } of rows) {
    shares.set(cause, (shares.get(cause) ?? 0) + Number(of_failure_share))
  }
  return [...shares]
    .filter(([, share]) => share > 0)
    .toSorted(([, one], [, other]) => other - one)
    .map(([cause, share]) => [CAUSE_WORDS[cause as Cause] ?? cause, share] as const)
}
