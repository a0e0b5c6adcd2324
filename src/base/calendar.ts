import { InputError } from './errors.ts'
import { DAY, MILLISECOND, SECOND, parseDuration } from './time.ts'
import type { Micros } from './time.ts'

/** Where a run begins unless its scenario says otherwise. */
export const DEFAULT_START = '2026-01-01T00:00:00Z'

/** Puts instants of a run into the calendar: RFC 3339 text in UTC, and back. */
export class Calendar {
  /** Milliseconds from 1970 to the start of the run. */
  readonly #start: number
  /** What was written last: many times of one instant are. */
  #last = { seconds: Number.NaN, text: '' }

  /** Throws `InputError` when the text is no RFC 3339 time. */
  constructor(start: string = DEFAULT_START, field?: string) {
    this.#start = millisecondsOf(start, field)
  }

  /** The instant in whole seconds, rounded down, as `metav1.Time` is written: `2026-01-01T00:00:00Z`. */
  format(at: Micros): string {
    const seconds = Math.floor((this.#start * MILLISECOND + at) / SECOND)
    if (seconds !== this.#last.seconds) {
      this.#last = { seconds, text: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` }
    }
    return this.#last.text
  }

  /** The instant as it is read back from the API, which keeps whole seconds: the beginning of its second. */
  wholeSecond(at: Micros): Micros {
    const origin = this.#start * MILLISECOND
    return Math.floor((origin + at) / SECOND) * SECOND - origin
  }

  /** The instant with microseconds, as `metav1.MicroTime` is written. */
  formatMicros(at: Micros): string {
    const micros = (this.#start * MILLISECOND + at) % SECOND
    return `${this.format(at).slice(0, 19)}.${String(micros).padStart(6, '0')}Z`
  }

  /**
   * The first instant of the run at a time of day in UTC, `14:00` or `14:00:30`; undefined when the text is none.
   */
  timeOfDay(text: string): Micros | undefined {
    const match = /^(\d{1,2}):([0-5]\d)(?::([0-5]\d))?$/.exec(text)
    if (match === null || Number(match[1]) > 23) return undefined
    const midnight = this.parse(`${this.format(0).slice(0, 10)}T00:00:00Z`)
    const seconds = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)
    const today = midnight + seconds * SECOND
    return today >= 0 ? today : today + DAY
  }

  /**
   * An instant as scenarios say it: a duration from the start of the run, a time of day, or a time in RFC 3339. Throws `InputError`
   * naming `field` when the text is none of these, or is before the start.
   */
  instant(value: string | number, field: string): Micros {
    const text = String(value).trim()
    if (/^\d{1,2}:\d/.test(text)) {
      const found = this.timeOfDay(text)
      if (found !== undefined) return found
      throw new InputError({
        field,
        message: `"${text}" is no time of day`,
        hint: 'expected 00:00 to 23:59, or 00:00:00 to 23:59:59',
      })
    }
    if (!/^\d{4}-/.test(text)) return parseDuration(value, field)
    const found = this.parse(text, field)
    if (found >= 0) return found
    throw new InputError({
      field,
      message: `"${text}" is before the start of the run, ${this.format(0)}`,
      hint: 'spec.startTime says when a run begins',
    })
  }

  /** The instant of an RFC 3339 text; before the start of the run it is below 0. Throws `InputError` for other text. */
  parse(text: string, field?: string): Micros {
    const fraction = /\.(\d+)/.exec(text)?.[1] ?? ''
    const micros = Number(fraction.padEnd(6, '0').slice(0, 6))
    const whole = text.replace(/\.\d+/, '')
    return (millisecondsOf(whole, field) - this.#start) * MILLISECOND + micros
  }
}

function millisecondsOf(text: string, field: string | undefined): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const milliseconds = isTime ? Date.parse(text) : Number.NaN
  if (Number.isNaN(milliseconds)) {
    throw new InputError({
      ...(field === undefined ? {} : { field }),
      message: `"${text}" is no time`,
      hint: 'expected RFC 3339, as 2026-01-01T00:00:00Z',
    })
  }
  return milliseconds
}
