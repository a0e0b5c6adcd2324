import { csvText } from '../../report/csv.ts'
import type { Cell } from '../../report/csv.ts'
import type { MeanInterval } from '../../report/statistics.ts'
import type { PolicyCompaction } from './compaction.ts'
import type { TrialResult } from './trial.ts'

/** What the tables say of the cell besides the trials. */
export interface CompactedCell {
  /** Machines of the cell as it was given, without clones. */
  readonly machines: number
}

const TRIAL_COLUMNS = [
  'policy',
  'trial',
  'machines',
  'share',
  'bound',
  'gap',
  'pending',
  'packings',
  'anomalies',
  'next_smaller_fails',
]

/** compaction.csv: a row a trial; no machines where the whole cell held too little. */
export function trialsCsv(results: readonly TrialResult[], cell: CompactedCell): string {
  const rows = results.map((result): Cell[] => {
    const { policy, trial, machines, bound, pending, packings, anomalies, message } = result
    const share = machines === undefined ? undefined : machines / cell.machines
    const gap = machines === undefined ? undefined : machines / bound - 1
    return [policy, trial, machines, share, bound, gap, pending, packings, anomalies, message]
  })
  return csvText([TRIAL_COLUMNS, ...rows])
}

const POLICY_COLUMNS = [
  'policy',
  'trials',
  'machines_mean',
  'machines_low',
  'machines_high',
  'machines_min',
  'machines_p90',
  'machines_max',
  'share_p90',
  'gap_mean',
  'gap_low',
  'gap_high',
  'difference',
  'difference_low',
  'difference_high',
]

/** policies.csv: a row a policy, with 95 % intervals, and differences from the first, order by order. */
export function policiesCsv(policies: readonly PolicyCompaction[], cell: CompactedCell): string {
  const rows = policies.map(({ policy, machines, p90, gap, difference }): Cell[] => [
    policy,
    machines?.count ?? 0,
    ...meanAndEnds(machines),
    machines?.min,
    p90,
    machines?.max,
    p90 === undefined ? undefined : p90 / cell.machines,
    ...meanAndEnds(gap),
    ...meanAndEnds(difference),
  ])
  return csvText([POLICY_COLUMNS, ...rows])
}

function meanAndEnds(interval: MeanInterval | undefined): Cell[] {
  if (interval === undefined) return [undefined, undefined, undefined]
  const { mean, halfWidth } = interval
  if (halfWidth === undefined) return [mean, undefined, undefined]
  return [mean, mean - halfWidth, mean + halfWidth]
}
