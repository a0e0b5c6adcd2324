import type { IntOrString } from '../types.generated.ts'
import { invalid } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { intOrStringValue } from './go-shapes.ts'
import { nonNegative } from './metadata.ts'
import { percent } from './names.ts'

/**
 * A number that is not negative, or a percentage.
 *
 * Source: Kubernetes v1.37, apps/validation `ValidatePositiveIntOrPercent`.
 */
export function validateIntOrPercent(value: IntOrString | undefined, path: string): FieldErrors {
  if (typeof value !== 'string') return nonNegative(value, path)
  return percent(value).map((detail) => invalid(path, intOrStringValue(value), detail))
}

/** The number, or the number before the percent sign; 0 where a text is neither. */
export function amountOf(value: IntOrString | undefined): number {
  if (typeof value !== 'string') return value ?? 0
  const [digits = ''] = /^[-+]?\d+%?$/.exec(value) ?? []
  const isPercentage = percent(value).length === 0
  if (isPercentage || /^[-+]?\d+$/.test(digits)) return Number.parseInt(value, 10)
  return 0
}

/** A percentage of at most 100. Source: apps/validation `IsNotMoreThan100Percent`. */
export function validateNotMoreThanAll(value: IntOrString | undefined, path: string): FieldErrors {
  const isMore = typeof value === 'string' && percent(value).length === 0 && Number.parseInt(value, 10) > 100
  return isMore ? [invalid(path, intOrStringValue(value), 'must not be greater than 100%')] : []
}
