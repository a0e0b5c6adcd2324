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

/** Metrics with a clear difference first, each kind in the order that it is given in. */
export function clearFirst(metrics: readonly ComparedMetric[]): readonly ComparedMetric[] {
  const clear = metrics.filter(({ cells }) => cells.some(isClear))
  return [...clear, ...metrics.filter((metric) => !clear.includes(metric))]
}

/** Units that are spelled otherwise than in tables. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  pod_s: 'pods × s',
  cpu_s: 'cores × s',
  node_h: 'nodes × h',
}

/** The unit of a metric as it stands behind the label; nothing where the label says it. */
export function unitWords({ label, unit }: ComparedMetric): string {
  const words = unit.replaceAll('_', ' ')
  const isSaid = unit === '' || unit === 'count' || ` ${label.replaceAll(',', '')} `.includes(` ${words} `)
  return isSaid ? '' : ` ${UNIT_WORDS[unit] ?? words}`
}
