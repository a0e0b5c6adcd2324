import type { RandomStream } from '../base/random.ts'
import type { NodeColumns, NodeIndex } from './framework/node-columns.ts'

/** Which of several nodes with the highest total is taken. */
export type TieBreak = 'heap' | 'random' | 'name' | 'first'

/**
 * Whether position `one` comes before `other` in the pre-order of a binary tree kept as an array (children of i at 2i+1
 * and 2i+2): an ancestor comes before what is below it, a left branch before the right one. O(1).
 */
export function precedesInHeap(one: number, other: number): boolean {
  // Counted from 1, the bits below the first say where to turn, from the root down.
  const first = one + 1
  const second = other + 1
  const deeper = Math.clz32(first) - Math.clz32(second)
  return deeper >= 0 ? first <= second >> deeper : first >> -deeper < second
}

/**
 * The position that kube-scheduler v1.37 takes: the first maximum in pre-order of the totals laid out as a binary
 * tree, which is what building its heap leaves at the root. O(count).
 *
 * `draws`, where there are some, order equal totals: the highest is taken (its randomizer, which only extenders set).
 */
export function firstByHeap(totals: ArrayLike<number>, count: number, draws?: ArrayLike<number>): number {
  let best = 0
  let bestTotal = -Infinity
  for (let position = 0; position < count; position++) {
    const total = totals[position] ?? 0
    const isAhead =
      total === bestTotal &&
      (draws === undefined ? precedesInHeap(position, best) : (draws[position] ?? 0) > (draws[best] ?? 0))
    if (total > bestTotal || isAhead) {
      bestTotal = total
      best = position
    }
  }
  return best
}

/**
 * The first found of those with the highest total: where every search looks at all nodes, the first in the order in which the
 * scheduler lists them, for all pods alike.
 */
export function firstFound(totals: ArrayLike<number>, count: number): number {
  let best = 0
  for (let position = 1; position < count; position++) {
    if ((totals[position] as number) > (totals[best] as number)) best = position
  }
  return best
}

/** The first by name of those with the highest total. */
export function firstByName(
  totals: ArrayLike<number>,
  found: ArrayLike<NodeIndex>,
  count: number,
  nodes: Pick<NodeColumns, 'name'>,
): number {
  let best = 0
  for (let position = 1; position < count; position++) {
    const total = totals[position] ?? 0
    const bestTotal = totals[best] ?? 0
    if (total < bestTotal) continue
    if (total > bestTotal || nodes.name(found[position] ?? 0) < nodes.name(found[best] ?? 0)) best = position
  }
  return best
}

/** One of those with the highest total, each as likely: a draw for each tie, as releases before 1.36 did. */
export function oneByChance(totals: ArrayLike<number>, count: number, stream: RandomStream): number {
  let best = 0
  let ties = 1
  for (let position = 1; position < count; position++) {
    const total = totals[position] ?? 0
    const bestTotal = totals[best] ?? 0
    if (total > bestTotal) {
      best = position
      ties = 1
    } else if (total === bestTotal) {
      ties += 1
      if (stream.integer(ties) === 0) best = position
    }
  }
  return best
}
