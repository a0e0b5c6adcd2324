import { MILLISECOND, MINUTE, SECOND } from './time.ts'
import type { Micros } from './time.ts'

const NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/**
 * A duration as Go writes it, `1m30s` or `-1.5h`, in milliseconds; a text is what is wrong with it.
 *
 * Source: Go, time.ParseDuration.
 */
export function goDuration(text: string): number | string {
  const signed = /^([-+]?)(.*)$/s.exec(text)
  const body = signed?.[2] ?? ''
  if (body === '0') return 0
  if (body === '') return `time: invalid duration ${JSON.stringify(text)}`
  let nanos = 0
  let rest = body
  while (rest !== '') {
    const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest)
    if (part === null) return `time: invalid duration ${JSON.stringify(text)}`
    const [all, amount = '', unit = ''] = part
    if (unit === '') return `time: missing unit in duration ${JSON.stringify(text)}`
    const size = NANOS[unit]
    if (size === undefined) {
      return `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`
    }
    nanos += Number(amount) * size
    rest = rest.slice(all.length)
  }
  return ((signed?.[1] === '-' ? -1 : 1) * nanos) / 1e6
}

/** A checked duration in milliseconds; `fallback` when it is absent. */
export function millisecondsOf(value: unknown, fallback: number): number {
  const duration = typeof value === 'string' ? goDuration(value) : undefined
  return typeof duration === 'number' ? duration : fallback
}

/**
 * A span of whole microseconds as Go prints it: `1h0m0s`, `1m30s`, `1.5s`, `250ms`.
 *
 * Source: Go, time.Duration.String.
 */
export function formatGoDuration(span: Micros): string {
  if (span === 0) return '0s'
  if (span < MILLISECOND) return `${span}µs`
  if (span < SECOND) return `${span / MILLISECOND}ms`
  const minutes = Math.floor(span / MINUTE)
  const seconds = `${(span % MINUTE) / SECOND}s`
  if (minutes === 0) return seconds
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`
}
