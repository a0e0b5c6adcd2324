import { INT64_MAX, nanoOf, readQuantityText } from './quantity-text.ts'
import type { Quantity } from './types.generated.ts'

/**
 * A quantity as Kubernetes holds it once it is read: digits · 10^scale, in an int64 where the text is short enough,
 * else in a decimal of any size. What is asked in int64 beyond its range depends on which of the two it is.
 */
export interface HeldQuantity {
  readonly digits: bigint
  readonly scale: number
  readonly isInt64: boolean
}

/** Digits that are surely within an int64. */
const INT64_DIGITS = 18
/** Digits that a binary quantity may have in an int64, its suffix counted as three digits for each step. */
const BINARY_DIGITS = 14
/** The finest scale. */
const NANO_SCALE = -9
/** The first power of ten beyond int64. */
const INT64_POWER = 19

/**
 * Reads a quantity as Kubernetes holds it; undefined when the text is none.
 *
 * Source: Kubernetes v1.37, apimachinery `resource.ParseQuantity`.
 */
export function heldQuantity(text: Quantity): HeldQuantity | undefined {
  const parts = readQuantityText(String(text))
  if (parts === undefined) return undefined
  const { digits, digitCount, places, exponent, factor, format, isNegative } = parts
  const signed = (value: bigint): bigint => (isNegative ? -value : value)
  if (format === 'BinarySI') {
    const steps = (factor.toString(2).length - 1) / 10
    const value = digits * factor
    if (places === 0 && digitCount + 3 * steps <= BINARY_DIGITS && value <= INT64_MAX)
      return { digits: signed(value), scale: 0, isInt64: true }
    const nano = nanoOf(parts)
    // The largest amount is kept with another scale, which shows when it is asked for in thousandths.
    if (nano === INT64_MAX * 1_000_000_000n) return { digits: signed(INT64_MAX), scale: 0, isInt64: false }
    return { digits: signed(nano), scale: NANO_SCALE, isInt64: false }
  }
  const scale = exponent - places
  if (digitCount <= INT64_DIGITS && scale >= NANO_SCALE)
    return { digits: signed(digits), scale, isInt64: true }
  return { digits: signed(nanoOf(parts)), scale: NANO_SCALE, isInt64: false }
}

/**
 * The quantity in units of 10^scale as an int64: rounded away from zero, but for negative decimals of any size; beyond
 * int64 it is 0 or has wrapped around, as in Kubernetes.
 *
 * Source: Kubernetes v1.37, apimachinery `Quantity.ScaledValue`, `scaledValue`.
 */
export function scaledValue(held: HeldQuantity, scale: number): bigint {
  const { digits } = held
  const up = held.scale - scale
  if (held.isInt64) return up >= 0 ? scaledUp(digits, up).value : scaledDown(digits, -up).value
  if (up >= 0) return BigInt.asIntN(64, lowInt64(digits) * 10n ** BigInt(up))
  const divisor = 10n ** BigInt(-up)
  if (digits < INT64_MAX && -up < INT64_POWER) {
    const low = lowInt64(digits)
    return low / divisor + (low % divisor === 0n ? 0n : 1n)
  }
  const remainder = ((digits % divisor) + divisor) % divisor
  const floor = (digits - remainder) / divisor
  return BigInt.asIntN(64, lowInt64(floor) + (remainder === 0n ? 0n : 1n))
}

/** The quantity in units when it is held in an int64, has no finer scale, and fits; undefined otherwise (`AsInt64`). */
export function asInt64(held: HeldQuantity): bigint | undefined {
  if (!held.isInt64 || held.scale < 0) return undefined
  const { value, isWithin } = scaledUp(held.digits, held.scale)
  return isWithin ? value : undefined
}

/** The quantity as a float (`AsApproximateFloat64`). */
export function approximateFloat({ digits, scale }: HeldQuantity): number {
  return scale === 0 ? Number(digits) : Number(digits) * Number(`1e${scale}`)
}

/** Whether the product with an integer fits the int64 that it is held in, or its digits do (what `Mul` returns). */
export function isProductExact(held: HeldQuantity, factor: bigint): boolean {
  const product = held.digits * factor
  if (held.isInt64) {
    if (product === 0n) return true
    const isWithin =
      held.scale >= 0
        ? isInt64(product) && scaledUp(product, held.scale).isWithin
        : isInt64(product) && scaledDown(product, -held.scale).isExact
    if (isWithin) return true
  }
  return isInt64(product)
}

/** Multiplies by a power of ten: wraps around at the powers that have a path of their own, 0 beyond at the others. */
function scaledUp(value: bigint, power: number): { readonly value: bigint; readonly isWithin: boolean } {
  const exact = value * 10n ** BigInt(power)
  if (isInt64(exact)) return { value: exact, isWithin: true }
  const wraps = power <= 3 || power === 6 || power === 9
  return { value: wraps ? BigInt.asIntN(64, exact) : 0n, isWithin: false }
}

function scaledDown(value: bigint, power: number): { readonly value: bigint; readonly isExact: boolean } {
  const divisor = 10n ** BigInt(power)
  const quotient = value / divisor
  if (quotient * divisor === value) return { value: quotient, isExact: true }
  return { value: value < 0n ? quotient - 1n : quotient + 1n, isExact: false }
}

/** The low 64 bits of the size, with the sign (`big.Int.Int64`). */
function lowInt64(value: bigint): bigint {
  const size = BigInt.asIntN(64, value < 0n ? -value : value)
  return BigInt.asIntN(64, value < 0n ? -size : size)
}

function isInt64(value: bigint): boolean {
  return value <= INT64_MAX && value >= -INT64_MAX - 1n
}
