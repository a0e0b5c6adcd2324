import { assert } from '../base/assert.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/** Digits after the point that any number in an output has at most. */
const DECIMALS_MAX = 6

/**
 * A number as every output spells it: integers exactly, others to 6 decimals without trailing zeros.
 *
 * Never scientific notation below 1e21; the number must be finite.
 */
export function numberText(value: number): string {
  assert(Number.isFinite(value), () => `a report holds the number ${value}`)
  if (Number.isInteger(value)) return String(value === 0 ? 0 : value)
  const text = trimZeros(value.toFixed(DECIMALS_MAX))
  return text === '-0' ? '0' : text
}

/**
 * An instant or a span in seconds, as `numberText`; empty for what did not happen (undefined, `NEVER`, below
 * 0).
 */
export function secondsText(span: Micros | undefined): string {
  if (span === undefined || span === NEVER || span < 0) return ''
  const whole = Math.floor(span / 1_000_000)
  const rest = span % 1_000_000
  return rest === 0 ? String(whole) : trimZeros(`${whole}.${String(rest).padStart(DECIMALS_MAX, '0')}`)
}

function trimZeros(text: string): string {
  if (!text.includes('.')) return text
  return text.replace(/\.?0+$/, '')
}
