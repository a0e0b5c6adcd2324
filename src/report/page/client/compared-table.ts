import type { ComparedCell, ComparedMetric, ComparisonView } from '../report-data.ts'
import { differs, hasIntervals, isClear, unitWords } from './difference.ts'
import { element } from './element.ts'
import { countText, numberText } from './format.ts'

/**
 * Means of all scenarios with their intervals, and under each its difference from the first; tells which metrics are shown, at
 * once and whenever that changes.
 */
export function comparedTable(
  view: ComparisonView,
  onShown: (metrics: readonly ComparedMetric[]) => void,
): HTMLElement {
  const rows = view.metrics.map((metric) => ({ metric, row: metricRow(metric) }))
  const count = element('output', { class: 'count', for: 'compared-filter', 'aria-live': 'polite' })
  const field = element('input', {
    id: 'compared-filter',
    type: 'search',
    placeholder: 'wait p99',
    input: filter,
  })
  const kinds = rowKinds(view)
  const choice = element(
    'select',
    { id: 'compared-kind', change: filter },
    ...kinds.map(({ name }) => element('option', {}, name)),
  )
  function filter(): void {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean)
    const shown: ComparedMetric[] = []
    for (const { metric, row } of rows) {
      const text = `${metric.label} ${metric.name}`.toLowerCase()
      const isWanted = words.every((word) => text.includes(word))
      row.hidden = !isWanted || kinds[choice.selectedIndex]?.holds(metric) === false
      if (!row.hidden) shown.push(metric)
    }
    count.textContent = countText(shown.length, 'metric')
    onShown(shown)
  }
  filter()
  return element(
    'div',
    { class: 'compared' },
    element(
      'p',
      { class: 'filter controls' },
      element('label', { for: 'compared-filter' }, 'Find metrics'),
      field,
      element('label', { for: 'compared-kind' }, 'Show'),
      choice,
      count,
    ),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Table that compares metrics' },
      element(
        'table',
        { class: 'comparison-table' },
        element(
          'caption',
          { class: 'hidden' },
          'Means, 95 % intervals and differences from the first scenario',
        ),
        headRow(view.scenarios),
        element('tbody', {}, ...rows.map(({ row }) => row)),
      ),
    ),
    hasIntervals(view) ? markWords() : undefined,
  )
}

interface RowKind {
  readonly name: string
  readonly holds: (metric: ComparedMetric) => boolean
}

/** Which rows can be shown: what is the same everywhere is not, at first. */
function rowKinds(view: ComparisonView): readonly RowKind[] {
  const kinds = [
    { name: 'those that differ', holds: differs },
    { name: 'those that clearly differ', holds: ({ cells }: ComparedMetric) => cells.some(isClear) },
    { name: 'all', holds: () => true },
  ]
  return kinds
    .map(({ name, holds }) => ({ name: `${name} (${view.metrics.filter(holds).length})`, holds }))
    .filter(({ name }) => hasIntervals(view) || !name.includes('clearly'))
}

function markWords(): HTMLElement {
  return element(
    'p',
    { class: 'legend-words' },
    element('span', { class: 'clear-mark' }, '▲ ▼'),
    ' in bold: clearly more or less than the first scenario. ',
    element('span', { class: 'quiet' }, '≈'),
    ' the interval of the difference holds 0: it may be chance.',
  )
}

function headRow(scenarios: readonly string[]): HTMLElement {
  return element(
    'thead',
    {},
    element(
      'tr',
      {},
      element('th', { scope: 'col' }, 'metric'),
      ...scenarios.map((scenario, index) =>
        element(
          'th',
          { scope: 'col', class: 'number' },
          element('bdi', {}, scenario),
          index === 0 ? element('span', { class: 'quiet' }, ' (compared with)') : undefined,
        ),
      ),
    ),
  )
}

function metricRow(metric: ComparedMetric): HTMLElement {
  const { label, name, cells } = metric
  return element(
    'tr',
    {},
    element(
      'th',
      { scope: 'row', title: name },
      label,
      element('span', { class: 'quiet' }, unitWords(metric)),
    ),
    ...cells.map((cell, index) => element('td', { class: 'number' }, ...cellParts(cell, index === 0))),
  )
}

function cellParts(cell: ComparedCell, isFirst: boolean): (HTMLElement | string)[] {
  if (cell.mean === undefined) return ['–']
  const parts = [
    element(
      'span',
      { class: 'mean' },
      numberText(cell.mean),
      element('span', { class: 'interval' }, intervalText(cell.low, cell.high)),
    ),
  ]
  if (!isFirst && cell.difference !== undefined) parts.push(differencePart(cell, cell.difference))
  return parts
}

function differencePart(cell: ComparedCell, difference: number): HTMLElement {
  if (cell.differenceLow === undefined) {
    return element('span', { class: 'difference quiet' }, signed(difference))
  }
  if (difference === 0 && cell.differenceLow === 0 && cell.differenceHigh === 0) {
    return element('span', { class: 'difference quiet' }, '= the same')
  }
  const clear = isClear(cell)
  const mark = clear ? (difference > 0 ? '▲' : '▼') : '≈'
  const spoken = clear ? (difference > 0 ? 'clearly more: ' : 'clearly less: ') : 'no clear difference: '
  return element(
    'span',
    { class: clear ? 'difference clear' : 'difference quiet' },
    element('span', { class: 'hidden' }, spoken),
    element('span', { 'aria-hidden': 'true' }, `${mark} `),
    signed(difference),
    element('span', { class: 'interval' }, intervalText(cell.differenceLow, cell.differenceHigh)),
  )
}

function intervalText(low: number | undefined, high: number | undefined): string {
  return low === undefined || high === undefined
    ? ''
    : ` [${minus(numberText(low))}, ${minus(numberText(high))}]`
}

function signed(value: number): string {
  return value > 0 ? `+${numberText(value)}` : minus(numberText(value))
}

function minus(text: string): string {
  return text.replace('-', '−')
}
