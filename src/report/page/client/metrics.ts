import type { MetricLine, RunView } from '../report-data.ts'
import { element, sectionElement } from './element.ts'
import { countText } from './format.ts'

/** All metrics of the run's summary by heading, and a field that finds some by any of their words. */
export function metricsSection(run: RunView): HTMLElement | undefined {
  if (run.metrics.length === 0) return undefined
  const groups = groupsOf(run.metrics)
  const count = element('output', { class: 'count', for: 'metric-filter', 'aria-live': 'polite' })
  const filter = (wanted: string): void => {
    const shown = groups.map((group) => group.filter(wanted)).reduce((sum, rows) => sum + rows, 0)
    count.textContent = countText(shown, 'metric')
  }
  const field = element('input', {
    id: 'metric-filter',
    type: 'search',
    placeholder: 'wait p99',
    input: () => {
      filter(field.value)
    },
  })
  filter('')
  return sectionElement(
    { id: 'metrics', title: 'Metrics' },
    element(
      'p',
      { class: 'filter controls' },
      element('label', { for: 'metric-filter' }, 'Find metrics'),
      field,
      count,
    ),
    element('div', { class: 'metric-groups' }, ...groups.map(({ table }) => table)),
  )
}

interface MetricGroup {
  readonly table: HTMLElement
  /** Hides rows that do not have all words; says how many are left. */
  filter(wanted: string): number
}

function groupsOf(metrics: readonly MetricLine[]): MetricGroup[] {
  const sections = [...new Set(metrics.map(({ section }) => section))]
  return sections.map((section) =>
    groupOf(
      section,
      metrics.filter((metric) => metric.section === section),
    ),
  )
}

function groupOf(section: string, metrics: readonly MetricLine[]): MetricGroup {
  const rows = metrics.map(({ name, label, value }) => ({
    text: `${section} ${label} ${name}`.toLowerCase(),
    row: element(
      'tr',
      {},
      element('th', { scope: 'row' }, label),
      element('td', { class: 'number' }, value),
      element('td', {}, element('code', {}, ...breakable(name))),
    ),
  }))
  const table = element(
    'table',
    { class: 'metrics' },
    element('caption', {}, section),
    element(
      'thead',
      { class: 'hidden' },
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, 'metric'),
        element('th', { scope: 'col' }, 'value'),
        element('th', { scope: 'col' }, 'name in summary.csv'),
      ),
    ),
    element('tbody', {}, ...rows.map(({ row }) => row)),
  )
  return {
    table,
    filter(wanted) {
      const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
      let shown = 0
      for (const { text, row } of rows) {
        row.hidden = !words.every((word) => text.includes(word))
        if (!row.hidden) shown += 1
      }
      table.hidden = shown === 0
      return shown
    },
  }
}

/** A name that may be broken after its underscores. */
function breakable(name: string): (Node | string)[] {
  return name.split(/(?<=_)/).flatMap((part) => [part, element('wbr')])
}
