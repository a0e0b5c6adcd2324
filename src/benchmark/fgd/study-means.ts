import { meanInterval } from '../../report/statistics.ts'
import { ARRIVED_MAX, MEASURES } from './arrival-series.ts'
import type { ArrivalSeries, Measure } from './arrival-series.ts'
import type { Published, Spread } from './published.ts'
import type { StudyResult, StudyUnit } from './study-run.ts'

/** Between two loads that means are told of, in percent. */
const STEP = 5

/** Half of the last place that published means and deviations have: what differs by less is equal. */
const ROUNDING = 0.0005

/** Last place of the published cells of single runs. */
const LAST_PLACE = 0.01

/** A run that is done. */
export interface StudyRun {
  readonly unit: StudyUnit
  readonly result: StudyResult
}

/** A measure over the seeds, beside what was published. */
export interface MeasureMean extends Spread {
  readonly published: Spread | undefined
  /** Difference of the means in published standard deviations; undefined where there are none, or they are 0. */
  readonly deviation: number | undefined
}

/** All measures of a workload and policy at a load, over its seeds. */
export interface StudyMean {
  readonly workload: string
  readonly policy: string
  /** Percent of all GPUs. */
  readonly arrived: number
  readonly seeds: number
  readonly measures: Readonly<Record<Measure, MeasureMean | undefined>>
}

/** How many runs have exactly the published series. */
export interface RunAgreement {
  /** Runs whose series were published. */
  readonly published: number
  /** Those of them with all cells as published, to their last place. */
  readonly equal: number
}

/** The runs of each workload and policy, in the order of the runs. */
export function groupRuns(runs: readonly StudyRun[]): readonly (readonly StudyRun[])[] {
  const groups = new Map<string, StudyRun[]>()
  for (const run of runs) {
    const key = `${run.unit.workload}/${run.unit.policy}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [run])
    else group.push(run)
  }
  return [...groups.values()]
}

/** Means of the runs of one workload and policy at every fifth percent of arrived load. */
export function studyMeans(runs: readonly StudyRun[], published: Published): readonly StudyMean[] {
  const [first] = runs
  if (first === undefined) return []
  const { workload, policy } = first.unit
  return Array.from({ length: ARRIVED_MAX / STEP + 1 }, (_, step): StudyMean => {
    const arrived = step * STEP
    const of = (measure: Measure): MeasureMean | undefined => {
      const values = runs.flatMap(({ result }) => result.series[measure][arrived] ?? [])
      const interval = meanInterval(values)
      if (interval === undefined) return undefined
      const spread = { mean: interval.mean, sd: interval.deviation ?? 0 }
      return beside(spread, published.at({ workload, policy, arrived }, measure))
    }
    const measures = {
      alloc_pct: of('alloc_pct'),
      frag_amount_pct: of('frag_amount_pct'),
      frag_ratio_pct: of('frag_ratio_pct'),
    }
    return { workload, policy, arrived, seeds: runs.length, measures }
  })
}

function beside(spread: Spread, published: Spread | undefined): MeasureMean {
  if (published === undefined) return { ...spread, published, deviation: undefined }
  const difference = spread.mean - published.mean
  if (Math.abs(difference) <= ROUNDING) return { ...spread, published, deviation: 0 }
  return { ...spread, published, deviation: published.sd === 0 ? undefined : difference / published.sd }
}

/** How many of the runs are those that were published, cell by cell to the last place. */
export function agreementOf(runs: readonly StudyRun[], published: Published): RunAgreement {
  let known = 0
  let equal = 0
  for (const { unit, result } of runs) {
    const cells = MEASURES.map((measure) => published.cells(unit, measure))
    if (cells.includes(undefined)) continue
    known += 1
    if (MEASURES.every((measure, index) => isEqual(result.series, measure, cells[index] ?? []))) equal += 1
  }
  return { published: known, equal }
}

/**
 * Whether the cells are the published ones to the last of their two places. The authors add the values of a cell up in another
 * order, and means end in 5 often: which way those are rounded hangs on the last bits of the sum.
 */
function isEqual(series: ArrivalSeries, measure: Measure, cells: readonly (number | undefined)[]): boolean {
  return series[measure].every((value, arrived) => {
    const expected = cells[arrived]
    if (value === undefined || expected === undefined) return value === expected
    return Math.abs(value - expected) < 1.1 * LAST_PLACE
  })
}
