import { HOUR } from './time.ts'

const DAY_SECONDS = 24 * (HOUR / 1e6)

/** Names of the IANA database (2025b) without a slash; ICU knows others, which Go's `time.LoadLocation` does not. */
const PLAIN_NAMES: ReadonlySet<string> = new Set(
  (
    'CET CST6CDT Cuba EET EST EST5EDT Egypt Eire Factory GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong ' +
    'Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland ' +
    'Portugal ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu'
  ).split(' '),
)

/** The parts of a civil time; `month` from 1, `weekday` from 0 for Sunday. */
export interface CivilTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly weekday: number
}

/**
 * A place of the IANA time zone database, as the runtime's ICU has it: how far its clocks are from UTC, in seconds, at an instant
 * in seconds since 1970. Offsets are kept by day, so that most questions are a look into a map.
 */
export class TimeZone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat | undefined
  /** Days in which the offset may change, by number: the offset before, when it changes, the one after. */
  readonly #days = new Map<number, readonly [number, number, number]>()
  readonly #starts = new Map<number, number>()

  /** Without a format it is UTC. */
  constructor(name: string, format: Intl.DateTimeFormat | undefined) {
    this.name = name
    this.#format = format
  }

  /** Seconds that local time is ahead of UTC at an instant. */
  offsetAt(seconds: number): number {
    if (this.#format === undefined) return 0
    const [before, changesAt, after] = this.#day(Math.floor(seconds / DAY_SECONDS))
    return seconds < changesAt ? before : after
  }

  /** The civil time at an instant. */
  civil(seconds: number): CivilTime {
    const date = new Date((seconds + this.offsetAt(seconds)) * 1000)
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      weekday: date.getUTCDay(),
    }
  }

  /**
   * The instant of a civil time, whose parts may lie out of their ranges. One that does not exist, or exists twice, gives one of
   * the two that its neighbours suggest, as Go's `time.Date` does.
   */
  instant(time: Omit<CivilTime, 'weekday'>): number {
    const { year, month, day, hour, minute, second } = time
    const asUtc = Date.UTC(year, month - 1, day, hour, minute, second) / 1000
    return asUtc - this.offsetAt(asUtc - this.offsetAt(asUtc))
  }

  #day(day: number): readonly [number, number, number] {
    const known = this.#days.get(day)
    if (known !== undefined) return known
    const before = this.#offsetAtStart(day)
    const after = this.#offsetAtStart(day + 1)
    let low = day * DAY_SECONDS
    let high = low + DAY_SECONDS
    if (before === after) low = high
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#ask(middle) === before) low = middle
      else high = middle
    }
    const made = [before, high, after] as const
    this.#days.set(day, made)
    return made
  }

  #offsetAtStart(day: number): number {
    let offset = this.#starts.get(day)
    if (offset === undefined) {
      offset = this.#ask(day * DAY_SECONDS)
      this.#starts.set(day, offset)
    }
    return offset
  }

  #ask(seconds: number): number {
    const parts = new Map(
      this.#format?.formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]),
    )
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
    const local = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    )
    return local / 1000 - seconds
  }
}

/** Coordinated universal time. */
export const UTC = new TimeZone('UTC', undefined)

const zones = new Map<string, TimeZone | undefined>([
  ['', UTC],
  ['UTC', UTC],
  // The controller's own: a cluster's control plane runs in UTC.
  ['Local', UTC],
])

/**
 * The time zone of a name, undefined when there is none. Names are those of Go's `time.LoadLocation`, letter case included:
 * also the empty one, `UTC` and `Local`, which are UTC here.
 */
export function timeZoneOf(name: string): TimeZone | undefined {
  if (zones.has(name)) return zones.get(name)
  const zone = newZone(name)
  zones.set(name, zone)
  return zone
}

function newZone(name: string): TimeZone | undefined {
  const isPlain = PLAIN_NAMES.has(name)
  if (!isPlain && !/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)+$/.test(name)) return undefined
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name === 'Factory' ? 'UTC' : name,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    const resolved = format.resolvedOptions().timeZone
    const isOtherCase = resolved !== name && resolved.toLowerCase() === name.toLowerCase()
    return isOtherCase ? undefined : new TimeZone(name, format)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
