import { csvCells } from '../base/csv-line.ts'
import { InputError } from '../base/errors.ts'
import { MILLISECOND, MINUTE, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { FAILURE_TRACE_FORMATS } from '../scenario/failures/failure-trace.ts'

export type FailureTraceFormat = (typeof FAILURE_TRACE_FORMATS)[number]

/** One failure, as a row of a trace tells it. */
export interface FailureRow {
  /** Los Alamos: number of the system; Grid'5000: the site; Cloud Uptime Archive: the service. */
  readonly system: string
  /** Name of the machine in its system; undefined when `share` says how many failed. */
  readonly machine: string | undefined
  /** Share of all machines that are hit, from 0 to 1; undefined when `machine` says which. */
  readonly share: number | undefined
  /** The category that was blamed: `Hardware`, `Software`, …; undefined where none is given. */
  readonly cause: string | undefined
  /** Since 1970, or since the first failure of the service (Cloud Uptime Archive). */
  readonly at: Micros
  /** Undefined where the row does not tell. */
  readonly until: Micros | undefined
  /** How long it lasted, as the row says in a column of its own (Los Alamos); else from `at` to `until`. */
  readonly repair: Micros | undefined
}

/** What a row came to: a failure, why it cannot be one, or nothing: it tells of something else. */
export type ParsedRow = FailureRow | { readonly skip: string } | undefined

/** Where a row stands. */
export interface RowPlace {
  readonly file: string
  readonly line: number
}

/** Why a row without a start, or an end where one is needed, is left out. */
export const NO_TIMES = 'no start or end'

/**
 * Reads rows of a failure trace, one after another from the first line on: Los Alamos (LA-UR-05-7318, CSV),
 * Grid'5000 (Failure Trace Archive, event_trace.tab) or the Cloud Uptime Archive (opendc, CSV).
 *
 * Lines come without blanks around them. Throws `InputError` with file, line and column for a row that is not of the
 * format.
 */
export function failureRowParser(format: FailureTraceFormat): (line: string, place: RowPlace) => ParsedRow {
  const parse = { lanl: parseLanl, grid5000: parseGrid5000, opendc: openDcParser() }[format]
  const headerLines = format === 'grid5000' ? 0 : 1
  return (line, place) => {
    if (line === '' || line.startsWith('#') || place.line <= headerLines) return undefined
    return parse(line, place)
  }
}

const LANL_STARTED = 16
const LANL_FIXED = 17
const LANL_DOWN_TIME = 18
const LANL_COLUMNS = 26
/** Names of the six columns of causes, from 19. */
const LANL_CAUSES = ['Facilities', 'Hardware', 'Human Error', 'Network', 'Undetermined', 'Software']

/** System, …, node from zero (6), …, problem started (16), fixed (17), down time in minutes (18), causes (19). */
function parseLanl(line: string, place: RowPlace): ParsedRow {
  const cells = csvCells(line)
  if (cells.length < LANL_FIXED + 1) {
    throw new InputError({ ...place, message: `${cells.length} columns; expected ${LANL_COLUMNS}` })
  }
  const started = cells[LANL_STARTED] ?? ''
  const fixed = cells[LANL_FIXED] ?? ''
  const downTime = cells[LANL_DOWN_TIME] ?? ''
  if (started === '') return { skip: NO_TIMES }
  const at = parseMonthDayYear(started, { ...place, column: LANL_STARTED + 1 }, 'Prob Started')
  const until =
    fixed === '' ? undefined : parseMonthDayYear(fixed, { ...place, column: LANL_FIXED + 1 }, 'Prob Fixed')
  return {
    system: cells[0] ?? '',
    machine: cells[6] ?? '',
    share: undefined,
    cause: LANL_CAUSES.find((_, index) => (cells[LANL_DOWN_TIME + 1 + index] ?? '') !== ''),
    at,
    until,
    repair:
      Number.isFinite(Number(downTime)) && downTime !== '' ? Number(downTime) * MINUTE : spanOf(at, until),
  }
}

/** Event, component, node, platform, node name, type (0 = unavailable), start, stop, reason. */
function parseGrid5000(line: string, place: RowPlace): ParsedRow {
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
  const machine = cells[4] ?? ''
  const system = machine.split('/').slice(0, 2).join('/')
  const reason = cells[8] ?? 'NULL'
  const cause = reason === 'NULL' ? undefined : reason
  return { system, machine, share: undefined, cause, at, until, repair: spanOf(at, until) }
}

/** Trace, milliseconds since the failure before it began, duration in milliseconds, share of hosts hit. */
function openDcParser(): (line: string, place: RowPlace) => ParsedRow {
  const clocks = new Map<string, Micros>()
  return (line, place) => {
    const cells = csvCells(line)
    if (cells.length < 4) throw new InputError({ ...place, message: `${cells.length} columns; expected 4` })
    const system = cells[0] ?? ''
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
    const at = (clocks.get(system) ?? 0) + interval
    clocks.set(system, at)
    return { system, machine: undefined, share, cause: undefined, at, until: at + span, repair: span }
  }
}

/** Undefined for an end that is not known, or before the start. */
function spanOf(at: Micros, until: Micros | undefined): Micros | undefined {
  return until === undefined || until < at ? undefined : until - at
}

/** `m/d/yyyy h:mm`, local time without a zone: read as if it were UTC. */
function parseMonthDayYear(text: string, place: RowPlace & { column: number }, field: string): Micros {
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

function parseNumber(text: string, place: RowPlace & { column: number }, field: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InputError({ ...place, field, message: `"${text}" is no number` })
}
