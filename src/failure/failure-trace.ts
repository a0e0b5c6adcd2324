import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import { MILLISECOND, MINUTE, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { FAILURE_TRACE_FORMATS } from '../scenario/failures/failure-trace.ts'

export type FailureTraceFormat = (typeof FAILURE_TRACE_FORMATS)[number]

/** One outage of a trace: which machine, or what share of all machines, from when, for how long. */
export interface TracedFailure {
  /**
   * Number of the machine in the trace, from 0, in order of appearance; undefined when `share` says how many.
   */
  readonly machine: number | undefined
  /** Share of all machines that are hit, from 0 to 1; undefined when `machine` says which. */
  readonly share: number | undefined
  /** From the first failure of the trace. */
  readonly at: Micros
  readonly span: Micros
}

/** Failures of a trace, and rows of it that are none, by reason. */
export interface FailureTrace {
  /** In order of their start. */
  readonly failures: readonly TracedFailure[]
  readonly machines: number
  readonly skipped: ReadonlyMap<string, number>
}

/**
 * What a row came to: a failure with its machine's name, why it cannot be one, or nothing: it tells of
 * something else.
 */
type Row = RowFailure | { readonly skip: string } | undefined

interface RowFailure {
  readonly machine: string | undefined
  readonly share: number | undefined
  readonly at: Micros
  readonly span: Micros
}

/**
 * Reads a trace of failures: Los Alamos (LA-UR-05-7318, CSV), Grid'5000 (Failure Trace Archive,
 * event_trace.tab) or the Cloud Uptime Archive (opendc, CSV); gzip'd or not. Times are shifted so that the
 * first failure is at 0.
 *
 * Throws `InputError` with file, line and column for a row that is not of the format.
 */
export function readFailureTrace(file: string, format: FailureTraceFormat): FailureTrace {
  const parse = { lanl: parseLanl, grid5000: parseGrid5000, opendc: openDcParser() }[format]
  const skipped = new Map<string, number>()
  const machines = new Map<string, number>()
  const found: { machine: number | undefined; share: number | undefined; at: Micros; span: Micros }[] = []
  let first = Number.POSITIVE_INFINITY
  let number = 0
  for (const line of linesOf(readText(file))) {
    number += 1
    const isHeader = number === 1 && format !== 'grid5000'
    if (line === '' || line.startsWith('#') || isHeader) continue
    const row = parse(line, { file, line: number })
    if (row === undefined) continue
    if ('skip' in row) {
      skipped.set(row.skip, (skipped.get(row.skip) ?? 0) + 1)
      continue
    }
    first = Math.min(first, row.at)
    found.push({ machine: numberOf(row.machine, machines), share: row.share, at: row.at, span: row.span })
  }
  for (const failure of found) failure.at -= first
  const failures = found.sort((one, other) => one.at - other.at || (one.machine ?? 0) - (other.machine ?? 0))
  return { failures, machines: machines.size, skipped }
}

/** Number of a machine, in order of appearance. */
function numberOf(machine: string | undefined, machines: Map<string, number>): number | undefined {
  if (machine === undefined) return undefined
  const known = machines.get(machine)
  if (known !== undefined) return known
  machines.set(machine, machines.size)
  return machines.size - 1
}

/** The lines of a text one by one, without blanks around them: a trace has hundreds of thousands. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    const stop = end === -1 ? text.length : end
    yield text.slice(start, stop).trim()
    start = stop + 1
  }
}

function readText(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    throw unreadable(file)
  }
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
  try {
    return (isCompressed ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch {
    throw new InputError({ file, message: 'the gzip data is cut short or damaged' })
  }
}

interface Place {
  readonly file: string
  readonly line: number
}

const LANL_STARTED = 16
const LANL_FIXED = 17
const LANL_COLUMNS = 26

/** System, …, node from zero (6), …, problem started (16), fixed (17), down time in minutes (18). */
function parseLanl(line: string, place: Place): Row {
  const cells = splitCsv(line)
  if (cells.length < LANL_FIXED + 1) {
    throw new InputError({ ...place, message: `${cells.length} columns; expected ${LANL_COLUMNS}` })
  }
  const started = cells[LANL_STARTED] ?? ''
  const fixed = cells[LANL_FIXED] ?? ''
  if (started === '' || fixed === '') return { skip: 'no start or end' }
  const at = parseMonthDayYear(started, { ...place, column: LANL_STARTED + 1 }, 'Prob Started')
  const until = parseMonthDayYear(fixed, { ...place, column: LANL_FIXED + 1 }, 'Prob Fixed')
  if (until <= at) return { skip: 'ends before it starts' }
  return { machine: `${cells[0] ?? ''}/${cells[6] ?? ''}`, share: undefined, at, span: until - at }
}

/** Event, component, node, platform, node name, type (0 = unavailable), start, stop, reason. */
function parseGrid5000(line: string, place: Place): Row {
  const cells = line.split(/\s+/)
  if (cells.length < 8) throw new InputError({ ...place, message: `${cells.length} columns; expected 9` })
  if (cells[5] === '1') return undefined
  if (cells[5] !== '0') {
    throw new InputError({
      ...place,
      column: 6,
      field: 'event_type',
      message: `"${cells[5] ?? ''}" is neither 0 nor 1`,
    })
  }
  const at = parseNumber(cells[6] ?? '', { ...place, column: 7 }, 'event_start_time') * SECOND
  const until = parseNumber(cells[7] ?? '', { ...place, column: 8 }, 'event_stop_time') * SECOND
  if (until <= at) return { skip: 'ends before it starts' }
  return { machine: cells[4], share: undefined, at, span: until - at }
}

/** Trace, milliseconds since the failure before it began, duration in milliseconds, share of hosts hit. */
function openDcParser(): (line: string, place: Place) => Row {
  const clocks = new Map<string, Micros>()
  return (line, place) => {
    const cells = splitCsv(line)
    if (cells.length < 4) throw new InputError({ ...place, message: `${cells.length} columns; expected 4` })
    const interval = parseNumber(cells[1] ?? '', { ...place, column: 2 }, 'failure_interval_ms') * MILLISECOND
    const span = parseNumber(cells[2] ?? '', { ...place, column: 3 }, 'failure_duration_ms') * MILLISECOND
    const share = parseNumber(cells[3] ?? '', { ...place, column: 4 }, 'failure_intensity')
    if (share < 0 || share > 1) {
      throw new InputError({
        ...place,
        column: 4,
        field: 'failure_intensity',
        message: `${share} is not from 0 to 1`,
      })
    }
    const at = (clocks.get(cells[0] ?? '') ?? 0) + interval
    clocks.set(cells[0] ?? '', at)
    return { machine: undefined, share, at, span }
  }
}

/** `m/d/yyyy h:mm`, local time without a zone: read as if it were UTC. */
function parseMonthDayYear(text: string, place: Place & { column: number }, field: string): Micros {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/.exec(text)
  if (match === null) {
    throw new InputError({ ...place, field, message: `"${text}" is no time`, hint: 'expected m/d/yyyy h:mm' })
  }
  const [, month, day, year, hour, minute] = match.map(Number)
  const isDay = inRange(month, 1, 12) && inRange(day, 1, 31)
  if (!isDay || !inRange(hour, 0, 23) || !inRange(minute, 0, 59)) {
    throw new InputError({ ...place, field, message: `"${text}" is no time of any day` })
  }
  const minutes = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0) / 60_000
  return minutes * MINUTE
}

function inRange(value: number | undefined, low: number, high: number): boolean {
  return value !== undefined && value >= low && value <= high
}

function parseNumber(text: string, place: Place & { column: number }, field: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InputError({ ...place, field, message: `"${text}" is no number` })
}

function splitCsv(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  const cells: string[] = []
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push((match[1] ?? match[2] ?? '').replaceAll('""', '"'))
  }
  return cells
}
