import path from 'node:path'

import { writeOutput } from '../output-file.ts'
import { PAGE_FILE } from '../page-files.ts'
import { runReport } from './build/run-view.ts'
import { pageHtml } from './page-html.ts'
import type { ReportData } from './report-data.ts'

/** Writes report.html into the directory of a run, from the tables there, and returns its name; the same tables give the same bytes. */
export async function writeRunPage(directory: string, version: string): Promise<string> {
  const file = path.join(directory, PAGE_FILE)
  writePage(file, await runReport(directory, version))
  return file
}

/** Writes a page. */
export function writePage(file: string, data: ReportData): void {
  writeOutput(file, pageHtml(data))
}
