import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { CivilTime, TimeZone } from '../base/time-zone.ts'
import { parseCron } from './cron-parser.ts'
import type { CronFields } from './cron-parser.ts'

/** A time in the calendar: microseconds since 1970 in UTC. */
export type EpochMicros = number

/** When something is to run. */
export interface CronSchedule {
  /** The first time after `after`, on a whole second; undefined when there is none in five years. */
  next(after: EpochMicros): EpochMicros | undefined
}

/** A schedule that could be read, or why not. */
export type CronScheduleResult =
  | { readonly ok: true; readonly schedule: CronSchedule }
  | { readonly ok: false; readonly message: string }

/** Years ahead that are searched. */
const YEARS_MAX = 5

const known = new Map<string, CronScheduleResult>()

/**
 * The schedule of a text as `spec.schedule` of a CronJob has it, with `TZ=zone` before it where there is a zone. Read once for
 * each text.
 */
export function cronSchedule(text: string): CronScheduleResult {
  let result = known.get(text)
  if (result === undefined) {
    const parsed = parseCron(text)
    if (!parsed.ok) result = parsed
    else if (parsed.cron.kind === 'interval') result = { ok: true, schedule: every(parsed.cron.delay) }
    else result = { ok: true, schedule: matching(parsed.cron) }
    known.set(text, result)
  }
  return result
}

function every(delay: Micros): CronSchedule {
  return { next: (after) => Math.floor(after / SECOND) * SECOND + delay }
}

function matching(fields: CronFields): CronSchedule {
  return {
    next(after) {
      const found = new Search(fields, Math.floor(after / SECOND) + 1).run()
      return found === undefined ? undefined : found * SECOND
    },
  }
}

/**
 * The search for the next time that all fields match: the largest field that does not is moved on until it does, which sets the
 * smaller ones to their beginning; one that wraps around makes the search begin anew.
 *
 * Hours are moved on in absolute time: one that daylight saving leaves out is not found, and the day after is searched.
 * Source: github.com/robfig/cron v3.0.1, spec.go `SpecSchedule.Next`.
 */
class Search {
  readonly #fields: CronFields
  readonly #zone: TimeZone
  #seconds: number
  /** Whether a field was moved on, so that those below it are at their beginning. */
  #isMoved = false

  constructor(fields: CronFields, from: number) {
    this.#fields = fields
    this.#zone = fields.zone
    this.#seconds = from
  }

  run(): number | undefined {
    const lastYear = this.#civil().year + YEARS_MAX
    while (this.#civil().year <= lastYear) {
      if (this.#isWrapped()) continue
      return this.#seconds
    }
    return undefined
  }

  #isWrapped(): boolean {
    return this.#monthWraps() || this.#dayWraps() || this.#hourWraps() || this.#minuteWraps()
  }

  #monthWraps(): boolean {
    for (let now = this.#civil(); !this.#fields.month.values.has(now.month); now = this.#civil()) {
      this.#begin({ ...now, day: 1, hour: 0, minute: 0, second: 0 })
      const start = this.#civil()
      this.#seconds = this.#zone.instant({ ...start, month: start.month + 1 })
      if (this.#civil().month === 1) return true
    }
    return false
  }

  #dayWraps(): boolean {
    for (let now = this.#civil(); !this.#dayMatches(now); now = this.#civil()) {
      this.#begin({ ...now, hour: 0, minute: 0, second: 0 })
      const start = this.#civil()
      this.#seconds = this.#zone.instant({ ...start, day: start.day + 1 })
      // Daylight saving may have moved midnight.
      const { hour } = this.#civil()
      if (hour !== 0) this.#seconds += (hour > 12 ? 24 - hour : -hour) * 3600
      if (this.#civil().day === 1) return true
    }
    return false
  }

  #hourWraps(): boolean {
    for (let now = this.#civil(); !this.#fields.hour.values.has(now.hour); now = this.#civil()) {
      this.#begin({ ...now, minute: 0, second: 0 })
      this.#seconds += 3600
      if (this.#civil().hour === 0) return true
    }
    return false
  }

  #minuteWraps(): boolean {
    for (let now = this.#civil(); !this.#fields.minute.values.has(now.minute); now = this.#civil()) {
      if (!this.#isMoved) this.#seconds -= now.second
      this.#isMoved = true
      this.#seconds += 60
      if (this.#civil().minute === 0) return true
    }
    const { second } = this.#civil()
    if (second === 0) return false
    this.#isMoved = true
    this.#seconds += 60 - second
    return true
  }

  /** Goes to a civil time, the beginning of the present month, day or hour, unless a field was moved on before. */
  #begin(time: Omit<CivilTime, 'weekday'>): void {
    if (this.#isMoved) return
    this.#isMoved = true
    this.#seconds = this.#zone.instant(time)
  }

  #civil(): CivilTime {
    return this.#zone.civil(this.#seconds)
  }

  /** Either of the two fields of days suffices when both are restricted. */
  #dayMatches({ day, weekday }: CivilTime): boolean {
    const { dayOfMonth, dayOfWeek } = this.#fields
    const isDay = dayOfMonth.values.has(day)
    const isWeekday = dayOfWeek.values.has(weekday)
    return dayOfMonth.isStar || dayOfWeek.isStar ? isDay && isWeekday : isDay || isWeekday
  }
}
