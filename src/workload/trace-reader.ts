import { InputError } from '../base/errors.ts'
import type { RandomStream } from '../base/random.ts'
import type { Micros } from '../base/time.ts'
import { traceFormats } from './formats/index.ts'
import { LineQueue } from './line-queue.ts'
import { LineStream } from './line-stream.ts'
import { TaskSorter } from './task-sorter.ts'
import { checkOptions } from './trace-format.ts'
import type { LineReader, TraceFormat } from './trace-format.ts'
import type { TraceTask } from './trace-task.ts'

/** What is read of a trace, and how. */
export interface TraceSetting {
  readonly file: string
  readonly format: string
  /** The machine that normalised requests are shares of. */
  readonly machine: { readonly cpu: number; readonly memory: number }
  /** Arrivals before this instant, counted from the first, are dropped; it becomes 0. */
  readonly from: Micros
  readonly limit: number | undefined
  /** Share of the tasks taken, or how often each is. */
  readonly scale: number
  readonly timeScale: number
  readonly skipBadRows: number
  readonly options: Readonly<Record<string, string | number | boolean>>
  /** Draws which tasks are taken when `scale` is no whole number. */
  readonly sampling: RandomStream
}

/** A line of the trace, and the one beside it in its companion. */
interface Row {
  readonly line: string
  readonly lineNumber: number
  readonly beside: string | undefined
}

/** Tasks handed over at a time. */
const BATCH = 2048

/**
 * Opens a trace. Throws `InputError` for an unknown format or a file that cannot be read; malformed rows are thrown
 * when they are reached, unless as many may be skipped.
 */
export function openTrace(setting: TraceSetting): TraceReader {
  const format = traceFormats.get(setting.format)
  if (format === undefined) {
    throw new InputError({
      field: '--format',
      message: `"${setting.format}" is no trace format`,
      hint: `expected one of ${[...traceFormats.keys()].join(', ')}`,
    })
  }
  checkOptions(format, { ...setting, warn: () => undefined })
  return new TraceReader(format, setting)
}

/** A trace being read: its tasks in order of arrival, in batches, and what was seen on the way. */
export class TraceReader {
  readonly #format: TraceFormat
  readonly #setting: TraceSetting
  readonly #lines: LineStream
  readonly #skipped = new Map<string, number>()
  readonly #warnings: string[] = []
  /** Pods of a trace that was sorted, and those handed over. */
  #sorted: { pods: number; taken: number } | undefined
  /** Arrival of the last task read. */
  #last = Number.NEGATIVE_INFINITY
  #rows = 0
  #badRows = 0
  #tasks = 0

  constructor(format: TraceFormat, setting: TraceSetting) {
    this.#format = format
    this.#setting = setting
    this.#lines = new LineStream(setting.file)
  }

  get bytesRead(): number {
    return this.#lines.bytesRead
  }

  get bytesTotal(): number {
    return this.#lines.bytesTotal
  }

  /**
   * How far the batches so far are in the trace, in bytes as on disk: those read, or the share of the pods where the
   * trace was read and sorted first; by tasks where a limit comes before its end.
   */
  get position(): number {
    const { limit } = this.#setting
    const sorted = this.#sorted
    const share = sorted === undefined ? this.bytesRead / this.bytesTotal : sorted.taken / sorted.pods
    const ofLimit = limit === undefined ? 0 : this.#tasks / limit
    return this.bytesTotal * Math.min(1, Math.max(share, ofLimit) || 0)
  }

  /** Lines read, headers and comments not counted. */
  get rows(): number {
    return this.#rows
  }

  /** Malformed rows that were skipped. */
  get badRows(): number {
    return this.#badRows
  }

  /** Rows that mean no task, by reason. */
  get skipped(): ReadonlyMap<string, number> {
    return this.#skipped
  }

  /** SHA-256 of the file, once it was read to its end. */
  get digest(): string | undefined {
    return this.#lines.digest
  }

  /** What of the trace had no meaning, or a meaning that it does not say. */
  get warnings(): readonly string[] {
    const { file } = this.#setting
    const skipped = [...this.#skipped].map(
      ([reason, count]) => `${file}: ${count} rows were left out: ${reason}`,
    )
    const bad = this.#badRows === 0 ? [] : [`${file}: ${this.#badRows} malformed rows were skipped`]
    return [...this.#warnings.map((warning) => `${file}: ${warning}`), ...skipped, ...bad]
  }

  /** Reads the first rows, and no more. Throws `InputError` when they are not of the format. */
  async checkStart(): Promise<void> {
    for await (const _ of this.#read()) if (this.#rows > 0) return
    throw this.#empty()
  }

  /** The tasks in order of arrival, sliced, sampled and scaled as asked. */
  async *batches(): AsyncGenerator<readonly TraceTask[]> {
    const transform = new Transform(this.#setting)
    let batch: TraceTask[] = []
    for await (const tasks of this.#ordered()) {
      for (const task of tasks) {
        transform.into(task, batch)
        if (batch.length >= BATCH) {
          this.#tasks += batch.length
          yield batch
          batch = []
        }
        if (transform.isFull) break
      }
      if (transform.isFull) break
    }
    this.#tasks += batch.length
    if (batch.length > 0) yield batch
    if (this.#tasks > 0) return
    if (this.#rows === 0) throw this.#empty()
    this.#warnings.push('no row of the trace is a task that was asked for')
  }

  #empty(): InputError {
    const { file } = this.#setting
    return new InputError({ file, message: 'the trace is empty', hint: 'is the format right?' })
  }

  async *#ordered(): AsyncGenerator<Iterable<TraceTask>> {
    if (this.#format.isSorted) {
      yield* this.#read()
      return
    }
    const sorter = new TaskSorter()
    try {
      let pods = 0
      for await (const tasks of this.#read()) {
        for (const task of tasks) {
          sorter.add(task)
          pods += task.count
        }
      }
      this.#sorted = { pods, taken: 0 }
      yield this.#counted(sorter.sorted(), this.#sorted)
    } finally {
      sorter.close()
    }
  }

  *#counted(tasks: Iterable<TraceTask>, sorted: { taken: number }): Generator<TraceTask> {
    for (const task of tasks) {
      sorted.taken += task.count
      yield task
    }
  }

  async *#read(): AsyncGenerator<readonly TraceTask[]> {
    const { file, machine, options } = this.#setting
    const warn = (message: string): void => {
      this.#warnings.push(message)
    }
    const read = this.#format.open({ file, machine, options, warn })
    const companion = this.#format.companion?.(file)
    const beside = companion === undefined ? undefined : new LineQueue(companion)
    let lineNumber = 0
    try {
      for await (const lines of this.#lines.chunks()) {
        await beside?.fill(lines.length)
        const tasks: TraceTask[] = []
        for (const line of lines) {
          lineNumber += 1
          this.#readLine(read, { line, lineNumber, beside: beside?.take() }, tasks)
        }
        yield tasks
      }
    } finally {
      await beside?.close()
    }
  }

  #readLine(read: LineReader, row: Row, tasks: TraceTask[]): void {
    const { line, lineNumber, beside } = row
    if (line === '') return
    try {
      const result = read(line, lineNumber, beside)
      if (result === undefined) return
      this.#rows += 1
      if (!('skip' in result)) this.#take(result, lineNumber, tasks)
      else this.#skipped.set(result.skip, (this.#skipped.get(result.skip) ?? 0) + 1)
    } catch (error) {
      if (!(error instanceof InputError) || (this.#format.hasHeader && lineNumber === 1)) throw error
      this.#rows += 1
      this.#badRows += 1
      if (this.#badRows > this.#setting.skipBadRows) throw error
    }
  }

  /** Tasks of a format that is sorted by its own definition: one that is not is an error. */
  #take(read: readonly TraceTask[], line: number, tasks: TraceTask[]): void {
    for (const task of read) {
      if (this.#format.isSorted && task.at < this.#last) {
        throw new InputError({
          file: this.#setting.file,
          line,
          message: `task ${task.name} arrives before the one in front of it`,
          hint: 'sort the rows by arrival',
        })
      }
      this.#last = task.at
      tasks.push(task)
    }
  }
}

/** Slices, samples and scales tasks that come in order. */
class Transform {
  readonly #setting: TraceSetting
  #first: Micros | undefined
  #taken = 0

  constructor(setting: TraceSetting) {
    this.#setting = setting
  }

  /** Whether the limit is reached. */
  get isFull(): boolean {
    return this.#taken >= (this.#setting.limit ?? Number.POSITIVE_INFINITY)
  }

  into(task: TraceTask, batch: TraceTask[]): void {
    this.#first ??= task.at
    const { from, scale, timeScale, sampling } = this.#setting
    const since = task.at - this.#first - from
    if (since < 0) return
    const whole = Math.floor(scale)
    const times = scale === whole ? whole : whole + (sampling.uniform() < scale - whole ? 1 : 0)
    const at = Math.round(since * timeScale)
    for (let copy = 0; copy < times && !this.isFull; copy++) {
      batch.push(copy === 0 ? { ...task, at } : { ...task, at, name: `${task.name}-x${copy}` })
      this.#taken += 1
    }
  }
}
