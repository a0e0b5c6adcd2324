import type { RunView } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { element, sectionElement } from './element.ts'
import { startHeat } from './heat/start-heat.ts'

/** How full each node was over time. Nothing is unpacked until it comes near the window. */
export function heatMapSection(run: RunView, context: PageContext): HTMLElement | undefined {
  if (run.heat === undefined || run.heat.spans === 0) return undefined
  const holder = element('div', { class: 'heat-holder' })
  context.whenNear(holder, () => {
    startHeat(holder, run, context)
    // The room that was kept for it.
    holder.style.minHeight = '0'
  })
  return sectionElement(
    {
      id: 'heat-map',
      title: 'Nodes over time',
      intro:
        'A row is a node, a column a span of time; the colour says how much of the node was requested at most in that span.',
    },
    holder,
  )
}
