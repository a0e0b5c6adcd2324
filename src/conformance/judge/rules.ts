import { compareQuantities, parseQuantity } from '../../api/quantity.ts'
import { NO_RULES, compareValues, pairAt } from './compare-value.ts'
import type { Pair, Rule } from './compare-value.ts'
import { canonicalText, isEmpty, isObject, keysOfBoth, objectOf } from './json-value.ts'

/** Nothing of this place counts. */
export const ignored: Rule = () => {}

/** Absent, null, and an empty list or object are four things here and below; absent and null are one thing here. */
export const exactly: Rule = (comparison, pair) => {
  if (isThere(pair)) compareValues(comparison, { ...pair, isExact: true })
}

/** Lists without order: each item as often in one as in the other. `of` says what of an item counts. */
export function setOf(of: (item: unknown) => unknown = (item) => item): Rule {
  return (comparison, { path, expected, actual }) => {
    const ours = listOf(actual)
    const theirs = listOf(expected)
    if (ours === undefined || theirs === undefined) {
      comparison.differ(path, theirs ?? expected, ours ?? actual)
      return
    }
    const missing = itemsBeyond(theirs, ours, of)
    const extra = itemsBeyond(ours, theirs, of)
    if (missing.length + extra.length === 0) return
    const shown = (name: string, items: readonly unknown[]): unknown =>
      items.length === 0 ? [] : { [name]: items }
    comparison.differ(path, shown('onlyExpected', missing), shown('onlyActual', extra))
  }
}

/** Lists without order, of items that are told apart by a key; items of one key are in order. */
export function byKey(keyOf: (item: Readonly<Record<string, unknown>>) => string): Rule {
  const keyed = (items: readonly unknown[]): Record<string, unknown> => {
    const named: Record<string, unknown> = {}
    for (const item of items) {
      let key = keyOf(objectOf(item))
      while (key in named) key += '#'
      named[key] = item ?? {}
    }
    return named
  }
  return (comparison, pair) => {
    const theirs = listOf(pair.expected)
    const ours = listOf(pair.actual)
    if (ours === undefined || theirs === undefined) {
      comparison.differ(pair.path, theirs ?? pair.expected, ours ?? pair.actual)
      return
    }
    const expected = keyed(theirs)
    const actual = keyed(ours)
    for (const key of keysOfBoth(expected, actual)) {
      // An item is there or is not, even when there is nothing in it.
      if (!(key in expected) || !(key in actual))
        comparison.differ([...pair.path, key], expected[key], actual[key])
      else compareValues(comparison, pairAt(pair, key, expected[key], actual[key]))
    }
  }
}

/** Lists in order of their `t`; at one `t` the order counts only between items that have the same `key`. */
export function byTime(key: string): Rule {
  const time = (item: unknown): number => Number(objectOf(item)['t'])
  const rank = (item: unknown): number => Number(objectOf(item)[key] ?? 0)
  const sorted = (items: unknown): unknown =>
    Array.isArray(items)
      ? items.toSorted((one, other) => time(one) - time(other) || rank(one) - rank(other))
      : items
  return (comparison, pair) => {
    const { path, expected, actual } = pair
    const isInOrder =
      !Array.isArray(actual) || actual.every((item, i) => i === 0 || time(actual[i - 1]) <= time(item))
    if (!isInOrder) comparison.differ(path, expected, actual)
    else compareValues(comparison, { ...pair, expected: sorted(expected), actual: sorted(actual) })
  }
}

/** Quantities by value; what is no quantity, by identity. */
export const quantityByValue: Rule = (comparison, pair) => {
  if (!isThere(pair)) return
  const { path, expected, actual } = pair
  const one = typeof expected === 'string' ? parseQuantity(expected) : undefined
  const other = typeof actual === 'string' ? parseQuantity(actual) : undefined
  const isEqual =
    one === undefined || other === undefined ? expected === actual : compareQuantities(one, other) === 0
  if (!isEqual) comparison.differ(path, expected, actual)
}

const bits = new DataView(new ArrayBuffer(8))

/** Floats that are neighbours count as equal. */
export const neighbouringFloats: Rule = (comparison, { path, expected, actual }) => {
  const isEqual =
    typeof expected === 'number' && typeof actual === 'number'
      ? isNeighbour(floatOrdinal(expected), floatOrdinal(actual))
      : expected === actual
  if (!isEqual) comparison.differ(path, expected, actual)
}

/** Whether there is a text counts; the text itself is loose. */
export const looseText: Rule = (comparison, { path, expected, actual }) => {
  if (isText(expected) !== isText(actual)) comparison.differ(path, expected, actual)
  else if (isText(expected)) {
    const isEqual = expected === actual
    comparison.leaf({ aspect: 'text', isLoose: true, path, expected, actual, isEqual })
  }
}

/** An exact text that counts apart, as a message. */
export const message: Rule = (comparison, pair) => {
  if (!isThere(pair)) return
  const { path, expected, actual } = pair
  comparison.leaf({
    aspect: 'message',
    isLoose: false,
    path,
    expected,
    actual,
    isEqual: expected === actual,
  })
}

/** A leaf that counts apart and may differ. */
export function looseAspect(aspect: string): Rule {
  return (comparison, pair) => {
    if (!isThere(pair)) return
    const { path, expected, actual } = pair
    comparison.leaf({ aspect, isLoose: true, path, expected, actual, isEqual: expected === actual })
  }
}

/** An error, with which nothing else counts, or values. */
export const errorOrValues: Rule = (comparison, pair) => {
  const { error } = objectOf(pair.expected)
  if (!isText(error)) {
    compareValues(comparison, pair)
    return
  }
  const own = objectOf(pair.actual)['error']
  compareValues(comparison, { ...pairAt(pair, 'error', error, own), rules: NO_RULES, isExact: false })
}

/** The list; an empty one for what is empty; undefined for what is no list. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  return isEmpty(value) ? [] : undefined
}

function itemsBeyond(
  items: readonly unknown[],
  others: readonly unknown[],
  of: (item: unknown) => unknown,
): readonly unknown[] {
  const left = new Map<string, number>()
  for (const item of others) {
    const text = canonicalText(of(item))
    left.set(text, (left.get(text) ?? 0) + 1)
  }
  return items.filter((item) => {
    const text = canonicalText(of(item))
    const count = left.get(text) ?? 0
    left.set(text, count - 1)
    return count <= 0
  })
}

function isThere({ expected, actual }: Pair): boolean {
  return (expected ?? actual ?? undefined) !== undefined
}

function isText(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false
}

/** Place of a float among all floats. */
function floatOrdinal(value: number): bigint {
  bits.setFloat64(0, value)
  const place = bits.getBigInt64(0)
  return place < 0n ? -(place & 0x7fff_ffff_ffff_ffffn) : place
}

function isNeighbour(one: bigint, other: bigint): boolean {
  const distance = one - other
  return distance >= -1n && distance <= 1n
}

/** Errors of a validation, without order: type and field decide, the rest counts apart as the message. */
export const errorSet: Rule = (comparison, pair) => {
  const { path, expected, actual } = pair
  const texts = (errors: unknown): string =>
    Array.isArray(errors) ? JSON.stringify(errors.map(canonicalText).sort()) : '[]'
  typesAndFields(comparison, pair)
  if (isEmpty(expected) && isEmpty(actual)) return
  const isEqual = texts(expected) === texts(actual)
  comparison.leaf({ aspect: 'message', isLoose: false, path, expected, actual, isEqual })
}

const typesAndFields = setOf((error) => {
  const { type, field } = objectOf(error)
  return isObject(error) ? { type, field } : {}
})
