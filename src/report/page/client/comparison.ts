import type { ComparisonView, ReportData } from '../report-data.ts'
import { chartFigure } from './chart-figure.ts'
import { comparedTable } from './compared-table.ts'
import type { PageContext } from './context.ts'
import { hasIntervals } from './difference.ts'
import { element, sectionElement } from './element.ts'
import { countText } from './format.ts'
import { intervalPlots } from './interval-plots.ts'
import { paretoPlot } from './pareto-plot.ts'
import { runTable } from './run-table.ts'

/** Runs or scenarios beside each other; undefined where there is one of them. */
export function comparisonSection(data: ReportData, context: PageContext): HTMLElement | undefined {
  const { comparison, runs } = data
  if (comparison !== undefined) return comparedSection(comparison, context)
  if (runs.length < 2) return undefined
  return sectionElement(
    { id: 'comparison', title: 'Comparison', intro: `Metrics of ${runs.length} runs beside each other.` },
    runTable(runs),
  )
}

function comparedSection(view: ComparisonView, context: PageContext): HTMLElement {
  const { charts, pareto } = view
  const plots = intervalPlots(view)
  return sectionElement(
    { id: 'comparison', title: 'Comparison' },
    introWords(view),
    pareto === undefined ? undefined : paretoPlot(pareto),
    comparedTable(view, plots.show),
    plots.root,
    charts.length === 0
      ? undefined
      : element(
          'div',
          { class: 'compared-charts' },
          element('h3', {}, 'Over time, means of all seeds'),
          element('div', { class: 'charts' }, ...charts.map((chart) => chartFigure(chart, [], context))),
        ),
  )
}

function introWords(view: ComparisonView): HTMLElement {
  const [baseline = ''] = view.scenarios
  const from = [element('b', {}, element('bdi', {}, baseline))]
  const count = countText(view.scenarios.length, 'scenario')
  if (!hasIntervals(view)) {
    return element('p', { class: 'intro' }, `${count}, one run each. Differences are from `, ...from, '.')
  }
  return element(
    'p',
    { class: 'intro' },
    `${count}, ${countText(view.seeds.length, 'seed')} each: means with their 95 % intervals. Differences are from `,
    ...from,
    ', seed by seed; one is clear when its interval leaves out 0.',
  )
}
