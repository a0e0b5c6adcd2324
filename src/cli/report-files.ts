import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { PAGE_FILE } from '../report/page-files.ts'
import { runReport } from '../report/page/build/run-view.ts'
import { writeCharts } from '../report/page/chart-svg.ts'
import { hasSeeds, reportOfRuns } from '../report/page/report-of-runs.ts'
import { writePage } from '../report/page/write-page.ts'
import { packageVersion } from '../run/package.ts'
import type { CommandIo } from './io.ts'
import type { ReportFlags } from './report.ts'
import { refuseTakenFile } from './taken-file.ts'

/** Makes a page and charts of a run, or of several beside each other, and says which. */
export async function reportFiles(
  directories: readonly string[],
  flags: ReportFlags,
  io: CommandIo,
): Promise<void> {
  if (flags.failure !== undefined) {
    throw new InputError({
      field: '--failure',
      message: 'is told in words',
      hint: 'leave out --html, --svg and --json',
    })
  }
  const [first = ''] = directories
  const isOne = directories.length === 1
  const page = flags.html === undefined ? undefined : pageFile(first, isOne, flags)
  const folder = flags.svg === undefined ? undefined : chartFolder(first, isOne, flags.svg)
  const data =
    isOne && !hasSeeds(first)
      ? await runReport(first, packageVersion())
      : await reportOfRuns(directories, packageVersion())
  if (flags.json === true) io.stdout.write(`${JSON.stringify(data)}\n`)
  const written: string[] = []
  if (page !== undefined) {
    writePage(page, data)
    written.push(page)
  }
  if (folder !== undefined) written.push(...writeCharts(folder, data).map((name) => path.join(folder, name)))
  if (flags.quiet === true || flags.json === true) return
  io.stdout.write(written.map((file) => `${file}\n`).join(''))
}

/** A page in the directory of its run may be made again; one with another name is not taken for ours. */
function pageFile(directory: string, isOne: boolean, { html, force }: ReportFlags): string {
  if (typeof html === 'string') {
    refuseTakenFile(html, force === true)
    return html
  }
  if (isOne) return path.join(directory, PAGE_FILE)
  throw new InputError({
    field: '--html',
    message: 'has no name for a page of several runs',
    hint: 'give --html FILE',
  })
}

function chartFolder(directory: string, isOne: boolean, svg: string | boolean): string {
  if (typeof svg === 'string') return svg
  if (isOne) return directory
  throw new InputError({
    field: '--svg',
    message: 'has no place for charts of several runs',
    hint: 'give --svg DIR',
  })
}
