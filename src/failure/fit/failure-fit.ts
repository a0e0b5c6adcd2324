import { DAY, HOUR } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { SystemHistory } from './failure-history.ts'
import { fitSample } from './sample-fit.ts'
import type { SampleFit } from './sample-fit.ts'

/** A year of 365.25 days, which failures a year are counted by. */
export const YEAR: Micros = 365.25 * DAY

/** What is known of the failures of a system, or of several together. Spans in hours. */
export interface FailureFit {
  /** Its name in the trace; `all` for several together. */
  readonly system: string
  /** Machines that failed at least once; 0 where the trace tells shares of machines. */
  readonly machines: number
  readonly records: number
  /** From the first failure to the last; of several systems, the sum. */
  readonly years: number
  readonly perYear: number
  readonly causes: ReadonlyMap<string, number>
  /** Mean share of all machines that fail at once; undefined where the trace names machines. */
  readonly meanShare: number | undefined
  /** From one failure of the system to the next, on any machine. */
  readonly timeBetweenFailures: SampleFit
  /** From one failure of a machine to its next, all machines together. */
  readonly perMachine: SampleFit
  readonly repair: SampleFit
  /**
   * Hours that a machine has between its failures on average when every machine is there from the first failure to the last:
   * longer than the mean of `perMachine`, which does not see the time before a machine's first failure and after its last.
   */
  readonly machineHoursPerFailure: number | undefined
}

/** Fits the failures of a system. */
export function fitSystem(history: SystemHistory): FailureFit {
  return fitTogether(history.system, [history])
}

/** Fits the failures of several systems together: spans between failures are those within each. */
export function fitTogether(system: string, histories: readonly SystemHistory[]): FailureFit {
  const records = sum(histories.map(({ starts }) => starts.length))
  const years = sum(histories.map(yearsOf))
  const machines = sum(histories.map((history) => history.machines.size))
  const machineHours = sum(histories.map(machineHoursOf))
  const shares = histories.flatMap(({ meanShare, starts }) =>
    meanShare === undefined ? [] : [meanShare * starts.length],
  )
  return {
    system,
    machines,
    records,
    years,
    perYear: years === 0 ? 0 : records / years,
    causes: causesOf(histories),
    meanShare: shares.length === 0 ? undefined : sum(shares) / records,
    timeBetweenFailures: fitSample(histories.flatMap(({ starts }) => gapHours(starts))),
    perMachine: fitSample(histories.flatMap((history) => [...history.machines.values()].flatMap(gapHours))),
    repair: fitSample(histories.flatMap(({ repairHours }) => repairHours)),
    machineHoursPerFailure:
      records === 0 || machineHours === 0 ? undefined : machineHours / hitsOf(histories),
  }
}

function yearsOf({ starts }: SystemHistory): number {
  return ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / YEAR
}

/** Hours that all machines of a system were watched; of one machine where they are not known. */
function machineHoursOf(history: SystemHistory): number {
  return (yearsOf(history) * YEAR * Math.max(1, history.machines.size)) / HOUR
}

/** How often machines failed; where shares of machines fail, how often one of them did. */
function hitsOf(histories: readonly SystemHistory[]): number {
  return sum(histories.map(({ starts, meanShare }) => starts.length * (meanShare ?? 1)))
}

function gapHours(starts: readonly Micros[]): number[] {
  return starts.slice(1).map((start, index) => (start - (starts[index] ?? 0)) / HOUR)
}

function causesOf(histories: readonly SystemHistory[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { causes } of histories) {
    for (const [cause, count] of causes) counts.set(cause, (counts.get(cause) ?? 0) + count)
  }
  return new Map(
    [...counts].toSorted(([one, count], [other, more]) => more - count || (one < other ? -1 : 1)),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
