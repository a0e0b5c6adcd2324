import type { RandomStream } from '../base/random.ts'
import type { NodeColumns, NodeIndex } from './framework/node-columns.ts'

/** Which of several nodes with the highest total is taken. */
export type TieBreak = 'heap' | 'random' | 'name'

/** Positions 0 … count-1 of a binary tree kept as an array, in pre-order; made once for each count. */
export class PreOrders {
  readonly #byCount = new Map<number, Int32Array>()

  of(count: number): Int32Array {
    let order = this.#byCount.get(count)
    if (order === undefined) {
      order = preOrder(count)
      this.#byCount.set(count, order)
    }
    return order
  }
}

function preOrder(count: number): Int32Array {
  const order = new Int32Array(count)
  const stack = count > 0 ? [0] : []
  for (let length = 0; length < count; length++) {
    const position = stack.pop() ?? 0
    order[length] = position
    if (2 * position + 2 < count) stack.push(2 * position + 2)
    if (2 * position + 1 < count) stack.push(2 * position + 1)
  }
  return order
}

/**
 * The position that kube-scheduler v1.37 takes: the first maximum in pre-order of the totals laid out as a binary
 * tree (children of i at 2i+1 and 2i+2), which is what building its heap leaves at the root. O(count).
 *
 * `draws`, where there are some, order equal totals: the highest is taken (its randomizer, which only extenders set).
 */
export function firstByHeap(totals: ArrayLike<number>, order: Int32Array, draws?: ArrayLike<number>): number {
  let best = 0
  let bestTotal = -Infinity
  for (const position of order) {
    const total = totals[position] ?? 0
    const isAhead = draws !== undefined && total === bestTotal && (draws[position] ?? 0) > (draws[best] ?? 0)
    if (total > bestTotal || isAhead) {
      bestTotal = total
      best = position
    }
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
