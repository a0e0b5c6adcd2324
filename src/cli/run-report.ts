import { grouped } from '../report/metric-text.ts'
import { metricValue } from '../report/summary.ts'
import type { Summary } from '../report/summary.ts'
import { packageVersion } from '../run/package.ts'
import type { CommandIo } from './io.ts'

/** Pods of a run for which report.html is written unasked, at most. */
const HTML_PODS_MAX = 250_000

/** Flags that say whether report.html is wanted and told of. */
export interface PageFlags {
  /** Undefined where neither `--html` nor `--no-html` is given. */
  readonly html?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Writes report.html, which is left out, with a word about it, for a run with many pods unless it is asked for. */
export async function writeRunReport(
  summary: Summary,
  directory: string,
  { html, quiet, json }: PageFlags,
  io: CommandIo,
): Promise<void> {
  if (html === false) return
  const isTold = quiet !== true && json !== true
  const pods = metricValue(summary, 'pods_submitted') ?? 0
  if (html === undefined && pods > HTML_PODS_MAX) {
    if (!isTold) return
    const words = `report.html is left out for ${grouped(pods)} pods: --html writes it`
    io.stderr.write(`${words}, stowage report ${directory} --html makes it later\n`)
    return
  }
  const { writeRunPage } = await import('../report/page/write-page.ts')
  const file = await writeRunPage(directory, packageVersion())
  if (isTold) io.stdout.write(`page: ${file}\n`)
}
