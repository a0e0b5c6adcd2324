import { goDuration } from '../base/go-duration.ts'
import { MILLISECOND, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { UTC, timeZoneOf } from '../base/time-zone.ts'
import type { TimeZone } from '../base/time-zone.ts'

/** The values of a field that match, and whether it was left open by `*` or `?`. */
export interface CronField {
  readonly values: ReadonlySet<number>
  readonly isStar: boolean
}

/** The five fields of a schedule; all of them in the civil time of `zone`. */
export interface CronFields {
  readonly kind: 'fields'
  readonly zone: TimeZone
  readonly minute: CronField
  readonly hour: CronField
  readonly dayOfMonth: CronField
  readonly month: CronField
  readonly dayOfWeek: CronField
}

/** A run every so often, in whole seconds: `@every`. */
export interface CronInterval {
  readonly kind: 'interval'
  readonly delay: Micros
}

/** A schedule, or why the text is none, in the words of the library that Kubernetes uses. */
export type ParsedCron =
  | { readonly ok: true; readonly cron: CronFields | CronInterval }
  | { readonly ok: false; readonly message: string }

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const MINUTES: Bounds = { min: 0, max: 59 }
const HOURS: Bounds = { min: 0, max: 23 }
const DAYS: Bounds = { min: 1, max: 31 }
const MONTHS: Bounds = {
  min: 1,
  max: 12,
  names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
}
const WEEKDAYS: Bounds = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] }

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])

const EVERY = '@every '

/** Why a text is no schedule; never leaves this file. */
class CronError extends Error {}

/**
 * Reads a schedule: five fields or a descriptor, `TZ=` or `CRON_TZ=` with a zone before it; in UTC without one.
 *
 * Source: github.com/robfig/cron v3.0.1, `ParseStandard`, which Kubernetes v1.37 reads CronJobs with; errors are in its words.
 */
export function parseCron(text: string): ParsedCron {
  try {
    return { ok: true, cron: parse(text) }
  } catch (error) {
    if (error instanceof CronError) return { ok: false, message: error.message }
    throw error
  }
}

function parse(text: string): CronFields | CronInterval {
  if (text === '') throw new CronError('empty spec string')
  let zone: TimeZone = UTC
  let rest = text
  if (text.startsWith('TZ=') || text.startsWith('CRON_TZ=')) {
    const space = text.includes(' ') ? text.indexOf(' ') : text.length
    const name = text.slice(text.indexOf('=') + 1, space)
    const known = timeZoneOf(name)
    if (known === undefined) throw new CronError(`provided bad location ${name}: unknown time zone ${name}`)
    zone = known
    rest = text.slice(space).trim()
  }
  if (rest.startsWith('@')) return parseDescriptor(rest, zone)
  return parseFields(rest, zone)
}

function parseFields(text: string, zone: TimeZone): CronFields {
  const fields = text.split(/\s+/).filter((field) => field !== '')
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields
  if (fields.length !== 5 || dayOfWeek === undefined) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  }
  return {
    kind: 'fields',
    zone,
    minute: parseField(minute ?? '', MINUTES),
    hour: parseField(hour ?? '', HOURS),
    dayOfMonth: parseField(dayOfMonth ?? '', DAYS),
    month: parseField(month ?? '', MONTHS),
    dayOfWeek: parseField(dayOfWeek, WEEKDAYS),
  }
}

function parseDescriptor(text: string, zone: TimeZone): CronFields | CronInterval {
  const fields = DESCRIPTORS.get(text)
  if (fields !== undefined) return parseFields(fields, zone)
  if (!text.startsWith(EVERY)) throw new CronError(`unrecognized descriptor: ${text}`)
  const delay = Math.max(SECOND, Math.floor(everyDuration(text) / SECOND) * SECOND)
  return { kind: 'interval', delay }
}

/** The duration after `@every`. */
function everyDuration(text: string): Micros {
  const milliseconds = goDuration(text.slice(EVERY.length))
  if (typeof milliseconds === 'number') return milliseconds * MILLISECOND
  throw new CronError(`failed to parse duration ${text}: ${milliseconds}`)
}

/** A comma-separated list of ranges; empty parts of it are nothing. */
function parseField(text: string, bounds: Bounds): CronField {
  const values = new Set<number>()
  let isStar = false
  for (const range of text.split(',').filter((part) => part !== '')) {
    if (addRange(values, range, bounds)) isStar = true
  }
  return { values, isStar }
}

/** Adds the values of `*`, `number` or `number-number`, each with or without `/step`; whether it leaves the field open. */
function addRange(values: Set<number>, text: string, bounds: Bounds): boolean {
  const parts = text.split('/')
  const ends = (parts[0] ?? '').split('-')
  const isOpen = ends[0] === '*' || ends[0] === '?'
  const start = isOpen ? bounds.min : numberOrName(ends[0] ?? '', bounds)
  let end = isOpen ? bounds.max : start
  if (!isOpen && ends.length > 2) throw new CronError(`too many hyphens: ${text}`)
  if (!isOpen && ends[1] !== undefined) end = numberOrName(ends[1], bounds)
  if (parts.length > 2) throw new CronError(`too many slashes: ${text}`)
  const step = parts[1] === undefined ? 1 : wholeNumber(parts[1])
  // A number with a step stands for all from it on.
  if (parts[1] !== undefined && ends.length === 1) end = bounds.max
  if (start < bounds.min) {
    throw new CronError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`)
  }
  if (end > bounds.max) throw new CronError(`end of range (${end}) above maximum (${bounds.max}): ${text}`)
  if (start > end) throw new CronError(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`)
  for (let value = start; value <= end; value += step) values.add(value)
  return isOpen && step === 1
}

function numberOrName(text: string, { names }: Bounds): number {
  const named = text === '' ? -1 : (names?.indexOf(text.toLowerCase()) ?? -1)
  return named >= 0 ? named : wholeNumber(text)
}

function wholeNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new CronError(`failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`)
  }
  const value = Number(text)
  if (value > Number.MAX_SAFE_INTEGER) {
    throw new CronError(
      `failed to parse int from ${text}: strconv.Atoi: parsing "${text}": value out of range`,
    )
  }
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`)
  return value
}
