import type { RunView } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { sectionElement } from './element.ts'

/** All metrics. */
export function metricsSection(run: RunView, _context: PageContext): HTMLElement | undefined {
  if (run.metrics.length === 0) return undefined
  return sectionElement({ id: 'metrics', title: 'Metrics' })
}
