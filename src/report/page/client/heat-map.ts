import type { RunView } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { sectionElement } from './element.ts'

/** The section of a run; undefined where the run has nothing to show in it. */
export function heatMapSection(run: RunView, _context: PageContext): HTMLElement | undefined {
  if (run.heat === undefined) return undefined
  return sectionElement({ id: 'heat-map', title: 'heat map' })
}
