import { InputError } from './errors.ts'

/** An instant or a span: an integer of microseconds; instants count from the start of the run. */
export type Micros = number

export const MILLISECOND: Micros = 1_000
export const SECOND: Micros = 1_000_000
export const MINUTE: Micros = 60 * SECOND
export const HOUR: Micros = 60 * MINUTE
export const DAY: Micros = 24 * HOUR

/** After every instant of a run. Compares and sorts as a number; never added to. */
export const NEVER: Micros = Number.POSITIVE_INFINITY

const UNITS: Readonly<Record<string, Micros>> = {
  us: 1,
  µs: 1,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
}

/**
 * Reads a duration in Go's form with days and weeks added: `90s`, `1h30m`, `2d`, `1.5h`; a bare number is seconds.
 *
 * Rounds to whole microseconds. Throws `InputError` naming `field` when the text is no duration or is negative.
 */
export function parseDuration(text: string | number, field: string): Micros {
  const source = String(text).trim()
  if (/^\d+(\.\d+)?$/.test(source)) return Math.round(Number(source) * SECOND)
  const pattern = /(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d|w)/gy
  let total = 0
  let end = 0
  for (let match = pattern.exec(source); match !== null; match = pattern.exec(source)) {
    total += Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0)
    end = pattern.lastIndex
  }
  if (end === 0 || end !== source.length) {
    throw new InputError({
      field,
      message: `"${source}" is no duration${source.startsWith('-') ? ': it may not be negative' : ''}`,
      hint: 'expected a number with a unit, such as 90s, 5m, 1h30m or 2d',
    })
  }
  return Math.round(total)
}

/** A drawn span in whole microseconds, never below 0; `NEVER` stays. */
export function wholeSpan(span: number): Micros {
  return Math.max(0, Math.round(span))
}

/** Prints a span the way Kubernetes' duration fields do, with days: `1d2h3m4.5s`, `0s`. */
export function formatDuration(span: Micros): string {
  if (span === NEVER) return 'never'
  if (span < 0) return `-${formatDuration(-span)}`
  const days = Math.floor(span / DAY)
  const hours = Math.floor((span % DAY) / HOUR)
  const minutes = Math.floor((span % HOUR) / MINUTE)
  const seconds = (span % MINUTE) / SECOND
  const parts = [
    days > 0 ? `${days}d` : '',
    hours > 0 ? `${hours}h` : '',
    minutes > 0 ? `${minutes}m` : '',
    seconds > 0 ? `${Number(seconds.toFixed(6))}s` : '',
  ]
  return parts.join('') || '0s'
}

/** Prints an instant of the run for logs: `t=1d00:14:03.250000`. */
export function formatInstant(at: Micros): string {
  const days = Math.floor(at / DAY)
  const rest = at % DAY
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const clock = `${two(rest / HOUR)}:${two((rest % HOUR) / MINUTE)}:${two((rest % MINUTE) / SECOND)}`
  return `t=${days > 0 ? `${days}d` : ''}${clock}.${String(rest % SECOND).padStart(6, '0')}`
}
