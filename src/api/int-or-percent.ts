import type { IntOrString } from './types.generated.ts'

/**
 * A number, or a percentage of a total, as a whole number: percentages are rounded up or down as asked. Undefined for a text
 * that is no percentage. Source: apimachinery v1.37, util/intstr `GetScaledValueFromIntOrPercent`.
 */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number | undefined {
  if (typeof value === 'number') return value
  if (!/^[-+]?\d+%$/.test(value)) return undefined
  const share = (Number(value.slice(0, -1)) * total) / 100
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share)
}
