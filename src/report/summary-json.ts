import { numberText } from './number-text.ts'
import type { Summary } from './summary.ts'

/**
 * summary.json: a list of `{metric, value, unit}` in the order of summary.csv; `value` is null when there is
 * none.
 */
export function summaryJson(summary: Summary): string {
  const lines = summary.metrics.map(({ name, value, unit }) => {
    const metric = JSON.stringify(name)
    const text = value === undefined ? 'null' : numberText(value)
    return `  {"metric": ${metric}, "value": ${text}, "unit": ${JSON.stringify(unit)}}`
  })
  return `[\n${lines.join(',\n')}\n]\n`
}
