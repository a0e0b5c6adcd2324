import { compareValues, rulesAt } from './compare-value.ts'
import type { RuleTree } from './compare-value.ts'
import { Comparison } from './comparison.ts'
import type { AspectCount, Difference } from './comparison.ts'
import { rulesOf } from './family-rules.ts'
import { isObject, keysOfBoth, objectOf } from './json-value.ts'
import type { JsonObject } from './json-value.ts'

/** A recorded case of a family of logic. */
export interface RecordedCase {
  readonly family: string
  readonly input: unknown
  readonly expected: unknown
}

/** How a result compares with what was recorded: equal when there are no differences. */
export interface Judgement {
  /** Of a case with steps, those of the first step that differs. */
  readonly differences: readonly Difference[]
  readonly aspects: ReadonlyMap<string, AspectCount>
}

/** What counts. */
export interface JudgeOptions {
  /** Whether what is loose must be equal, too. */
  readonly isStrict?: boolean
}

/**
 * Judges a result by the rules of its family. Absent, null, and an empty list or object are the same; lists have an
 * order; each key of a result, and of each step, counts as an aspect.
 */
export function judgeCase(one: RecordedCase, result: unknown, options: JudgeOptions = {}): Judgement {
  const comparison = new Comparison(one.input, options.isStrict ?? false)
  if (isObject(result)) compareResult(comparison, one, result)
  else comparison.note('result', [], 'a result', result)
  return comparison
}

function compareResult(comparison: Comparison, { family, input, expected }: RecordedCase, result: unknown) {
  const { rules, prepare, whole } = rulesOf(family)
  if (whole !== undefined) {
    whole(comparison, expected, result)
    return
  }
  const recorded = objectOf(prepare === undefined ? expected : prepare(expected, input))
  const actual = objectOf(prepare === undefined ? result : prepare(result, input))
  compareParts(comparison, [], { expected: recorded, actual, rules })
  compareSteps(comparison, recorded['steps'], actual['steps'], rulesAt(rules, 'steps'))
}

/** Two objects whose keys are aspects. */
interface Parts {
  readonly expected: JsonObject
  readonly actual: JsonObject
  readonly rules: RuleTree
}

function compareParts(
  comparison: Comparison,
  path: readonly (string | number)[],
  { expected, actual, rules }: Parts,
): void {
  for (const key of keysOfBoth(expected, actual)) {
    if (key === 'steps' && path.length === 0) continue
    const pair = { path: [...path, key], expected: expected[key], actual: actual[key], isExact: false }
    comparison.part(key, () => compareValues(comparison, { ...pair, rules: rulesAt(rules, key) }))
  }
}

/** Compares step by step; what differs after the first step that does follows from it, and is only counted. */
function compareSteps(comparison: Comparison, recorded: unknown, result: unknown, rules: RuleTree): void {
  if (!Array.isArray(recorded)) {
    if (result !== undefined) comparison.note('steps', ['steps'], recorded, result)
    return
  }
  const steps: readonly unknown[] = Array.isArray(result) ? result : []
  for (let i = 0; i < Math.max(recorded.length, steps.length); i++) {
    const expected: unknown = recorded[i]
    const actual = steps[i]
    if (!isObject(expected) || !isObject(actual)) {
      comparison.note('steps', ['steps', i], expected, actual)
      return
    }
    compareParts(comparison, ['steps', i], { expected, actual, rules: rulesAt(rules, i) })
    if (comparison.differences.length > 0) comparison.listNoMore()
  }
}
