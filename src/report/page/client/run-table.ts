import type { RunView } from '../report-data.ts'
import { element } from './element.ts'

/** Metrics of single runs beside each other: no seeds to take means over. */
export function runTable(runs: readonly RunView[]): HTMLElement {
  const labels = new Map(runs.flatMap((run) => run.metrics.map(({ name, label }) => [name, label] as const)))
  const values = runs.map((run) => new Map(run.metrics.map(({ name, value }) => [name, value])))
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Table of all runs' },
    element(
      'table',
      { class: 'comparison-table' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'metric'),
          ...runs.map(({ name }) =>
            element('th', { scope: 'col', class: 'number' }, element('bdi', {}, name)),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        ...[...labels].map(([name, label]) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row', title: name }, label),
            ...values.map((ofRun) => element('td', { class: 'number' }, ofRun.get(name) ?? '–')),
          ),
        ),
      ),
    ),
  )
}
