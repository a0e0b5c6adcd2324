import { meanInterval } from '../../statistics.ts'
import type { MeanInterval } from '../../statistics.ts'
import type {
  ComparedCell,
  ComparedMetric,
  ComparisonView,
  ParetoView,
  ReportData,
  RunView,
} from '../report-data.ts'
import { comparedCharts } from './compared-charts.ts'
import { runView } from './run-view.ts'

/** One metric of a scenario over seeds: what `MetricSample` of a sweep holds, as plain data. */
export interface ComparedSample {
  readonly name: string
  readonly label: string
  readonly unit: string
  /** By seed; undefined where there was nothing to measure. */
  readonly values: readonly (number | undefined)[]
}

/** A scenario, policy or point of a sweep. */
export interface ComparedRuns {
  readonly name: string
  readonly samples: readonly ComparedSample[]
  /** Of its runs, by seed; none where the runs left no files. */
  readonly directories: readonly string[]
}

/** What a comparison is made from. */
export interface Comparison {
  readonly title: string
  /** Version of stowage that makes the page. */
  readonly version: string
  /** The one that all are compared with first. */
  readonly scenarios: readonly ComparedRuns[]
  readonly seeds: readonly number[]
  readonly pareto?: ParetoView
}

/** Runs that are shown each for itself; of more only the first ones are. */
export const SHOWN_RUNS_MAX = 12
/** Runs beside each other with their nodes and pods. */
const CLUSTERS_MAX = 2

/**
 * The page of scenarios beside each other: metrics with 95 % intervals and the differences from the first, seed by seed; lines
 * over time; and of each that left files its first run.
 */
export async function comparisonReport({
  title,
  version,
  scenarios,
  seeds,
  pareto,
}: Comparison): Promise<ReportData> {
  const withFiles = scenarios.filter(({ directories }) => directories.length > 0)
  const cluster = withFiles.length <= CLUSTERS_MAX
  const comparison: ComparisonView = {
    scenarios: scenarios.map(({ name }) => name),
    seeds,
    metrics: comparedMetrics(scenarios),
    charts: await comparedCharts(withFiles),
    ...(pareto === undefined ? {} : { pareto }),
  }
  const runs: RunView[] = []
  // One after another, so that the tables of one run are in memory at a time.
  for (const { name, directories } of withFiles.slice(0, SHOWN_RUNS_MAX)) {
    runs.push(await runView(directories[0] ?? '', name, { cluster }))
  }
  return { format: 1, title, version, runs, comparison }
}

function comparedMetrics(scenarios: readonly ComparedRuns[]): readonly ComparedMetric[] {
  const samples = scenarios.map(({ samples: own }) => new Map(own.map((sample) => [sample.name, sample])))
  const all = new Map(
    scenarios.flatMap(({ samples: own }) => own.map((sample) => [sample.name, sample] as const)),
  )
  return [...all.values()].map(({ name, label, unit }) => ({
    name,
    label,
    unit,
    cells: samples.map((own, index) =>
      comparedCell(own.get(name), index === 0 ? undefined : samples[0]?.get(name)),
    ),
  }))
}

function comparedCell(sample: ComparedSample | undefined, first: ComparedSample | undefined): ComparedCell {
  const interval = intervalOf(sample?.values ?? [])
  const difference = intervalOf(
    first === undefined || sample === undefined
      ? []
      : sample.values.map((value, seed) => {
          const other = first.values[seed]
          return value === undefined || other === undefined ? undefined : value - other
        }),
  )
  return {
    ...(interval === undefined ? {} : { mean: interval.mean, ...endsOf(interval) }),
    ...(difference === undefined ? {} : differenceOf(difference)),
  }
}

function intervalOf(values: readonly (number | undefined)[]): MeanInterval | undefined {
  return meanInterval(values.filter((value) => value !== undefined))
}

/** Ends of the interval of a mean; none of one value, which says nothing of chance. */
function endsOf({ mean, halfWidth }: MeanInterval): Pick<ComparedCell, 'low' | 'high'> {
  return halfWidth === undefined ? {} : { low: mean - halfWidth, high: mean + halfWidth }
}

function differenceOf(interval: MeanInterval): Partial<ComparedCell> {
  const { low, high } = endsOf(interval)
  if (low === undefined || high === undefined) return { difference: interval.mean }
  return { difference: interval.mean, differenceLow: low, differenceHigh: high }
}
