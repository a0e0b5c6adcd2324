import { InputError } from '../base/errors.ts'
import { nearestWord } from '../base/nearest-word.ts'
import { METRICS } from '../report/metrics.ts'

/** What tables for people have of a summary unless other metrics are asked for: packing, waiting, recovery and cost. */
export const MAIN_METRICS: readonly string[] = [
  'pods_scheduled',
  'pods_pending_at_end',
  'pending_area_pod_s',
  'created_to_bound_s_p50',
  'created_to_bound_s_p99',
  'cpu_requested_mean',
  'memory_requested_mean',
  'gpu_requested_mean',
  'nodes_in_use_mean',
  'stranded_cpu_mean',
  'stranded_memory_mean',
  'fragmented_gpu_mean',
  'evictions',
  'preemption_victims',
  'availability',
  'node_hours',
  'cost',
]

/** The main metrics first, in their order, then the others in theirs: as a page shows them. */
export function mainFirst<Metric extends { readonly name: string }>(
  metrics: readonly Metric[],
): readonly Metric[] {
  const ranks = new Map(MAIN_METRICS.map((name, index) => [name, index]))
  const rankOf = ({ name }: Metric): number => ranks.get(name) ?? MAIN_METRICS.length
  return metrics.toSorted((one, other) => rankOf(one) - rankOf(other))
}

/** Throws `InputError` for what cannot be a metric of a summary; `evictions_by_CAUSE` may be one. */
export function checkMetric(name: string, field: string): void {
  const isKnown = METRICS.some((metric) => {
    return metric.name === name || (metric.parts !== undefined && name.startsWith(`${metric.name}_by_`))
  })
  if (isKnown) return
  const names = METRICS.map((metric) => metric.name)
  const near = names.find((known) => known.startsWith(`${name}_`)) ?? nearestWord(name, names)
  throw new InputError({
    field,
    message: `there is no metric ${name}`,
    hint: near === undefined ? 'docs/outputs.md has them all' : `did you mean ${near}?`,
  })
}
