import type { ComparedMetric, ComparisonView } from '../report-data.ts'
import { clearFirst, hasIntervals } from './difference.ts'
import { element } from './element.ts'
import { intervalPlot } from './interval-plot.ts'

/** Plots that are shown at once; the others on demand. */
const PLOTS = 12

/** Plots of the metrics that the table shows. */
export interface IntervalPlots {
  readonly root: HTMLElement
  show: (metrics: readonly ComparedMetric[]) => void
}

/** A plot a metric, those with a clear difference first. */
export function intervalPlots(view: ComparisonView): IntervalPlots {
  const grid = element('div', { class: 'interval-plots' })
  let rest: readonly ComparedMetric[] = []
  const more = element('button', {
    type: 'button',
    class: 'more',
    click: () => {
      grid.append(...rest.map((metric) => intervalPlot(metric, view.scenarios)))
      more.hidden = true
    },
  })
  const title = hasIntervals(view) ? 'Means and 95 % intervals' : 'Values'
  const root = element('div', {}, element('h3', {}, title), grid, more)
  return {
    root,
    show(metrics) {
      const ordered = clearFirst(metrics)
      rest = ordered.slice(PLOTS)
      grid.replaceChildren(...ordered.slice(0, PLOTS).map((metric) => intervalPlot(metric, view.scenarios)))
      more.textContent = `Show all ${ordered.length} plots`
      more.hidden = rest.length === 0
      root.hidden = ordered.length === 0
    },
  }
}
