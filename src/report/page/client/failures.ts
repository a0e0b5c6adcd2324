import type { RunView } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { sectionElement } from './element.ts'

/** What failed. */
export function failuresSection(run: RunView, _context: PageContext): HTMLElement | undefined {
  if (run.failures.length === 0) return undefined
  return sectionElement({ id: 'failures', title: 'Failures' })
}
