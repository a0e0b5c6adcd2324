import { csvText } from '../report/csv.ts'
import type { Cell } from '../report/csv.ts'
import type { MeanInterval } from '../report/statistics.ts'
import { pairedDifference } from './metric-samples.ts'
import type { MetricSample } from './metric-samples.ts'

/** The runs of one scenario of a comparison. */
export interface ComparedScenario {
  readonly name: string
  readonly samples: readonly MetricSample[]
}

const STATISTICS = ['count', 'mean', 'deviation', 'low', 'high', 'min', 'max'] as const
const INTERVAL_COLUMNS = ['runs', 'mean', 'standard_deviation', 'interval_low', 'interval_high', 'min', 'max']

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

/**
 * compare.csv: a row a metric and scenario, with the differences from the first scenario, seed by seed. Metrics that only some
 * scenarios have are rows of these.
 */
export function compareCsv(scenarios: readonly ComparedScenario[]): string {
  const rows = metricNames(scenarios).flatMap((metric) =>
    scenarios.flatMap(({ name, samples }, index): Cell[][] => {
      const sample = sampleNamed(samples, metric)
      if (sample === undefined) return []
      const first = index === 0 ? undefined : sampleNamed(scenarios[0]?.samples ?? [], metric)
      const { mean, halfWidth } = pairedDifference(sample, first) ?? {}
      return [
        [metric, sample.unit, name, ...intervalCells(sample.interval), mean, ...endsOf(mean, halfWidth)],
      ]
    }),
  )
  const columns = ['metric', 'unit', 'scenario', ...INTERVAL_COLUMNS]
  return csvText([[...columns, 'difference', 'difference_low', 'difference_high'], ...rows])
}

/** Names of the metrics of all scenarios, each once, in order of the summaries. */
export function metricNames(scenarios: readonly ComparedScenario[]): readonly string[] {
  return [...new Set(scenarios.flatMap(({ samples }) => samples.map(({ name }) => name)))]
}

/** The sample of a metric; undefined for a scenario without it. */
export function sampleNamed(samples: readonly MetricSample[], name: string): MetricSample | undefined {
  return samples.find((sample) => sample.name === name)
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
