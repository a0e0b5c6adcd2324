import type { ReportData, RunView } from '../report-data.ts'
import { chartsSection } from './charts.ts'
import { comparisonSection } from './comparison.ts'
import type { PageContext } from './context.ts'
import { element } from './element.ts'
import { failuresSection } from './failures.ts'
import { heatMapSection } from './heat-map.ts'
import { makeContext, sharedTime } from './make-context.ts'
import { metricsSection } from './metrics.ts'
import { playerSection } from './player.ts'
import { runSwitch } from './run-switch.ts'
import { sectionLinks } from './section-links.ts'
import { startTheme } from './theme.ts'
import type { PageTheme } from './theme.ts'
import { summarySection } from './tiles.ts'
import { timeBar } from './time-bar.ts'

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
  const time = sharedTime(Math.max(...data.runs.map((run) => run.end), 0))
  const pageContext = makeContext(time, theme.shown, new AbortController().signal)
  const comparison = comparisonSection(data, pageContext)
  const hasCharts = data.runs.some(({ charts }) => charts.length > 0) || data.comparison !== undefined
  const links = element('div', { class: 'links' })
  const runSections = element('div', { id: 'run' })
  let shown = new AbortController()
  const show = (index: number): void => {
    const run = data.runs[index]
    if (run === undefined) return
    shown.abort()
    shown = new AbortController()
    const context = makeContext(time, theme.shown, shown.signal)
    const sections = RUN_SECTIONS.flatMap((section) => section(run, context) ?? [])
    const choice = data.runs.length > 1 ? [runSwitch(data.runs, index, show)] : []
    runSections.replaceChildren(...choice, ...sections)
    links.replaceChildren(
      sectionLinks([...(comparison === undefined ? [] : [comparison]), ...sections], shown.signal),
    )
  }
  document.body.append(
    element('a', { class: 'skip', href: '#content' }, 'Skip to the report'),
    pageHeader(data, theme),
    element('div', { class: 'bar-top' }, links, hasCharts ? timeBar(pageContext) : undefined),
    element('main', { id: 'content', tabindex: -1 }, comparison, runSections),
    element(
      'footer',
      {},
      `Made by stowage ${data.version}. Times are simulated time since the start of the run.`,
    ),
  )
  show(0)
}

function pageHeader(data: ReportData, theme: PageTheme): HTMLElement {
  const button = element('button', {
    type: 'button',
    class: 'theme controls',
    click: () => {
      theme.toggle()
    },
  })
  const name = (): void => {
    button.textContent = theme.shown.value === 'dark' ? 'Light theme' : 'Dark theme'
  }
  name()
  theme.shown.follow(name)
  return element('header', { class: 'top' }, element('h1', {}, element('bdi', {}, data.title)), button)
}
