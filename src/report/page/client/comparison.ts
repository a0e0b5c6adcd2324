import type { ReportData } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { sectionElement } from './element.ts'

/** Runs beside each other. */
export function comparisonSection(data: ReportData, _context: PageContext): HTMLElement | undefined {
  if (data.comparison === undefined) return undefined
  return sectionElement({ id: 'comparison', title: 'Comparison' })
}
