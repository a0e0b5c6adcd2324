import { styleText } from 'node:util'
import { SECTIONS } from './metric.ts'
import type { Metric } from './metric.ts'
import { metricText } from './metric-text.ts'
import type { Summary } from './summary.ts'

const GAP = '  '
const NO_VALUE = '-'
/** Label of the line that says what the unavailability of lost replicas was spent on. */
const LIMITS = 'what limited it'
/** How many of the parts are told. */
const LIMITS_MAX = 5

/** A line of the table: a label and its values, one for each statistic. */
interface Line {
  readonly label: string
  readonly cells: readonly string[]
}

/**
 * The summary as text for people: a section a block, a label a line, values aligned; lines without any value
 * are left out.
 *
 * Shares are percentages, times have units. `colour` marks headings and labels by terminal escapes; without
 * it the text is plain. Ends with a line end.
 */
export function summaryTable(summary: Summary, options: { readonly colour: boolean }): string {
  const sections = SECTIONS.map((name) => {
    const metrics = summary.metrics.filter((metric) => metric.section === name)
    const plain = metrics.filter(({ shareWords }) => shareWords === undefined)
    return { name, lines: linesOf(plain), limits: sharesText(metrics) }
  })
  const labelWidth = Math.max(...sections.flatMap(({ lines }) => lines.map(({ label }) => label.length)))
  const paint = (style: 'bold' | 'dim', text: string): string =>
    options.colour ? styleText(style, text, { validateStream: false }) : text
  const blocks = sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ name, lines, limits }) => {
      const widths = cellWidths(lines)
      const rows = lines.map(({ label, cells }) => {
        const padded = cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join(GAP)
        return `${GAP}${paint('dim', label.padEnd(labelWidth))}${GAP}${padded}`
      })
      const shares = limits === '' ? [] : [`${GAP}${paint('dim', LIMITS.padEnd(labelWidth))}${GAP}${limits}`]
      return [paint('bold', name), ...rows, ...shares].join('\n')
    })
  return `${blocks.join('\n\n')}\n`
}

/** The greatest parts of a whole in words, with their shares of it; empty when there is nothing to share. */
function sharesText(metrics: readonly Metric[]): string {
  const parts = metrics.flatMap(({ shareWords, value = 0 }) =>
    shareWords === undefined || value === 0 ? [] : [{ shareWords, value }],
  )
  const whole = parts.reduce((sum, { value }) => sum + value, 0)
  const sorted = parts.toSorted((one, other) => other.value - one.value)
  return sorted
    .slice(0, LIMITS_MAX)
    .map(({ shareWords, value }) => `${shareWords} ${Math.round((value / whole) * 100)} %`)
    .join(', ')
}

/** Metrics that share a label become one line; order is that of the first of each. */
function linesOf(metrics: readonly Metric[]): readonly Line[] {
  const byLabel = new Map<string, Metric[]>()
  for (const metric of metrics) {
    const known = byLabel.get(metric.label)
    if (known === undefined) byLabel.set(metric.label, [metric])
    else known.push(metric)
  }
  return [...byLabel]
    .filter(([, parts]) => parts.some((part) => part.value !== undefined))
    .map(([label, parts]) => ({ label, cells: parts.map(cellOf) }))
}

function cellOf(metric: Metric): string {
  const value = metric.value === undefined ? NO_VALUE : metricText(metric.value, metric.unit)
  return metric.statistic === '' ? value : `${metric.statistic} ${value}`
}

function cellWidths(lines: readonly Line[]): readonly number[] {
  const columns = Math.max(...lines.map(({ cells }) => cells.length))
  return Array.from({ length: columns }, (_, i) =>
    Math.max(...lines.map(({ cells }) => cells[i]?.length ?? 0)),
  )
}
