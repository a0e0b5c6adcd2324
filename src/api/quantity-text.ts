/** How a quantity is written: with k, M, G …; with Ki, Mi, Gi …; or with an exponent. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** Factors of the binary suffixes. */
export const BINARY_FACTOR: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
}

/** Powers of ten of the decimal suffixes. */
export const DECIMAL_EXPONENT: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}

/** The largest int64. */
export const INT64_MAX = 9_223_372_036_854_775_807n

const NANO = 1_000_000_000n

/** Powers of ten beyond this are no quantities: nothing can be reckoned with them. */
const EXPONENT_MAX = 10_000

/** What a text of a quantity says: (-)digits · 10^(exponent - places), or with a factor of a binary suffix. */
export interface QuantityParts {
  readonly isNegative: boolean
  /** All digits without the point. */
  readonly digits: bigint
  /** How many digits there are, without leading zeros of the whole number, which counts as one digit at least. */
  readonly digitCount: number
  /** Digits after the point. */
  readonly places: number
  /** Power of ten; 0 with a binary suffix. */
  readonly exponent: number
  /** Factor of the binary suffix; 1 without. */
  readonly factor: bigint
  readonly format: QuantityFormat
}

const FORM = /^([+-]?)0*(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/

/**
 * Takes a text of a quantity apart; undefined when it is none.
 *
 * Departs from Kubernetes: exponents above 10,000 are none; those below -10,000 are that one, which rounds up as well.
 */
export function readQuantityText(text: string): QuantityParts | undefined {
  const match = text === '' ? null : FORM.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  const factor = BINARY_FACTOR[suffix]
  const isExponent = suffix.length > 1 && factor === undefined
  const exponent = isExponent ? Number(suffix.slice(1)) : (DECIMAL_EXPONENT[suffix] ?? 0)
  if (exponent > EXPONENT_MAX) return undefined
  return {
    isNegative: sign === '-',
    digits: BigInt(`0${whole}${fraction}`),
    digitCount: Math.max(whole.length, 1) + fraction.length,
    places: fraction.length,
    exponent: Math.max(exponent, -EXPONENT_MAX),
    factor: factor ?? 1n,
    format: factor !== undefined ? 'BinarySI' : isExponent ? 'DecimalExponent' : 'DecimalSI',
  }
}

/** The size of a quantity in 10⁻⁹ units, rounded up; with a binary suffix not above int64 units. */
export function nanoOf({ digits, places, exponent, factor, format }: QuantityParts): bigint {
  if (format === 'BinarySI') {
    const nano = divideUp(digits * factor * NANO, 10n ** BigInt(places))
    return nano > INT64_MAX * NANO ? INT64_MAX * NANO : nano
  }
  const power = exponent - places + 9
  return power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power))
}

const NUMBER_AND_SUFFIX = /^[+-]?\d*(?:\.\d*)?[eEinumkKMGTP]*[-+]?\d*$/

/**
 * What is wrong with a text that is no quantity, in the words of Kubernetes.
 *
 * Source: Kubernetes v1.37, apimachinery `resource.ErrFormatWrong`, `ErrSuffix`.
 */
export function quantityProblem(text: string): string {
  if (text !== '' && NUMBER_AND_SUFFIX.test(text)) return "unable to parse quantity's suffix"
  return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
}

/** The quotient, rounded away from zero. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  if (quotient * divisor === dividend) return quotient
  return dividend < 0n ? quotient - 1n : quotient + 1n
}
