import { CelFailure } from './declarations.ts'
import type { CelLibrary } from './declarations.ts'
import { CelQuantity } from './quantities.ts'
import { CelSemver, compareSemver } from './semver.ts'

/** Holder of the functions that are called `sets.…`. */
class SetFunctions {}

/**
 * What can be asked of lists beyond the language.
 *
 * Source: Kubernetes v1.37, apiserver/pkg/cel/library `lists.go`.
 */
export const listLibrary: CelLibrary = {
  functions: [
    { signature: 'list<V>.isSorted(): bool', call: isSorted },
    { signature: 'list<V>.sum(): V', call: sum },
    { signature: 'list<V>.min(): V', call: (list: readonly unknown[]) => extreme(list, -1, 'min') },
    { signature: 'list<V>.max(): V', call: (list: readonly unknown[]) => extreme(list, 1, 'max') },
    {
      signature: 'list<V>.indexOf(V): int',
      call: (list: readonly unknown[], wanted: unknown) =>
        BigInt(list.findIndex((item) => isEqualValue(item, wanted))),
    },
    {
      signature: 'list<V>.lastIndexOf(V): int',
      call: (list: readonly unknown[], wanted: unknown) =>
        BigInt(list.findLastIndex((item) => isEqualValue(item, wanted))),
    },
  ],
}

/**
 * Lists taken as sets.
 *
 * Source: cel-go v0.26, ext `sets.go`.
 */
export const setLibrary: CelLibrary = {
  types: [{ name: 'SetFunctions', constructedBy: SetFunctions, fields: {} }],
  constants: [{ name: 'sets', type: 'SetFunctions', value: new SetFunctions() }],
  functions: [
    {
      signature: 'SetFunctions.contains(list<V>, list<V>): bool',
      call: (_: unknown, all: readonly unknown[], some: readonly unknown[]) => containsAll(all, some),
    },
    {
      signature: 'SetFunctions.equivalent(list<V>, list<V>): bool',
      call: (_: unknown, one: readonly unknown[], other: readonly unknown[]) =>
        containsAll(one, other) && containsAll(other, one),
    },
    {
      signature: 'SetFunctions.intersects(list<V>, list<V>): bool',
      call: (_: unknown, one: readonly unknown[], other: readonly unknown[]) =>
        one.some((item) => other.some((wanted) => isEqualValue(item, wanted))),
    },
  ],
}

function containsAll(all: readonly unknown[], some: readonly unknown[]): boolean {
  return some.every((wanted) => all.some((item) => isEqualValue(item, wanted)))
}

function isSorted(list: readonly unknown[]): boolean {
  return list.every((item, place) => place === 0 || compareValues(list[place - 1], item) <= 0)
}

function sum(list: readonly unknown[]): unknown {
  if (list.every((item) => typeof item === 'bigint')) {
    return list.reduce((total: bigint, item) => total + (typeof item === 'bigint' ? item : 0n), 0n)
  }
  return list.reduce((total: number, item) => total + Number(item), 0)
}

function extreme(list: readonly unknown[], sign: 1 | -1, name: string): unknown {
  if (list.length === 0) throw new CelFailure('invalid_argument', `${name} called on empty list`)
  return list.reduce((best, item) => (compareValues(item, best) * sign > 0 ? item : best))
}

function compareValues(one: unknown, other: unknown): number {
  if (one instanceof CelQuantity && other instanceof CelQuantity) {
    const difference = one.quantity.nano - other.quantity.nano
    return difference === 0n ? 0 : difference < 0n ? -1 : 1
  }
  if (one instanceof CelSemver && other instanceof CelSemver) return compareSemver(one, other)
  const [first, second] = [orderable(one), orderable(other)]
  return first === second ? 0 : first < second ? -1 : 1
}

function orderable(value: unknown): bigint | number | string {
  switch (typeof value) {
    case 'bigint':
    case 'number':
    case 'string':
      return value
    case 'boolean':
      return Number(value)
    default:
      if (value instanceof Date) return value.getTime()
      throw new CelFailure('no_such_overload', 'the elements of the list have no order')
  }
}

function isEqualValue(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, place) => isEqualValue(item, other[place]))
  }
  if (one instanceof CelQuantity || one instanceof CelSemver) {
    return other instanceof one.constructor && compareValues(one, other) === 0
  }
  if (typeof one === typeof other) return one === other
  // An int and a double are equal when they are the same number.
  const numbers = [one, other].every((value) => typeof value === 'bigint' || typeof value === 'number')
  return numbers && Number(one) === Number(other)
}
