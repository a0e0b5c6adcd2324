import { csvText } from '../report/csv.ts'
import type { Cell } from '../report/csv.ts'
import type { MeanInterval } from '../report/statistics.ts'
import type { ComparedScenario, MetricComparison } from './comparison.ts'
import type { MetricSample } from './metric-samples.ts'

const STATISTICS = ['count', 'mean', 'deviation', 'low', 'high', 'min', 'max'] as const
const INTERVAL_COLUMNS = ['runs', 'mean', 'standard_deviation', 'interval_low', 'interval_high', 'min', 'max']
const DIFFERENCE_COLUMNS = ['difference', 'difference_low', 'difference_high', 'p_value', 'p_adjusted']

/** A run of several that failed, and why. */
export interface FailedRun {
  readonly scenario: string
  readonly seed: number
  /** Name of the error. */
  readonly error: string
  readonly message: string
}

/** seeds.csv: a row a metric, over the runs that could measure it. */
export function seedsCsv(samples: readonly MetricSample[]): string {
  const rows = samples.map(({ name, unit, interval }) => [name, unit, ...intervalCells(interval)])
  return csvText([['metric', 'unit', ...INTERVAL_COLUMNS], ...rows])
}

/** runs.csv: a row a scenario, seed and metric, as each run's summary has it. */
export function runsCsv(scenarios: readonly ComparedScenario[], seeds: readonly number[]): string {
  const rows = scenarios.flatMap(({ name, samples }) =>
    seeds.flatMap((seed, index) =>
      samples.map((sample): Cell[] => [name, seed, sample.name, sample.values[index], sample.unit]),
    ),
  )
  return csvText([['scenario', 'seed', 'metric', 'value', 'unit'], ...rows])
}

/** failed.csv: a row a run that failed; its seed is left out of the other tables. */
export function failedRunsCsv(failures: readonly FailedRun[]): string {
  const rows = failures.map(({ scenario, seed, error, message }) => [scenario, seed, error, message])
  return csvText([['scenario', 'seed', 'error', 'message'], ...rows])
}

/**
 * compare.csv: a row a metric and scenario, with the differences from the first scenario, seed by seed. Metrics that only some
 * scenarios have are rows of these.
 */
export function compareCsv(names: readonly string[], metrics: readonly MetricComparison[]): string {
  const rows = metrics.flatMap(({ name, unit, cells }) =>
    cells.flatMap((cell, index): Cell[][] => {
      if (cell === undefined) return []
      const { mean, halfWidth } = cell.difference ?? {}
      const tests = [cell.pValue, cell.adjustedPValue]
      const difference = [mean, ...endsOf(mean, halfWidth), ...tests]
      return [[name, unit, names[index], ...intervalCells(cell.interval), ...difference]]
    }),
  )
  return csvText([['metric', 'unit', 'scenario', ...INTERVAL_COLUMNS, ...DIFFERENCE_COLUMNS], ...rows])
}

function intervalCells(interval: MeanInterval | undefined): Cell[] {
  if (interval === undefined) return [0, ...STATISTICS.slice(1).map(() => undefined)]
  const { count, mean, deviation, halfWidth, min, max } = interval
  return [count, mean, deviation, ...endsOf(mean, halfWidth), min, max]
}

function endsOf(mean: number | undefined, halfWidth: number | undefined): Cell[] {
  if (mean === undefined || halfWidth === undefined) return [undefined, undefined]
  return [mean - halfWidth, mean + halfWidth]
}
