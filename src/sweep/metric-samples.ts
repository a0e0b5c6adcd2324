import { meanInterval } from '../report/statistics.ts'
import type { MeanInterval } from '../report/statistics.ts'
import type { UnitMetric, UnitResult } from './run-unit.ts'

/** One metric over the runs of a scenario with several seeds. */
export interface MetricSample {
  readonly name: string
  readonly unit: string
  readonly label: string
  /** By run, in the order of the seeds; undefined where there was nothing to measure. */
  readonly values: readonly (number | undefined)[]
  /** Over the values that are there; undefined when there is none. */
  readonly interval: MeanInterval | undefined
}

/**
 * Every metric that some run has, in the order of the summary. A metric of a part (`evictions_by_CAUSE`) that did not occur in a
 * run is 0 there; one with nothing to measure is no value.
 */
export function metricSamples(results: readonly UnitResult[]): readonly MetricSample[] {
  return metricsOf(results).map(({ name, unit, label }) => {
    const values = results.map(({ metrics }) => {
      const found = metrics.find((metric) => metric.name === name)
      return found === undefined ? 0 : found.value
    })
    return { name, unit, label, values, interval: meanInterval(present(values)) }
  })
}

/** The metrics of all runs, each once: those that only a later run has come after what precedes them there. */
function metricsOf(results: readonly UnitResult[]): readonly UnitMetric[] {
  const names = new Set<string>()
  let merged: UnitMetric[] = []
  for (const { metrics } of results) {
    const known = new Map(merged.map((metric) => [metric.name, metric]))
    const inserted = new Map<string | undefined, UnitMetric[]>()
    let before: string | undefined
    for (const metric of metrics) {
      if (known.has(metric.name)) before = metric.name
      else if (!names.has(metric.name)) {
        inserted.set(before, [...(inserted.get(before) ?? []), metric])
      }
      names.add(metric.name)
    }
    merged = [
      ...(inserted.get(undefined) ?? []),
      ...merged.flatMap((metric) => [metric, ...(inserted.get(metric.name) ?? [])]),
    ]
  }
  return merged
}

/**
 * Differences of a metric between two scenarios, seed by seed, of the seeds where both have a value: what chance does to both
 * alike falls out.
 */
export function differencesOf(sample: MetricSample, first: MetricSample | undefined): readonly number[] {
  return present(
    sample.values.map((value, index) => {
      const other = first?.values[index]
      return value === undefined || other === undefined ? undefined : value - other
    }),
  )
}

function present(values: readonly (number | undefined)[]): readonly number[] {
  return values.filter((value) => value !== undefined)
}
