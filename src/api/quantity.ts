import { InputError } from '../base/errors.ts'
import { heldQuantity, scaledValue } from './held-quantity.ts'
import {
  BINARY_FACTOR,
  DECIMAL_EXPONENT,
  INT64_MAX,
  divideUp,
  nanoOf,
  readQuantityText,
} from './quantity-text.ts'
import type { QuantityFormat } from './quantity-text.ts'
import type { Quantity } from './types.generated.ts'

/** An exact quantity: an integer of 10⁻⁹ units, which is the finest that Kubernetes keeps, and how to write it. */
export interface ParsedQuantity {
  readonly nano: bigint
  readonly format: QuantityFormat
}

const NANO = 1_000_000_000n
const DECIMAL_SUFFIX: ReadonlyMap<number, string> = new Map(
  Object.entries(DECIMAL_EXPONENT).map(([suffix, exponent]) => [exponent, suffix]),
)

/**
 * Reads a quantity exactly, rounding away from zero to 10⁻⁹; undefined when the text is none.
 *
 * Source: Kubernetes v1.37, apimachinery `resource.ParseQuantity`: binary suffixes saturate at int64, decimal ones do
 * not; a missing number is 0, be it after a sign, around a point or before a suffix.
 */
export function parseQuantity(text: Quantity): ParsedQuantity | undefined {
  const parts = readQuantityText(String(text))
  if (parts === undefined) return undefined
  const { format } = parts
  const nano = nanoOf(parts)
  const isFraction = format === 'BinarySI' && nano > 0n && nano < NANO
  return { nano: parts.isNegative ? -nano : nano, format: isFraction ? 'DecimalSI' : format }
}

/** Reads a quantity of a user's; throws `InputError` with the field when it is none. */
export function requireQuantity(text: Quantity, field: string): ParsedQuantity {
  const parsed = parseQuantity(text)
  if (parsed !== undefined) return parsed
  throw new InputError({
    field,
    message: `"${String(text)}" is no quantity`,
    hint: 'expected a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3',
  })
}

/** The canonical text: the largest suffix that leaves no fraction. */
export function formatQuantity(quantity: ParsedQuantity): string {
  const { nano, format } = quantity
  if (nano === 0n) return '0'
  const isNegative = nano < 0n
  const size = isNegative ? -nano : nano
  const sign = isNegative ? '-' : ''
  if (format === 'BinarySI' && size % NANO === 0n && size >= 1024n * NANO)
    return sign + binaryText(size / NANO)
  return sign + decimalText(size, format)
}

/** Negative, zero or positive as the first is smaller, equal or larger. */
export function compareQuantities(one: ParsedQuantity, other: ParsedQuantity): number {
  if (one.nano === other.nano) return 0
  return one.nano < other.nano ? -1 : 1
}

/** The sum; written as the first, or as the second when the first is zero. */
export function addQuantities(one: ParsedQuantity, other: ParsedQuantity): ParsedQuantity {
  return { nano: one.nano + other.nano, format: one.nano === 0n ? other.format : one.format }
}

/** The difference; written as the first, or as the second when the first is zero. */
export function subtractQuantities(one: ParsedQuantity, other: ParsedQuantity): ParsedQuantity {
  return { nano: one.nano - other.nano, format: one.nano === 0n ? other.format : one.format }
}

/** The quantity an integer number of times; written as it is. */
export function multiplyQuantity({ nano, format }: ParsedQuantity, factor: bigint): ParsedQuantity {
  return { nano: nano * factor, format }
}

/** The quantity, rounded away from zero to a power of ten (of at least -9). */
export function roundUpQuantity({ nano, format }: ParsedQuantity, power: number): ParsedQuantity {
  const unit = 10n ** BigInt(power + 9)
  return { nano: divideUp(nano, unit) * unit, format }
}

/** The quantity in thousandths, rounded away from zero, exact; 0 beyond int64, as Kubernetes gives for most of these. */
export function quantityMilliExact(quantity: ParsedQuantity): bigint {
  return withinInt64(divideUp(quantity.nano, 1_000_000n))
}

/** The quantity in units, rounded away from zero, exact; 0 beyond int64, as Kubernetes gives. */
export function quantityValueExact(quantity: ParsedQuantity): bigint {
  return withinInt64(divideUp(quantity.nano, NANO))
}

const PLAIN = /^(\d{1,9})(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/
const PLAIN_FACTOR: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/**
 * The quantity in thousandths, rounded away from zero: what cpu is counted in. 0 when the text is none.
 *
 * Exact to 2^53 thousandths; beyond, use `quantityMilliExact`.
 */
export function quantityMilli(text: Quantity): number {
  const match = PLAIN.exec(String(text))
  if (match !== null) {
    const digits = Number(match[1])
    if (match[2] === 'm') return digits
    const milli = digits * (match[2] === undefined ? 1 : (PLAIN_FACTOR[match[2]] ?? 1)) * 1000
    if (milli < 2 ** 53) return milli
  }
  const held = heldQuantity(text)
  return held === undefined ? 0 : Number(scaledValue(held, -3))
}

/**
 * The quantity in units, rounded away from zero: what everything but cpu is counted in. 0 when the text is none.
 *
 * Exact to 2^53; beyond, use `quantityValueExact`.
 */
export function quantityValue(text: Quantity): number {
  const match = PLAIN.exec(String(text))
  if (match !== null) {
    const digits = Number(match[1])
    if (match[2] === 'm') return Math.ceil(digits / 1000)
    const value = digits * (match[2] === undefined ? 1 : (PLAIN_FACTOR[match[2]] ?? 1))
    if (value < 2 ** 53) return value
  }
  const held = heldQuantity(text)
  return held === undefined ? 0 : Number(scaledValue(held, 0))
}

/** Canonical text of a number of millicores. */
export function milliText(milli: number): string {
  return formatQuantity({ nano: BigInt(milli) * 1_000_000n, format: 'DecimalSI' })
}

/** Canonical text of a number of bytes. */
export function bytesText(bytes: number): string {
  return formatQuantity({ nano: BigInt(bytes) * NANO, format: 'BinarySI' })
}

function withinInt64(value: bigint): bigint {
  return value > INT64_MAX || value < -INT64_MAX ? 0n : value
}

function binaryText(units: bigint): string {
  let text = String(units)
  for (const [suffix, factor] of Object.entries(BINARY_FACTOR)) {
    if (units % factor === 0n) text = `${units / factor}${suffix}`
  }
  return text
}

function decimalText(size: bigint, format: QuantityFormat): string {
  let exponent = -9
  let mantissa = size
  while (mantissa % 1000n === 0n && (format === 'DecimalExponent' || exponent < 18)) {
    mantissa /= 1000n
    exponent += 3
  }
  if (format === 'DecimalExponent') return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`
  return `${mantissa}${DECIMAL_SUFFIX.get(exponent) ?? ''}`
}
