import { tableRows } from './table-rows.ts'

/** A metric of the summary in both runs; undefined in a run that does not have it, or where it has no value. */
export interface MetricPair {
  readonly metric: string
  readonly unit: string
  readonly a: number | undefined
  readonly b: number | undefined
}

/** The metrics of two runs side by side, in the order of the first, then what only the second has. */
export function metricPairs(a: string, b: string): readonly MetricPair[] {
  const first = metricsOf(a)
  const second = metricsOf(b)
  const names = [...new Set([...first.keys(), ...second.keys()])]
  return names.map((metric) => ({
    metric,
    unit: (first.get(metric) ?? second.get(metric))?.unit ?? '',
    a: first.get(metric)?.value,
    b: second.get(metric)?.value,
  }))
}

function metricsOf(
  directory: string,
): ReadonlyMap<string, { readonly value: number | undefined; readonly unit: string }> {
  const metrics = new Map<string, { readonly value: number | undefined; readonly unit: string }>()
  for (const row of tableRows(directory, 'summary.csv')) {
    const text = row('value')
    metrics.set(row('metric'), { value: text === '' ? undefined : Number(text), unit: row('unit') })
  }
  return metrics
}
