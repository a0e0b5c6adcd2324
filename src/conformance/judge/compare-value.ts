import type { Comparison, JsonPath } from './comparison.ts'
import { isEmpty, keysOfBoth, kindOf, objectOf } from './json-value.ts'

/** Two values at one place of a result. */
export interface Pair {
  readonly path: JsonPath
  readonly expected: unknown
  readonly actual: unknown
  /** Rules of the places below. */
  readonly rules: RuleTree
  /** Whether absent, null, and an empty list or object are four things. */
  readonly isExact: boolean
}

/** Compares two values in its own way. */
export type Rule = (comparison: Comparison, pair: Pair) => void

/** Rules by place; the key `*` stands for all keys and indices. */
export interface RuleTree {
  readonly rule?: Rule
  readonly below: ReadonlyMap<string, RuleTree>
}

/** No rules: values are compared plainly. */
export const NO_RULES: RuleTree = { below: new Map() }

/** Makes a tree of rules by path, the keys joined by slashes. */
export function ruleTree(rules: Readonly<Record<string, Rule>>): RuleTree {
  const root: { rule?: Rule; below: Map<string, RuleTree> } = { below: new Map() }
  for (const [path, rule] of Object.entries(rules)) {
    let node = root
    for (const key of path.split('/')) {
      const next = (node.below.get(key) as typeof root | undefined) ?? { below: new Map() }
      node.below.set(key, next)
      node = next
    }
    node.rule = rule
  }
  return root
}

/** The rules below a key or index. */
export function rulesAt(rules: RuleTree, key: string | number): RuleTree {
  return rules.below.get(String(key)) ?? rules.below.get('*') ?? NO_RULES
}

/** The pair at a key or an index of both values. */
export function pairAt(pair: Pair, key: string | number, expected: unknown, actual: unknown): Pair {
  const { path, rules, isExact } = pair
  return { path: [...path, key], expected, actual, rules: rulesAt(rules, key), isExact }
}

/** Compares two values by the rules of their place, or plainly. */
export function compareValues(comparison: Comparison, pair: Pair): void {
  const { rule, below } = pair.rules
  if (rule === undefined) comparePlainly(comparison, pair)
  else rule(comparison, { ...pair, rules: { below } })
}

/**
 * Compares lists in order and objects by key, all else by identity. Unless exact, what is absent, null or empty is the
 * same as an empty value of the other's kind.
 */
function comparePlainly(comparison: Comparison, pair: Pair): void {
  const { path, isExact } = pair
  let { expected, actual } = pair
  if (!isExact) {
    if (isEmpty(expected) && isEmpty(actual)) return
    expected = emptyLike(expected, actual)
    actual = emptyLike(actual, expected)
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const others: readonly unknown[] = actual
    if (expected.length !== others.length) comparison.differ(path, expected, others)
    else expected.forEach((one, i) => compareValues(comparison, pairAt(pair, i, one, others[i])))
  } else if (kindOf(expected) === 'object' && kindOf(actual) === 'object') {
    for (const key of keysOfBoth(expected, actual)) {
      compareValues(comparison, pairAt(pair, key, objectOf(expected)[key], objectOf(actual)[key]))
    }
  } else if (expected !== actual) comparison.differ(path, expected, actual)
}

/** An empty value as the kind of the other one, if that is a list or an object. */
function emptyLike(value: unknown, other: unknown): unknown {
  if (!isEmpty(value) || kindOf(value) === kindOf(other)) return value
  if (kindOf(other) === 'list') return []
  return kindOf(other) === 'object' ? {} : value
}
