import path from 'node:path'

import { OutputFile } from '../report/output-file.ts'
import { ReplayWork, WORK_HEADER, workRow } from './replay-work.ts'
import type { WorkOptions, WorkPod } from './replay-work.ts'

const ROWS_A_CHUNK = 10_000

/** Work as CSV, for other simulators, some thousand rows at a time. */
export function* workText(options: WorkOptions): Generator<string> {
  const work = new ReplayWork(options)
  const pod: WorkPod = { arrivalMs: 0, durationMs: 0, cpuMilli: 0, memoryMib: 0 }
  let rows = [WORK_HEADER]
  while (work.next(pod)) {
    if (rows.push(workRow(pod)) < ROWS_A_CHUNK) continue
    yield `${rows.join('\n')}\n`
    rows = []
  }
  if (rows.length > 0) yield `${rows.join('\n')}\n`
}

/** Writes work to a file. Throws `OutputError` when it cannot be written; what was there stays then. */
export function writeWorkFile(file: string, options: WorkOptions): void {
  const output = new OutputFile(path.dirname(file), path.basename(file))
  for (const text of workText(options)) output.writeText(text)
  output.finish()
}
