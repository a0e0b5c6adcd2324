import { InputError } from '../../base/errors.ts'
import { SECOND } from '../../base/time.ts'
import { PodTemplates } from '../pod-templates.ts'
import { parseAmount, parseCell } from '../trace-format.ts'
import type { Cell, FormatSetting, TraceFormat } from '../trace-format.ts'
import { ReadTask } from '../trace-task.ts'
import type { TraceTask } from '../trace-task.ts'
import type { PodSizing, PodTemplate } from '../../api/pod-template.ts'

/** Columns of stowage's own trace format; the first four are required. */
export const CSV_COLUMNS = [
  'arrival_s',
  'duration_s',
  'cpu_milli',
  'memory_mib',
  'name',
  'count',
  'priority',
  'qos',
  'namespace',
  'app',
  'gpu',
  'gpu_milli',
  'gpu_model',
  'used_memory_mib',
] as const

type Column = (typeof CSV_COLUMNS)[number]

const REQUIRED: readonly Column[] = ['arrival_s', 'duration_s', 'cpu_milli', 'memory_mib']
/** Other names under which a column is read. */
const ALIASES: Readonly<Record<string, Column>> = { mem_mib: 'memory_mib' }
const MEBIBYTE = 1024 * 1024
const SIZINGS: Readonly<Record<string, PodSizing>> = {
  Burstable: 'requests',
  Guaranteed: 'guaranteed',
  BestEffort: 'best-effort',
}

/**
 * stowage's own trace format: CSV with a header, one task a row, in order of arrival. docs/traces.md has the columns.
 *
 * An empty duration runs for ever. A best-effort task has no requests whatever its columns say of cpu and memory.
 */
export const csv: TraceFormat = {
  name: 'csv',
  isSorted: true,
  hasHeader: true,
  options: [],
  open(setting) {
    let rows: RowReader | undefined
    return (line, lineNumber) => {
      if (rows !== undefined) return rows.read(line, lineNumber)
      rows = new RowReader(setting, headerOf(line, setting.file))
      return undefined
    }
  },
}

function headerOf(line: string, file: string): readonly Column[] {
  const columns = line.split(',').map((name, index): Column => {
    const known = ALIASES[name.trim()] ?? CSV_COLUMNS.find((column) => column === name.trim())
    if (known !== undefined) return known
    throw new InputError({
      file,
      line: 1,
      column: index + 1,
      field: name.trim(),
      message: 'is no column of the format',
      hint: `known are ${CSV_COLUMNS.join(', ')}`,
    })
  })
  const twice = columns.findIndex((column, index) => columns.indexOf(column) !== index)
  if (twice >= 0) {
    throw new InputError({
      file,
      line: 1,
      column: twice + 1,
      field: columns[twice] ?? '',
      message: 'is there twice',
    })
  }
  for (const required of REQUIRED) {
    if (!columns.includes(required))
      throw new InputError({ file, line: 1, message: `the column ${required} is missing` })
  }
  return columns
}

/** Columns that a pod's template follows from. */
const OF_TEMPLATE = ['namespace', 'app', 'priority', 'qos', 'gpu', 'gpu_milli', 'gpu_model'] as const

/** Reads rows; a usual one costs its cells and the task, and no more. */
class RowReader {
  readonly #file: string
  readonly #columns: readonly Column[]
  /** Where each column stands; -1 for one that is not there. */
  readonly #places = {} as Record<Column, number>
  readonly #templatePlaces: readonly number[]
  readonly #templates = new PodTemplates()
  /** Templates by the cells that they follow from. */
  readonly #byCells = new Map<string, PodTemplate>()
  /** Lines of the names given so far. */
  readonly #lineOf = new Map<string, number>()
  #cells: readonly string[] = []
  #line = 0

  constructor({ file }: FormatSetting, columns: readonly Column[]) {
    this.#file = file
    this.#columns = columns
    for (const column of CSV_COLUMNS) this.#places[column] = columns.indexOf(column)
    this.#templatePlaces = OF_TEMPLATE.map((column) => this.#places[column]).filter((place) => place >= 0)
  }

  read(line: string, lineNumber: number): readonly TraceTask[] {
    const cells = line.split(',')
    this.#cells = cells
    this.#line = lineNumber
    if (cells.length !== this.#columns.length) {
      throw new InputError({
        file: this.#file,
        line: lineNumber,
        message: `${cells.length} columns; expected ${this.#columns.length}`,
      })
    }
    const template = this.#template()
    const hasRequests = template.sizing !== 'best-effort'
    const count = this.#amountOr('count', 1)
    if (count < 1) throw this.#wrong('count', `is ${count}; expected at least 1`)
    const usedMemory =
      this.#text('used_memory_mib') === ''
        ? undefined
        : Math.round(this.#amount('used_memory_mib') * MEBIBYTE)
    const task = new ReadTask(this.#name(), template)
    task.at = Math.round(this.#amount('arrival_s') * SECOND)
    if (hasRequests) {
      task.cpu = Math.round(this.#amount('cpu_milli'))
      task.memory = Math.round(this.#amount('memory_mib') * MEBIBYTE)
    }
    task.count = count
    if (this.#text('duration_s') !== '') task.duration = Math.round(this.#amount('duration_s') * SECOND)
    if (usedMemory !== undefined) task.usedMemory = usedMemory
    return [task]
  }

  #name(): string {
    const given = this.#text('name')
    if (given === '') return `task-${this.#line - 1}`
    const before = this.#lineOf.get(given)
    if (before !== undefined) {
      const found = JSON.stringify(given)
      throw this.#wrong('name', `is ${found}, as in line ${before}; expected a name of its own`)
    }
    this.#lineOf.set(given, this.#line)
    return given
  }

  #template(): PodTemplate {
    let key = ''
    for (const place of this.#templatePlaces) key += `${this.#cells[place] ?? ''},`
    const known = this.#byCells.get(key)
    if (known !== undefined) return known
    const app = this.#text('app')
    const model = this.#text('gpu_model')
    const template = this.#templates.of({
      namespace: this.#text('namespace') === '' ? 'default' : this.#text('namespace'),
      labels: app === '' ? {} : { app },
      priority: this.#text('priority') === '' ? 0 : parseCell(this.#text('priority'), this.#cell('priority')),
      sizing: this.#sizing(),
      gpus: this.#amountOr('gpu', 0),
      gpuMilli: this.#amountOr('gpu_milli', 1000),
      gpuModels: model === '' ? [] : model.split('|'),
    })
    this.#byCells.set(key, template)
    return template
  }

  #sizing(): PodSizing {
    const qos = this.#text('qos') === '' ? 'Burstable' : this.#text('qos')
    const sizing = SIZINGS[qos]
    if (sizing !== undefined) return sizing
    throw this.#wrong('qos', `is "${qos}"; expected one of ${Object.keys(SIZINGS).join(', ')}`)
  }

  #text(column: Column): string {
    return this.#cells[this.#places[column]] ?? ''
  }

  #amount(column: Column): number {
    const text = this.#text(column)
    const value = Number(text)
    const isUsual = value > 0 ? value < Number.POSITIVE_INFINITY : value === 0 && text.trim() !== ''
    return isUsual ? value : parseAmount(text, this.#cell(column))
  }

  #amountOr(column: Column, fallback: number): number {
    return this.#text(column) === '' ? fallback : this.#amount(column)
  }

  #cell(column: Column): Cell {
    return {
      file: this.#file,
      line: this.#line,
      column: Math.max(0, this.#places[column]) + 1,
      field: column,
    }
  }

  #wrong(column: Column, message: string): InputError {
    return new InputError({ ...this.#cell(column), message })
  }
}
