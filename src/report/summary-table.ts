import { styleText } from 'node:util'
import { MILLISECOND, SECOND, formatDuration } from '../base/time.ts'
import { numberText } from './number-text.ts'
import { SECTIONS } from './metric.ts'
import type { Metric } from './metric.ts'
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
  const value = metric.value === undefined ? NO_VALUE : humanText(metric.value, metric.unit)
  return metric.statistic === '' ? value : `${metric.statistic} ${value}`
}

function cellWidths(lines: readonly Line[]): readonly number[] {
  const columns = Math.max(...lines.map(({ cells }) => cells.length))
  return Array.from({ length: columns }, (_, i) =>
    Math.max(...lines.map(({ cells }) => cells[i]?.length ?? 0)),
  )
}

function humanText(value: number, unit: Metric['unit']): string {
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(2)} %`
    case 's':
      return durationText(value)
    case 'pod_s':
      return `${grouped(value)} pod s`
    case 'cpu_s':
      return `${grouped(value)} cpu s`
    case 'count':
    case 'pods':
    case 'nodes':
    case 'attempts':
    case 'node_h':
    case 'cost':
      return grouped(value)
  }
}

/** A time to about four digits: whole seconds above a minute, milliseconds below. */
function durationText(seconds: number): string {
  const span = seconds * SECOND
  if (seconds < 1) return formatDuration(Math.round(span))
  const step = seconds < 60 ? MILLISECOND : SECOND
  return formatDuration(Math.round(span / step) * step)
}

/** Digits in groups of three, to two decimals. */
function grouped(value: number): string {
  const [whole = '', decimals] = numberText(Number(value.toFixed(2))).split('.')
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return decimals === undefined ? separated : `${separated}.${decimals}`
}
