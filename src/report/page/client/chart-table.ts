import type { Chart } from '../report-data.ts'
import type { ChartColumns } from './chart-figure.ts'
import { element } from './element.ts'
import { timeText } from './format.ts'

/** Rows of the table of a chart. */
const TABLE_ROWS = 24

/** Points of a chart as a table, which is made when it is opened. */
export function valueTable(
  chart: Chart,
  columns: ChartColumns,
  valueText: (value: number | undefined) => string,
): HTMLElement {
  const details = element(
    'details',
    { class: 'values' },
    element('summary', {}, 'Values as a table', element('span', { class: 'hidden' }, ` of ${chart.title}`)),
  )
  details.addEventListener(
    'toggle',
    () => {
      details.append(
        element('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': chart.title }, tableOf()),
      )
    },
    { once: true },
  )
  function tableOf(): HTMLElement {
    const count = columns.times.length
    const rows = Math.min(count, TABLE_ROWS)
    const indices = Array.from({ length: rows }, (_, row) =>
      Math.round((row * (count - 1)) / Math.max(rows - 1, 1)),
    )
    return element(
      'table',
      {},
      element('caption', { class: 'hidden' }, `${chart.title}: ${rows} of ${count} points`),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'time'),
          ...chart.lines.map(({ name }) => element('th', { scope: 'col', class: 'number' }, name)),
        ),
      ),
      element(
        'tbody',
        {},
        ...indices.map((index) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, timeText(columns.times[index] ?? 0)),
            ...columns.lines.map((line) => element('td', { class: 'number' }, valueText(line[index]))),
          ),
        ),
      ),
    )
  }
  return details
}
