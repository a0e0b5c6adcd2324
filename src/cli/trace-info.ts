import { existsSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { RandomStreams } from '../base/random.ts'
import { NEVER, formatDuration } from '../base/time.ts'
import { OutputFile } from '../report/output-file.ts'
import { QuantileSketch } from '../report/quantile-sketch.ts'
import { CONVERTED_HEADER, GENERATED_HEADER, convertedRow, generatedRow } from '../workload/trace-csv.ts'
import { generateTasks } from '../workload/generator.ts'
import { openTrace } from '../workload/trace-reader.ts'
import type { TraceReader } from '../workload/trace-reader.ts'

/** What is in a trace. Times in seconds. */
export interface TraceInfo {
  readonly rows: number
  readonly badRows: number
  readonly skipped: Readonly<Record<string, number>>
  readonly tasks: number
  readonly pods: number
  readonly spanSeconds: number
  /** Pods that run to the end of a simulation. */
  readonly endless: number
  readonly templates: number
  readonly quantiles: Readonly<
    Record<string, { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number }>
  >
  readonly warnings: readonly string[]
  readonly digest: string | undefined
}

/** Requests of normalised traces are shown as shares of this machine: 64 cores, 256 GiB. */
const MACHINE = { cpu: 64_000, memory: 256 * 1024 ** 3 }
const PODS_DEFAULT = 20_000

/** Reads a whole trace and says what is in it. */
export async function readTraceInfo(file: string, format: string, skipBadRows: number): Promise<TraceInfo> {
  const reader = open(file, format, skipBadRows)
  const sketches = {
    cpu_milli: new QuantileSketch(),
    memory_mib: new QuantileSketch(),
    duration_s: new QuantileSketch(),
    pods_a_task: new QuantileSketch(),
  }
  const templates = new Set<object>()
  let tasks = 0
  let pods = 0
  let endless = 0
  let last = 0
  for await (const batch of reader.batches()) {
    for (const task of batch) {
      tasks += 1
      pods += task.count
      last = task.at
      templates.add(task.template)
      sketches.cpu_milli.add(task.cpu)
      sketches.memory_mib.add(task.memory / 1024 ** 2)
      sketches.pods_a_task.add(task.count)
      if (task.duration === NEVER) endless += task.count
      else sketches.duration_s.add(task.duration / 1e6)
    }
  }
  const quantiles = Object.fromEntries(
    Object.entries(sketches).flatMap(([name, sketch]) =>
      sketch.count === 0
        ? []
        : [
            [
              name,
              {
                p50: sketch.quantile(0.5) ?? 0,
                p90: sketch.quantile(0.9) ?? 0,
                p99: sketch.quantile(0.99) ?? 0,
                max: sketch.max ?? 0,
              },
            ],
          ],
    ),
  )
  return {
    rows: reader.rows,
    badRows: reader.badRows,
    skipped: Object.fromEntries(reader.skipped),
    tasks,
    pods,
    spanSeconds: last / 1e6,
    endless,
    templates: templates.size,
    quantiles,
    warnings: reader.warnings,
    digest: reader.digest,
  }
}

/** The information as lines for people. */
export function traceInfoText(file: string, info: TraceInfo): string {
  const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 })
  const lines = [
    `${file}`,
    `  rows        ${number(info.rows)}`,
    `  tasks       ${number(info.tasks)}`,
    `  pods        ${number(info.pods)}${info.endless > 0 ? `, ${number(info.endless)} of them without an end` : ''}`,
    `  arrivals    over ${formatDuration(Math.round(info.spanSeconds) * 1e6)}`,
    `  templates   ${number(info.templates)}`,
    ...Object.entries(info.quantiles).map(
      ([name, { p50, p90, p99, max }]) =>
        `  ${name.padEnd(11)} p50 ${number(p50)}  p90 ${number(p90)}  p99 ${number(p99)}  max ${number(max)}`,
    ),
    '  (quantiles to 1 %)',
    ...info.warnings.map((warning) => `  note: ${warning}`),
  ]
  return `${lines.join('\n')}\n`
}

/** Writes any trace in stowage's own CSV; returns the number of tasks. */
export async function convertTrace(
  file: string,
  format: string,
  setting: { readonly badRows: number; readonly out: string; readonly force: boolean },
): Promise<number> {
  const reader = open(file, format, setting.badRows)
  return writeRows(setting.out, setting.force, CONVERTED_HEADER, rowsOf(reader))
}

/** Writes a generated trace; returns the number of pods. */
export async function generateTraceFile(
  out: string,
  setting: { readonly seed: string; readonly force: boolean; readonly pods?: number; readonly days?: number },
): Promise<number> {
  const { pods = PODS_DEFAULT, days = 1 } = setting
  const tasks = generateTasks(new RandomStreams(setting.seed), { pods, days })
  return writeRows(out, setting.force, GENERATED_HEADER, generatedRows(tasks))
}

function* generatedRows(tasks: ReturnType<typeof generateTasks>): Generator<string> {
  for (const task of tasks) yield generatedRow(task)
}

async function* rowsOf(reader: TraceReader): AsyncGenerator<string> {
  for await (const batch of reader.batches()) for (const task of batch) yield convertedRow(task)
}

function open(file: string, format: string, skipBadRows: number): TraceReader {
  return openTrace({
    file,
    format,
    machine: MACHINE,
    from: 0,
    limit: undefined,
    scale: 1,
    timeScale: 1,
    skipBadRows,
    options: {},
    sampling: new RandomStreams(1).stream('trace'),
  })
}

/** Rows that are handed to the file together. */
const ROWS_A_WRITE = 1000

/** Writes a header and rows to a file beside the one wanted, and gives it its name at the end. */
async function writeRows(
  out: string,
  force: boolean,
  header: string,
  rows: Iterable<string> | AsyncIterable<string>,
): Promise<number> {
  if (existsSync(out) && !force) {
    throw new InputError({ file: out, message: 'exists already', hint: 'give another --out, or --force' })
  }
  const file = new OutputFile(path.dirname(out), path.basename(out))
  let waiting = [header]
  let count = 0
  try {
    for await (const row of rows) {
      count += 1
      if (waiting.push(row) < ROWS_A_WRITE) continue
      file.writeText(`${waiting.join('\n')}\n`)
      waiting = []
    }
    if (waiting.length > 0) file.writeText(`${waiting.join('\n')}\n`)
    file.finish()
    return count
  } catch (error) {
    file.abandon()
    throw error
  }
}
