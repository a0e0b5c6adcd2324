import { numberText } from '../report/number-text.ts'
import type { MeanInterval } from '../report/statistics.ts'
import type { MetricSample } from '../sweep/metric-samples.ts'
import { textTable } from './text-table.ts'
import type { TextCell } from './text-table.ts'

/** The means of one scenario for people: a line a metric that some run has a value of. */
export function seedsText(name: string, samples: readonly MetricSample[], runs: number): string {
  const rows = samples.flatMap(({ name: metric, unit, interval }): TextCell[][] => {
    if (interval === undefined) return []
    const { mean, deviation, halfWidth, min, max } = interval
    return [[metric, unit, digits(mean), digits(halfWidth), digits(deviation), digits(min), digits(max)]]
  })
  const heads = ['metric', 'unit', 'mean', '± 95 %', 'deviation', 'min', 'max']
  return `${[`${name}: ${counted(runs)}`, '', ...textTable(heads, rows)].join('\n')}\n`
}

/** `1 run`, `3 runs`. */
export function counted(runs: number): string {
  return runs === 1 ? '1 run' : `${runs} runs`
}

/** A mean, and half the length of its interval. */
export function meanCells(interval: MeanInterval | undefined): TextCell[] {
  return [digits(interval?.mean), digits(interval?.halfWidth)]
}

/** Five digits that matter, and whole numbers whole: as a number, so that it is put to the right. */
export function digits(value: number | undefined): TextCell {
  if (value === undefined) return '-'
  const rounded = Math.abs(value) >= 1e5 ? Math.round(value) : Number(value.toPrecision(5))
  const text = numberText(rounded)
  return Number(text)
}
