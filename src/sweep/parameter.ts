import { InputError } from '../base/errors.ts'

/** How the numbers of a range are spread: `log` has as many between 1 and 10 as between 10 and 100. */
export const SCALES = ['linear', 'log', 'integer'] as const

/** A range of numbers, its ends included. */
export interface ParameterRange {
  readonly from: number
  /** Above `from`. */
  readonly to: number
  readonly scale: (typeof SCALES)[number]
  /** What follows the number in the scenario, such as `m` of `5m` or `Gi` of `64Gi`; empty for a plain number. */
  readonly unit: string
}

/** A field of the scenario that a sweep varies, and what it may be. */
export interface Parameter {
  /** As `spec.nodes[0].template.count`. */
  readonly path: string
  /** Where it was said, for errors: a flag, or a place in a file. */
  readonly source: string
  /** What it is one of; or a range. */
  readonly domain: { readonly values: readonly unknown[] } | { readonly range: ParameterRange }
}

/** Digits of a drawn number that matter. */
const DIGITS = 6

/**
 * The value at a share of what a parameter may be, from 0 to below 1: values and integers have equal parts of it. Numbers have six
 * digits.
 */
export function valueAt({ domain }: Parameter, share: number): unknown {
  if ('values' in domain) return domain.values[Math.floor(share * domain.values.length)]
  const { from, to, scale, unit } = domain.range
  const number =
    scale === 'integer'
      ? from + Math.floor(share * (to - from + 1))
      : scale === 'log'
        ? rounded(from * (to / from) ** share)
        : rounded(from + share * (to - from))
  return unit === '' ? number : `${number}${unit}`
}

/** Throws `InputError` for values of which one comes twice: its points would be the same. */
export function checkedValues(values: readonly unknown[], field: string): readonly unknown[] {
  const texts = values.map((value) => JSON.stringify(value))
  const twice = texts.find((text, index) => texts.indexOf(text) < index)
  if (twice === undefined) return values
  throw new InputError({ field, message: `has ${twice} twice`, hint: 'give each value once' })
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS))
}

/** Throws `InputError` for a range that holds nothing, or whose ends do not go with its scale. */
export function checkedRange(range: ParameterRange, field: string): ParameterRange {
  const { from, to, scale } = range
  const wrong = (message: string, hint: string): InputError => new InputError({ field, message, hint })
  if (!(from < to)) throw wrong(`the range from ${from} to ${to} is empty`, 'expected the lower end first')
  if (scale === 'log' && from <= 0) {
    throw wrong(`a logarithmic range cannot begin at ${from}`, 'expected an end above 0')
  }
  if (scale === 'integer' && !(Number.isInteger(from) && Number.isInteger(to))) {
    throw wrong(`the range from ${from} to ${to} has ends that are no integers`, 'give linear: or whole ends')
  }
  return range
}
