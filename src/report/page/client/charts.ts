import type { RunView } from '../report-data.ts'
import { chartFigure } from './chart-figure.ts'
import type { PageContext } from './context.ts'
import { element, sectionElement } from './element.ts'
import { markerList } from './marker-list.ts'

/** What changed over time: all charts share one time axis, and the marks of what happened. */
export function chartsSection(run: RunView, context: PageContext): HTMLElement | undefined {
  if (run.charts.length === 0) return undefined
  const markers = [...run.markers].sort((one, other) => one.at - other.at)
  return sectionElement(
    { id: 'charts', title: 'Over time' },
    element(
      'p',
      { class: 'intro controls' },
      'Drag across a chart to look closer at all of them; double-click for the whole run. With the keyboard: ',
      ...keyNames('←', '→'),
      'move, ',
      ...keyNames('+', '−'),
      'zoom, ',
      ...keyNames('0'),
      'shows all.',
    ),
    markerList(markers, context),
    element('div', { class: 'charts' }, ...run.charts.map((chart) => chartFigure(chart, markers, context))),
  )
}

function keyNames(...names: readonly string[]): (Node | string)[] {
  return names.flatMap((name) => [element('kbd', {}, name), ' '])
}
