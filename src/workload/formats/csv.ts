import { InputError } from '../../base/errors.ts'
import { NEVER, SECOND } from '../../base/time.ts'
import { PodTemplates } from '../pod-templates.ts'
import { parseAmount, parseCell } from '../trace-format.ts'
import type { FormatSetting, LineReader, TraceFormat } from '../trace-format.ts'
import type { PodSizing } from '../../api/pod-template.ts'

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
    let read: LineReader | undefined
    return (line, lineNumber) => {
      if (read === undefined) {
        read = rowReader(setting, headerOf(line, setting.file))
        return undefined
      }
      return read(line, lineNumber)
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

function rowReader({ file }: FormatSetting, columns: readonly Column[]): LineReader {
  const templates = new PodTemplates()
  const positions = new Map(columns.map((column, index) => [column, index]))
  /** Lines of the names given so far. */
  const lineOf = new Map<string, number>()
  return (line, lineNumber) => {
    const cells = line.split(',')
    if (cells.length !== columns.length) {
      throw new InputError({
        file,
        line: lineNumber,
        message: `${cells.length} columns; expected ${columns.length}`,
      })
    }
    const text = (column: Column): string => cells[positions.get(column) ?? -1] ?? ''
    const place = (column: Column) => ({
      file,
      line: lineNumber,
      column: (positions.get(column) ?? 0) + 1,
      field: column,
    })
    const amount = (column: Column): number => parseAmount(text(column), place(column))
    const amountOr = (column: Column, fallback: number): number =>
      text(column) === '' ? fallback : amount(column)
    const qos = text('qos') === '' ? 'Burstable' : text('qos')
    const sizing = SIZINGS[qos]
    if (sizing === undefined) {
      throw new InputError({
        ...place('qos'),
        message: `is "${qos}"; expected one of ${Object.keys(SIZINGS).join(', ')}`,
      })
    }
    const app = text('app')
    const model = text('gpu_model')
    const count = amountOr('count', 1)
    if (count < 1) throw new InputError({ ...place('count'), message: `is ${count}; expected at least 1` })
    const used = text('used_memory_mib')
    const given = text('name')
    const before = given === '' ? undefined : lineOf.get(given)
    if (before !== undefined) {
      throw new InputError({
        ...place('name'),
        message: `is ${JSON.stringify(given)}, as in line ${before}; expected a name of its own`,
      })
    }
    if (given !== '') lineOf.set(given, lineNumber)
    return [
      {
        name: given === '' ? `task-${lineNumber - 1}` : given,
        at: Math.round(amount('arrival_s') * SECOND),
        template: templates.of({
          namespace: text('namespace') === '' ? 'default' : text('namespace'),
          labels: app === '' ? {} : { app },
          priority: text('priority') === '' ? 0 : parseCell(text('priority'), place('priority')),
          sizing,
          gpus: amountOr('gpu', 0),
          gpuMilli: amountOr('gpu_milli', 1000),
          gpuModels: model === '' ? [] : model.split('|'),
        }),
        cpu: qos === 'BestEffort' ? 0 : Math.round(amount('cpu_milli')),
        memory: qos === 'BestEffort' ? 0 : Math.round(amount('memory_mib') * MEBIBYTE),
        count,
        duration: text('duration_s') === '' ? NEVER : Math.round(amount('duration_s') * SECOND),
        ...(used === '' ? {} : { usedMemory: Math.round(amount('used_memory_mib') * MEBIBYTE) }),
      },
    ]
  }
}
