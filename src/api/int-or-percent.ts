import type { IntOrString } from './types.generated.ts'

/**
 * A number, or a percentage of a total, as a whole number: percentages are rounded up or down as asked; or what is wrong with
 * it. Source: apimachinery v1.37, util/intstr `GetScaledValueFromIntOrPercent`.
 */
export function scaledOrError(
  value: IntOrString,
  total: number,
  rounding: 'up' | 'down',
): number | { readonly error: string } {
  if (typeof value === 'number') return value
  if (!value.endsWith('%')) {
    return { error: 'invalid value for IntOrString: invalid type: string is not a percentage' }
  }
  const number = value.slice(0, -1)
  if (!/^[+-]?\d+$/.test(number)) {
    const cause = `strconv.Atoi: parsing ${JSON.stringify(number)}: invalid syntax`
    return { error: `invalid value for IntOrString: invalid value ${JSON.stringify(value)}: ${cause}` }
  }
  const share = (Number(number) * total) / 100
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share)
}

/** As `scaledOrError`; undefined for a text that is no percentage. */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number | undefined {
  const scaled = scaledOrError(value, total, rounding)
  return typeof scaled === 'number' ? scaled : undefined
}
