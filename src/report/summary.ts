import { METRICS } from './metrics.ts'
import type { Metric } from './metric.ts'
import type { RunMeasures } from './run-measures.ts'

/** All that a run comes to, in numbers, in a fixed order. */
export interface Summary {
  readonly metrics: readonly Metric[]
}

/** Value of a metric of the summary by name; undefined when there is none. */
export function metricValue(summary: Summary, name: string): number | undefined {
  return summary.metrics.find((metric) => metric.name === name)?.value
}

/**
 * Takes the metrics from what was measured: the fixed ones, and one for each plugin, class and cause that
 * occurred.
 */
export function summarize(measures: RunMeasures): Summary {
  const metrics = METRICS.flatMap((definition) => {
    const { name, unit, section, label, statistic = '' } = definition
    const fixed: Metric = { name, unit, section, label, statistic, value: definition.value(measures) }
    return definition.parts === undefined
      ? [fixed]
      : [fixed, ...partsOf(fixed, definition.parts(measures), definition.partWords)]
  })
  return { metrics }
}

/** Metrics `whole_by_part`, in order of the parts' names. */
function partsOf(
  whole: Metric,
  parts: ReadonlyMap<string, number>,
  words?: (part: string) => string,
): readonly Metric[] {
  const sorted = [...parts].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return sorted.map(([part, value]) => {
    return {
      ...whole,
      name: `${whole.name}_by_${part}`,
      label: `${whole.label}: ${part}`,
      statistic: '',
      value,
      ...(words === undefined ? {} : { shareWords: words(part) }),
    }
  })
}
