import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from '../api/quantity.ts'
import { subtractQuantities } from '../api/quantity.ts'
import type { ParsedQuantity } from '../api/quantity.ts'
import { CelFailure } from './declarations.ts'
import type { CelLibrary } from './declarations.ts'

const NANO = 1_000_000_000n
const INT64_MAX = 9_223_372_036_854_775_807n
const INT64_MIN = -9_223_372_036_854_775_808n

/** A Kubernetes quantity as a value of CEL. */
export class CelQuantity {
  readonly quantity: ParsedQuantity

  constructor(quantity: ParsedQuantity) {
    this.quantity = quantity
  }

  toString(): string {
    return formatQuantity(this.quantity)
  }
}

/**
 * `quantity("1.5Gi")` and what can be asked of it.
 *
 * Source: Kubernetes v1.37, apiserver/pkg/cel/library `quantity.go`.
 */
export const quantityLibrary: CelLibrary = {
  types: [{ name: 'kubernetes.Quantity', constructedBy: CelQuantity, fields: {} }],
  functions: [
    { signature: 'quantity(string): kubernetes.Quantity', call: read },
    { signature: 'isQuantity(string): bool', call: (text: string) => parseQuantity(text) !== undefined },
    { signature: 'kubernetes.Quantity.isInteger(): bool', call: isInteger },
    { signature: 'kubernetes.Quantity.asInteger(): int', call: integerOf },
    {
      signature: 'kubernetes.Quantity.asApproximateFloat(): double',
      call: ({ quantity }: CelQuantity) => Number(quantity.nano) / 1e9,
    },
    {
      signature: 'kubernetes.Quantity.sign(): int',
      call: ({ quantity }: CelQuantity) => (quantity.nano === 0n ? 0n : quantity.nano < 0n ? -1n : 1n),
    },
    { signature: 'kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity', call: add },
    {
      signature: 'kubernetes.Quantity.add(int): kubernetes.Quantity',
      call: (one: CelQuantity, other: bigint) => add(one, whole(other)),
    },
    { signature: 'kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity', call: subtract },
    {
      signature: 'kubernetes.Quantity.sub(int): kubernetes.Quantity',
      call: (one: CelQuantity, other: bigint) => subtract(one, whole(other)),
    },
    {
      signature: 'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
      call: (one: CelQuantity, other: CelQuantity) => compare(one, other) > 0n,
    },
    {
      signature: 'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
      call: (one: CelQuantity, other: CelQuantity) => compare(one, other) < 0n,
    },
    { signature: 'kubernetes.Quantity.compareTo(kubernetes.Quantity): int', call: compare },
  ],
  operators: [
    {
      signature: 'kubernetes.Quantity == kubernetes.Quantity',
      apply: (one: CelQuantity, other: CelQuantity) => compare(one, other) === 0n,
    },
  ],
}

function read(text: string): CelQuantity {
  const parsed = parseQuantity(text)
  if (parsed === undefined) throw new CelFailure('invalid_quantity', `"${text}" is no quantity`)
  return new CelQuantity(parsed)
}

function whole(units: bigint): CelQuantity {
  return new CelQuantity({ nano: units * NANO, format: 'DecimalSI' })
}

function add(one: CelQuantity, other: CelQuantity): CelQuantity {
  return new CelQuantity(addQuantities(one.quantity, other.quantity))
}

function subtract(one: CelQuantity, other: CelQuantity): CelQuantity {
  return new CelQuantity(subtractQuantities(one.quantity, other.quantity))
}

function compare(one: CelQuantity, other: CelQuantity): bigint {
  return BigInt(compareQuantities(one.quantity, other.quantity))
}

function isInteger({ quantity }: CelQuantity): boolean {
  const units = quantity.nano / NANO
  return quantity.nano % NANO === 0n && units <= INT64_MAX && units >= INT64_MIN
}

function integerOf(value: CelQuantity): bigint {
  if (!isInteger(value)) throw new CelFailure('invalid_quantity', 'cannot convert value to integer')
  return value.quantity.nano / NANO
}
