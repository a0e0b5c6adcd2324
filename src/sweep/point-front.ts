import type { MetricSample } from './metric-samples.ts'
import { paretoFront } from './pareto.ts'
import type { ParetoMetric } from './pareto.ts'
import type { PointOutcome } from './run-sweep.ts'

/** The points of a sweep by the metrics that they are judged by. */
export interface PointFront {
  readonly metrics: readonly ParetoMetric[]
  /** Whole points that have a value of each of the metrics. */
  readonly points: readonly FrontPoint[]
}

/** A point with the means of the metrics over its seeds, in their order. */
export interface FrontPoint {
  readonly outcome: PointOutcome
  readonly values: readonly number[]
  readonly isOnFront: boolean
}

/** Metrics of which more is better. */
const BETTER_MORE: ReadonlySet<string> = new Set([
  'availability',
  'pods_scheduled',
  'pods_succeeded',
  'cpu_requested_mean',
  'memory_requested_mean',
  'gpu_requested_mean',
])

/** A metric to judge by with the better end, where that is not said. */
export function paretoMetric(metric: string, better?: ParetoMetric['better']): ParetoMetric {
  return { metric, better: better ?? (BETTER_MORE.has(metric) ? 'more' : 'less') }
}

/**
 * The front of a sweep: by the metrics asked for, else by cost (node hours where nothing has a price), time spent pending and
 * availability, as far as points differ in them. A point with failed or missing runs is left out: its mean is of other chance.
 */
export function pointFront(
  outcomes: readonly PointOutcome[],
  asked: readonly ParetoMetric[] | undefined,
): PointFront {
  const whole = outcomes.filter(({ isWhole }) => isWhole)
  const metrics = asked ?? defaultMetrics(whole)
  const rows = whole.flatMap((outcome) => {
    const values = metrics.flatMap(({ metric }) => meanAt(outcome, metric) ?? [])
    return values.length === metrics.length ? [{ outcome, values }] : []
  })
  const onFront = paretoFront(
    rows.map(({ values }) => values),
    metrics,
  )
  return { metrics, points: rows.map((row, index) => ({ ...row, isOnFront: onFront[index] === true })) }
}

function defaultMetrics(outcomes: readonly PointOutcome[]): readonly ParetoMetric[] {
  const varies = (metric: string): boolean =>
    new Set(outcomes.map((outcome) => meanAt(outcome, metric)).filter((mean) => mean !== undefined)).size > 1
  const price = varies('cost') ? 'cost' : 'node_hours'
  return [price, 'pending_area_pod_s', 'availability'].filter(varies).map((metric) => paretoMetric(metric))
}

/** The mean of a metric over the seeds of a point; undefined where there was nothing to measure. */
export function meanAt(outcome: PointOutcome, metric: string): number | undefined {
  return sampleAt(outcome, metric)?.interval?.mean
}

/** A metric over the seeds of a point; undefined for one that it does not have. */
export function sampleAt({ samples }: PointOutcome, metric: string): MetricSample | undefined {
  return samples.find(({ name }) => name === metric)
}
