import {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliExact,
  quantityValueExact,
} from '../quantity.ts'
import type { ParsedQuantity } from '../quantity.ts'
import type { Quantity } from '../types.generated.ts'
import { invalid } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { isIntegerResource } from './resource-names.ts'

/** Amounts of resources by name. */
export type Amounts = Readonly<Record<string, Quantity>>

const ZERO: ParsedQuantity = { nano: 0n, format: 'DecimalSI' }

/** A quantity; what is none is zero, for it would not have been decoded. */
export function amountOf(quantity: Quantity | undefined): ParsedQuantity {
  return (quantity === undefined ? undefined : parseQuantity(quantity)) ?? ZERO
}

/** The canonical text of a quantity. */
export function amountText(quantity: Quantity | undefined): string {
  return formatQuantity(amountOf(quantity))
}

/** Negative, zero or positive, as the first is less, equal or more. */
export function compareAmounts(one: Quantity | undefined, other: Quantity | undefined): number {
  return compareQuantities(amountOf(one), amountOf(other))
}

/**
 * An amount that may be 0.
 *
 * Source: Kubernetes v1.37, pkg/apis/core/validation `ValidateNonnegativeQuantity`.
 */
export function validateNonNegativeAmount(quantity: Quantity, path: string): FieldErrors {
  if (amountOf(quantity).nano >= 0n) return []
  return [invalid(path, amountText(quantity), 'must be greater than or equal to 0')]
}

/** An amount above 0. */
export function validatePositiveAmount(quantity: Quantity, path: string): FieldErrors {
  return amountOf(quantity).nano > 0n
    ? []
    : [invalid(path, amountText(quantity), 'must be greater than zero')]
}

/** An amount of a resource: not negative, and whole where the resource is counted. */
export function validateAmount(resource: string, quantity: Quantity, path: string): FieldErrors {
  const isWhole = !isIntegerResource(resource) || quantityMilliExact(amountOf(quantity)) % 1000n === 0n
  return [
    ...validateNonNegativeAmount(quantity, path),
    ...(isWhole ? [] : [invalid(path, { json: amountText(quantity) }, 'must be an integer')]),
  ]
}

/** An amount whose whole units are not negative. */
export function validateBasicAmount(quantity: Quantity, path: string): FieldErrors {
  const value = quantityValueExact(amountOf(quantity))
  return value >= 0n ? [] : [invalid(path, Number(value), 'must be a valid resource quantity')]
}

/** Whether an amount of huge pages is a multiple of their size. */
export function isWholePages(resource: string, quantity: Quantity): boolean {
  const size = parseQuantity(resource.slice('hugepages-'.length))
  if (size === undefined || size.nano <= 0n || quantityMilliExact(size) % 1000n !== 0n) return false
  const unit = quantityValueExact(size)
  return unit !== 0n && quantityValueExact(amountOf(quantity)) % unit === 0n
}
