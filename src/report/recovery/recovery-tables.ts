import type { Micros } from '../../base/time.ts'
import type { NodeRow } from '../../cluster/rows.ts'
import type { Cell, CsvTable } from '../csv.ts'
import { secondsText } from '../number-text.ts'
import type { ExactStatistics } from '../statistics.ts'
import type { WorkloadGroup } from '../workload-groups.ts'
import { STEPS, greatestLimit } from './failure-outcome.ts'
import type { FailureOutcome, StepTimes, WorkloadRecovery } from './failure-outcome.ts'
import type { ClosedFailure } from './recovery-recorder.ts'

/** Millicores times microseconds in a cpu second. */
const WORK_IN_CPU_SECOND = 1e9

/** The tables of recoveries besides failures.csv. */
export interface RecoveryTables {
  readonly workloads: CsvTable
  readonly steps: CsvTable
  readonly limits: CsvTable
}

/** Writes failures.csv: a row for each failure, in order of their numbers. */
export function writeFailures(
  table: CsvTable,
  failures: readonly ClosedFailure[],
  nameOf: (node: NodeRow) => string,
): void {
  for (const failure of failures) {
    const { record } = failure
    const [first] = record.nodes
    table.row([
      record.id,
      record.model,
      record.target ?? '',
      record.effect?.kind ?? 'down',
      record.nodes.length,
      first === undefined ? '' : nameOf(first),
      secondsText(record.startedAt),
      secondsText(failure.detectedAt),
      secondsText(failure.firstEvictedAt),
      secondsText(failure.lastEvictedAt),
      secondsText(failure.lastRescheduledAt),
      secondsText(failure.lastRunningAt),
      secondsText(failure.lastReadyAt),
      secondsText(record.endedAt),
      failure.lost,
      failure.open,
      ...workCells(failure),
      secondsText(failure.lostTime),
      failure.pendingPeak,
      secondsText(failure.pendingTime),
      secondsText(failure.violatedTime),
      failure.blockedEvictions,
      secondsText(failure.splitBrain),
      failure.waits.writes,
      secondsText(failure.waits.time),
      ...costCells(failure),
      ...limitCells(failure),
    ])
  }
}

/** Writes recovery.csv, recovery_steps.csv and recovery_limits.csv: rows for each failure that took replicas. */
export function writeRecoveries(
  tables: RecoveryTables,
  failures: readonly FailureOutcome[],
  workloadOf: (group: number) => Pick<WorkloadGroup, 'namespace' | 'kind' | 'name'>,
): void {
  for (const failure of failures) {
    const { id } = failure.record
    for (const step of STEPS) writeStep(tables.steps, [id, step], failure.steps[step])
    for (const workload of failure.workloads) {
      const { namespace, kind, name } = workloadOf(workload.group)
      const cells = [id, namespace, kind, name]
      tables.workloads.row([...cells, ...workloadCells(workload)])
      for (const [cause, time] of workload.limits) {
        tables.limits.row([...cells, cause, secondsText(time), time / failure.lostTime])
      }
    }
  }
}

function writeStep(table: CsvTable, cells: readonly Cell[], times: ExactStatistics | undefined): void {
  if (times === undefined) return
  const { count, min, p50, p90, p99, max } = times
  table.row([...cells, count, ...[min, p50, p90, p99, max].map(spanText)])
}

function workloadCells(workload: WorkloadRecovery): readonly Cell[] {
  const { wanted, lost, open, availableMin, steps } = workload
  return [
    wanted,
    lost,
    open,
    availableMin,
    wanted === 0 ? undefined : availableMin / wanted,
    ...stepCells(steps),
    open > 0 ? undefined : spanText(steps.ready?.max),
    secondsText(workload.lostTime),
    ...workCells(workload),
    secondsText(workload.violatedTime),
    workload.blockedEvictions,
    ...limitCells(workload),
  ]
}

/** Median and last of each step that a replica takes. */
function stepCells(steps: StepTimes): readonly Cell[] {
  const shown = [steps.detected, steps.evicted, steps.rescheduled, steps.running, steps.ready]
  return shown.flatMap((times) => [spanText(times?.p50), spanText(times?.max)])
}

function workCells(sums: { readonly lostWork: number; readonly redoneWork: number }): readonly Cell[] {
  return [sums.lostWork / WORK_IN_CPU_SECOND, sums.redoneWork / WORK_IN_CPU_SECOND]
}

function costCells({ costs }: ClosedFailure): readonly Cell[] {
  const { stopped, podTime, rolledBack, shortage, restarts } = costs
  return [secondsText(stopped), secondsText(podTime), rolledBack, secondsText(shortage), restarts]
}

function limitCells({ limits, lostTime }: Pick<FailureOutcome, 'limits' | 'lostTime'>): readonly Cell[] {
  const limit = greatestLimit(limits)
  return limit === undefined ? [undefined, undefined] : [limit.cause, limit.time / lostTime]
}

/** Quantiles may lie between two microseconds. */
function spanText(span: Micros | undefined): string | undefined {
  return span === undefined ? undefined : secondsText(Math.round(span))
}
