import type { SuccessPolicy, SuccessPolicyRule } from '../types.generated.ts'
import { byteLength, items } from './absent.ts'
import { invalid, required, tooLong, tooMany } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { quote } from './go-text.ts'
import { nonNegative } from './metadata.ts'

const RULES_MAX = 20
const INDEXES_BYTES_MAX = 64 * 1024

/**
 * When a job counts as successful before all is done.
 *
 * Source: Kubernetes v1.37, batch/validation `validateSuccessPolicy`.
 */
export function validateSuccessPolicy(
  policy: SuccessPolicy,
  completions: number | undefined,
  path: string,
): FieldErrors {
  const rules = items(policy.rules)
  const place = `${path}.rules`
  const needed = 'at least one rules must be specified when the successPolicy is specified'
  return [
    ...(rules.length === 0 ? [required(place, needed)] : []),
    ...(rules.length > RULES_MAX ? [tooMany(place, rules.length, RULES_MAX)] : []),
    ...rules.flatMap((rule, index) => ruleErrors(rule, completions ?? 0, `${place}[${index}]`)),
  ]
}

function ruleErrors(rule: SuccessPolicyRule, completions: number, path: string): FieldErrors {
  const { succeededCount: count, succeededIndexes: indexes } = rule
  const isNone = count === undefined && indexes === undefined
  const needed = 'at least one of succeededCount or succeededIndexes must be specified'
  const counted = indexes === undefined ? { total: 0 } : countIndexes(indexes, completions)
  return [
    ...(isNone ? [required(path, needed)] : []),
    ...(indexes === undefined ? [] : indexErrors(indexes, counted, `${path}.succeededIndexes`)),
    ...(count === undefined
      ? []
      : countErrors(
          count,
          completions,
          indexes === undefined ? undefined : counted,
          `${path}.succeededCount`,
        )),
  ]
}

type Counted = { readonly total: number } | { readonly problem: string }

function indexErrors(indexes: string, counted: Counted, path: string): FieldErrors {
  const isLong = byteLength(indexes) > INDEXES_BYTES_MAX
  return [
    ...(isLong ? [tooLong(path, INDEXES_BYTES_MAX)] : []),
    ...('problem' in counted
      ? [invalid(path, indexes, `error parsing succeededIndexes: ${counted.problem}`)]
      : []),
  ]
}

function countErrors(
  count: number,
  completions: number,
  counted: Counted | undefined,
  path: string,
): FieldErrors {
  const total = counted !== undefined && 'total' in counted ? counted.total : 0
  const most = `must be less than or equal to ${completions} (the number of specified completions)`
  const listed =
    `must be less than or equal to ${total} ` +
    '(the number of indexes in the specified succeededIndexes field)'
  return [
    ...nonNegative(count, path),
    ...(count > completions ? [invalid(path, count, most)] : []),
    ...(counted !== undefined && count > total ? [invalid(path, count, listed)] : []),
  ]
}

/** How many indexes a list of numbers and ranges has. Source: batch/validation `validateIndexesFormat`. */
function countIndexes(indexes: string, completions: number): Counted {
  if (indexes === '') return { total: 0 }
  let last: number | undefined
  let total = 0
  for (const interval of indexes.split(',')) {
    const parsed = parseInterval(interval, completions)
    if ('problem' in parsed) return parsed
    if (last !== undefined && last >= parsed.first) return { problem: notIncreasing(last, parsed.first) }
    total += parsed.last - parsed.first + 1
    ;({ last } = parsed)
  }
  return { total }
}

type Interval = { readonly first: number; readonly last: number } | { readonly problem: string }

function parseInterval(interval: string, completions: number): Interval {
  const limits = interval.split('-')
  if (limits.length > 2) {
    const rule = "violates the requirement that an index interval can have at most two parts separated by '-'"
    return { problem: `the fragment ${quote(interval)} ${rule}` }
  }
  const numbers = []
  for (const limit of limits) {
    if (!/^[+]?\d+$/.test(limit))
      return { problem: `cannot convert string to integer for index: ${quote(limit)}` }
    if (Number(limit) >= completions) return { problem: `too large index: ${quote(limit)}` }
    numbers.push(Number(limit))
  }
  const [first = 0, last = first] = numbers
  if (numbers.length === 2 && first >= last) return { problem: notIncreasing(first, last) }
  return { first, last }
}

function notIncreasing(previous: number, current: number): string {
  return `non-increasing order, previous: ${previous}, current: ${current}`
}
