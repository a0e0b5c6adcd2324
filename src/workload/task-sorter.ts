import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { PodTemplate } from '../api/pod-template.ts'
import { NEVER } from '../base/time.ts'
import type { TraceTask } from './trace-task.ts'

/** Tasks held in memory before they are sorted and written to a temporary file. */
const RUN_MAX = 500_000
const READ_SIZE = 1 << 16

/**
 * Sorts tasks by arrival, equal arrivals in the order in which they came, in bounded memory: sorted runs go to
 * temporary files and are merged. Templates are few and stay.
 */
export class TaskSorter {
  readonly #runMax: number
  readonly #templates: PodTemplate[] = []
  readonly #templateIds = new Map<PodTemplate, number>()
  readonly #files: string[] = []
  #folder: string | undefined
  #tasks: TraceTask[] = []

  constructor(runMax = RUN_MAX) {
    this.#runMax = runMax
  }

  add(task: TraceTask): void {
    this.#tasks.push(task)
    if (this.#tasks.length >= this.#runMax) this.#spill()
  }

  /** All tasks in order; the sorter is empty then. */
  *sorted(): Generator<TraceTask> {
    this.#tasks.sort(byArrival)
    const runs: Iterator<TraceTask>[] = this.#files.map((file) => this.#read(file))
    runs.push(this.#tasks.values())
    try {
      yield* merge(runs)
    } finally {
      this.close()
    }
  }

  /** Takes the temporary files away. */
  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
    this.#files.length = 0
    this.#tasks = []
  }

  #spill(): void {
    this.#folder ??= mkdtempSync(path.join(tmpdir(), 'stowage-sort-'))
    const file = path.join(this.#folder, `run-${this.#files.length}`)
    const handle = openSync(file, 'w')
    try {
      this.#tasks.sort(byArrival)
      for (let from = 0; from < this.#tasks.length; from += 1000) {
        const lines = this.#tasks.slice(from, from + 1000).map((task) => this.#lineOf(task))
        writeSync(handle, lines.join(''))
      }
    } finally {
      closeSync(handle)
    }
    this.#files.push(file)
    this.#tasks = []
  }

  #lineOf(task: TraceTask): string {
    let id = this.#templateIds.get(task.template)
    if (id === undefined) {
      id = this.#templates.length
      this.#templates.push(task.template)
      this.#templateIds.set(task.template, id)
    }
    const { name, at, cpu, memory, count, duration, usedMemory } = task
    const end = duration === NEVER ? '' : String(duration)
    return `${JSON.stringify([name, at, id, cpu, memory, count, end, usedMemory ?? ''])}\n`
  }

  *#read(file: string): Generator<TraceTask> {
    for (const line of linesOf(file)) {
      const cells = JSON.parse(line) as [string, number, number, number, number, number, string, number | '']
      const [name, at, id, cpu, memory, count, end, used] = cells
      const template = this.#templates[id]
      if (template === undefined) continue
      const duration = end === '' ? NEVER : Number(end)
      yield { name, at, template, cpu, memory, count, duration, ...(used === '' ? {} : { usedMemory: used }) }
    }
  }
}

function byArrival(one: TraceTask, other: TraceTask): number {
  return one.at - other.at
}

/** The earliest of the runs' first tasks, again and again; of equal ones that of the earlier run. */
function* merge(runs: readonly Iterator<TraceTask>[]): Generator<TraceTask> {
  const heads = runs.map((run) => run.next())
  for (;;) {
    let earliest = -1
    let at = Number.POSITIVE_INFINITY
    heads.forEach((head, index) => {
      if (head.done === true || head.value.at >= at) return
      at = head.value.at
      earliest = index
    })
    const head = heads[earliest]
    const run = runs[earliest]
    if (head === undefined || head.done === true || run === undefined) return
    yield head.value
    heads[earliest] = run.next()
  }
}

function* linesOf(file: string): Generator<string> {
  const handle = openSync(file, 'r')
  const buffer = Buffer.alloc(READ_SIZE)
  let rest: Buffer = Buffer.alloc(0)
  try {
    for (;;) {
      const count = readSync(handle, buffer, 0, READ_SIZE, null)
      if (count === 0) return
      const bytes = Buffer.concat([rest, buffer.subarray(0, count)])
      const end = bytes.lastIndexOf(10)
      rest = bytes.subarray(end + 1)
      if (end >= 0) yield* bytes.subarray(0, end).toString('utf8').split('\n')
    }
  } finally {
    closeSync(handle)
  }
}
