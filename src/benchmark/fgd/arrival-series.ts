/** Highest load that the series tell of, in percent of all GPUs. */
export const ARRIVED_MAX = 130

/** What is told of the cluster, in the order of the columns. */
export const MEASURES = ['alloc_pct', 'frag_amount_pct', 'frag_ratio_pct'] as const

/** One of them. */
export type Measure = (typeof MEASURES)[number]

/** A measure at each whole percent of arrived load from 0 to `ARRIVED_MAX`; undefined where no pod arrived near it. */
export type ArrivalCells = readonly (number | undefined)[]

/** The measures of a run. */
export type ArrivalSeries = Readonly<Record<Measure, ArrivalCells>>

/** The cluster after a pod has arrived, whether or not it was placed; all in thousandths of a GPU. */
export interface ArrivalEvent {
  readonly arrived: number
  readonly allocated: number
  readonly fragmented: number
}

/**
 * Measures of a run by the load that has arrived, as the study publishes them: the mean over the events whose load rounds to
 * the percent, or, where there are none, to the percent before or after it.
 *
 * Loads, allocation and fragmentation are in percent of all GPUs, the ratio in percent of the free ones. Values are rounded as
 * the authors' log and scripts round them: to two places at each event, allocation and amount again as a mean.
 * Source: hkust-adsl/kubernetes-scheduler-simulator, experiments/analysis/merge_*_discrete.py.
 */
export function arrivalSeries(events: readonly ArrivalEvent[], capacity: number): ArrivalSeries {
  const gpus = capacity / 1000
  const sums = Array.from({ length: ARRIVED_MAX + 2 }, () => new Float64Array(4))
  for (const { arrived, allocated, fragmented } of events) {
    const sum = sums[roundHalfEven(arrived / gpus / 10)]
    if (sum === undefined) continue
    const free = capacity - allocated
    sum[0] = (sum[0] ?? 0) + 1
    sum[1] = (sum[1] ?? 0) + Number((allocated / gpus / 10).toFixed(2))
    sum[2] = (sum[2] ?? 0) + Number(fragmented.toFixed(2))
    sum[3] = (sum[3] ?? 0) + (free === 0 ? 0 : Number(((100 * fragmented) / free).toFixed(2)))
  }
  const means = Array.from({ length: ARRIVED_MAX + 1 }, (_, percent) => {
    const here = [sums[percent]]
    return meansOf((sums[percent]?.[0] ?? 0) > 0 ? here : [sums[percent - 1], sums[percent + 1]])
  })
  return {
    alloc_pct: means.map((mean) => mean && roundHalfEven(mean[0] * 100) / 100),
    frag_amount_pct: means.map((mean) => mean && roundHalfEven(((100 * mean[1]) / 1000 / gpus) * 100) / 100),
    frag_ratio_pct: means.map((mean) => mean?.[2]),
  }
}

function meansOf(sums: readonly (Float64Array | undefined)[]): readonly [number, number, number] | undefined {
  const total = (place: number): number => sums.reduce((sum, one) => sum + (one?.[place] ?? 0), 0)
  const count = total(0)
  return count === 0 ? undefined : [total(1) / count, total(2) / count, total(3) / count]
}

/** To the nearest integer, halves to the even one. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}
