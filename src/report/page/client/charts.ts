import type { RunView } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { sectionElement } from './element.ts'

/** Lines over time. */
export function chartsSection(run: RunView, _context: PageContext): HTMLElement | undefined {
  if (run.charts.length === 0) return undefined
  return sectionElement({ id: 'charts', title: 'Over time' })
}
