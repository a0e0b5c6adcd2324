import type { ReportData, RunView } from '../report-data.ts'
import { chartsSection } from './charts.ts'
import { comparisonSection } from './comparison.ts'
import type { PageContext } from './context.ts'
import { element } from './element.ts'
import { failuresSection } from './failures.ts'
import { heatMapSection } from './heat-map.ts'
import { makeContext } from './make-context.ts'
import { metricsSection } from './metrics.ts'
import { playerSection } from './player.ts'
import { startTheme } from './theme.ts'
import type { PageTheme } from './theme.ts'
import { summarySection } from './tiles.ts'

/** A part of the page about one run; undefined where the run has nothing to show in it. */
type RunSection = (run: RunView, context: PageContext) => HTMLElement | undefined

const RUN_SECTIONS: readonly RunSection[] = [
  summarySection,
  chartsSection,
  heatMapSection,
  playerSection,
  failuresSection,
  metricsSection,
]

/** Builds the page from its data: what compares runs first, then the sections of the run that is looked at. */
export function startPage(data: ReportData): void {
  const theme = startTheme()
  const content = element('main', { id: 'content' })
  const comparison = comparisonSection(
    data,
    makeContext(comparedEnd(data), theme.shown, new AbortController().signal),
  )
  const run = element('div', { id: 'run' })
  if (comparison !== undefined) content.append(comparison)
  content.append(run)
  document.body.append(
    element('a', { class: 'skip', href: '#content' }, 'Skip to the report'),
    pageHeader(data, theme),
    content,
  )
  let shown = new AbortController()
  const show = (view: RunView): void => {
    shown.abort()
    shown = new AbortController()
    const context = makeContext(view.end, theme.shown, shown.signal)
    run.replaceChildren(...RUN_SECTIONS.flatMap((section) => section(view, context) ?? []))
  }
  const [first] = data.runs
  if (first !== undefined) show(first)
}

function comparedEnd(data: ReportData): number {
  return Math.max(...data.runs.map((run) => run.end), 0)
}

function pageHeader(data: ReportData, theme: PageTheme): HTMLElement {
  return element(
    'header',
    { class: 'top' },
    element('h1', {}, data.title),
    element(
      'button',
      {
        type: 'button',
        click: () => {
          theme.toggle()
        },
      },
      'Light or dark',
    ),
  )
}
