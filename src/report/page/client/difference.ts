import type { ComparedCell, ComparedMetric, ComparisonView } from '../report-data.ts'

/** Whether a difference is clear of chance: its 95 % interval leaves out 0. */
export function isClear({ difference, differenceLow, differenceHigh }: ComparedCell): boolean {
  if (difference === undefined || differenceLow === undefined || differenceHigh === undefined) return false
  return differenceLow > 0 || differenceHigh < 0
}

/** Whether a scenario has another value than the first, in any seed that is told apart. */
export function differs({ cells: [first, ...others] }: ComparedMetric): boolean {
  return others.some(
    (cell) =>
      cell.mean !== first?.mean || (cell.differenceLow ?? 0) !== 0 || (cell.differenceHigh ?? 0) !== 0,
  )
}

/** Whether there were seeds enough to tell differences from chance. */
export function hasIntervals({ metrics }: ComparisonView): boolean {
  return metrics.some(({ cells }) => cells.some(({ differenceLow }) => differenceLow !== undefined))
}

/** Metrics that differ: those with a clear difference first, each kind in the order of the summary. */
export function differingMetrics({ metrics }: ComparisonView): readonly ComparedMetric[] {
  const differing = metrics.filter(differs)
  const clear = differing.filter(({ cells }) => cells.some(isClear))
  return [...clear, ...differing.filter((metric) => !clear.includes(metric))]
}
