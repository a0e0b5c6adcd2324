import { requiredRows } from '../table/read-table.ts'

/** A metric of the summary in both runs; undefined in a run that does not have it, or where it has no value. */
export interface MetricPair {
  readonly metric: string
  readonly unit: string
  readonly a: number | undefined
  readonly b: number | undefined
}

/** The metrics of two runs side by side, in the order of the first, then what only the second has. */
export async function metricPairs(a: string, b: string): Promise<readonly MetricPair[]> {
  const first = await metricsOf(a)
  const second = await metricsOf(b)
  const names = [...new Set([...first.keys(), ...second.keys()])]
  return names.map((metric) => ({
    metric,
    unit: (first.get(metric) ?? second.get(metric))?.unit ?? '',
    a: first.get(metric)?.value,
    b: second.get(metric)?.value,
  }))
}

type MetricValue = Pick<MetricPair, 'unit'> & { readonly value: number | undefined }

async function metricsOf(directory: string): Promise<ReadonlyMap<string, MetricValue>> {
  const rows = await requiredRows(directory, 'summary.csv')
  return new Map(
    rows.map(({ metric, value, unit }) => [
      metric,
      { value: value === '' ? undefined : Number(value), unit },
    ]),
  )
}
