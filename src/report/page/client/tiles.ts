import type { RunView } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { sectionElement } from './element.ts'

/** The run in short. */
export function summarySection(run: RunView, _context: PageContext): HTMLElement | undefined {
  if (run.tiles.length === 0) return undefined
  return sectionElement({ id: 'tiles', title: 'Summary' })
}
