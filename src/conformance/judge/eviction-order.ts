import type { Comparison } from './comparison.ts'
import { inOrderOfText, objectOf } from './json-value.ts'
import { NO_RULES } from './compare-value.ts'
import { setOf } from './rules.ts'

/** Pairs of pods without order, in any order. */
const pairs = setOf(inOrderOfText)

/**
 * Compares an order of eviction: any is right in which two pods stand as recorded, unless they tie. The ties count where
 * the result has them.
 */
export function compareEvictionOrder(comparison: Comparison, expected: unknown, actual: unknown): void {
  const recorded = objectOf(expected)
  const result = objectOf(actual)
  const order = listOf(recorded['order'])
  comparison.part('order', () => {
    if (!isOrderOf(order, result['order'], listOf(recorded['ties']))) {
      comparison.differ(['order'], recorded['order'], result['order'])
    }
  })
  const ties = result['ties'] ?? undefined
  if (ties === undefined) return
  comparison.part('ties', () => {
    const pair = { path: ['ties'], expected: recorded['ties'], actual: ties, rules: NO_RULES, isExact: false }
    pairs(comparison, pair)
  })
}

function isOrderOf(expected: readonly unknown[], actual: unknown, ties: readonly unknown[]): boolean {
  const place = new Map(listOf(actual).map((pod, i) => [pod, i]))
  if (place.size !== expected.length || listOf(actual).length !== place.size) return false
  const tied = new Set(ties.map((tie) => pairText(tie)))
  return expected.every((pod, i) => {
    const at = place.get(pod)
    if (at === undefined) return false
    return expected
      .slice(i + 1)
      .every((later) => at < (place.get(later) ?? -1) || tied.has(pairText([pod, later])))
  })
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function pairText(pair: unknown): string {
  return JSON.stringify(inOrderOfText(pair))
}
