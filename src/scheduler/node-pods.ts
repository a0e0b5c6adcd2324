import { widened } from '../base/widen.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { NodeAmounts } from './node-amounts.ts'

/** Places of a node's first list: a power of two, more than a list can be doubled. */
const FIRST_PLACES = 32
/** Of what is noted of a list: how often it was doubled; the rest is where it begins. */
const DOUBLINGS = FIRST_PLACES - 1

/**
 * The rows of the pods on each node, in one array for all nodes: a list that is full moves to one of twice the places, and
 * the next list of its size takes the places that it leaves.
 *
 * How many pods a list has, where it begins and how often it was doubled is kept beside the amounts of its node.
 */
export class NodePods {
  readonly #amounts: NodeAmounts
  #rows = new Int32Array(1024)
  /** The first places are nobody's: a list that begins at 0 is none. */
  #used = FIRST_PLACES
  /** Beginnings of lists that moved, by how often they were doubled. */
  readonly #free: number[][] = []

  constructor(amounts: NodeAmounts) {
    this.#amounts = amounts
  }

  /** The pod in a place, which is below the count. */
  at(node: NodeIndex, place: number): PodRow {
    return this.#rows[beginningOf(this.#amounts.list(node)) + place] as PodRow
  }

  /** A copy of the list of a node. */
  list(node: NodeIndex): PodRow[] {
    return Array.from({ length: this.#amounts.podCount(node) }, (_, place) => this.at(node, place))
  }

  /** Adds a pod at the end; its place. */
  join(node: NodeIndex, pod: PodRow): number {
    const amounts = this.#amounts
    const place = amounts.podCount(node)
    let list = amounts.list(node)
    if (place === placesOf(list)) list = this.#move(node, list)
    amounts.setPodCount(node, place + 1)
    this.#rows[beginningOf(list) + place] = pod
    return place
  }

  /** Takes the pod in a place out; the last one takes its place, and is returned. */
  leave(node: NodeIndex, place: number): PodRow {
    const amounts = this.#amounts
    const rows = this.#rows
    const first = beginningOf(amounts.list(node))
    const count = amounts.podCount(node) - 1
    amounts.setPodCount(node, count)
    const last = rows[first + count] as PodRow
    rows[first + place] = last
    return last
  }

  /** Puts the pods of a node in another order. */
  reorder(node: NodeIndex, pods: readonly PodRow[]): void {
    this.#rows.set(pods, beginningOf(this.#amounts.list(node)))
  }

  /** Gives a node that has none a list, or one that is full another of twice the places; what is noted of it. */
  #move(node: NodeIndex, from: number): number {
    const doublings = from === 0 ? 0 : (from & DOUBLINGS) + 1
    const to = this.#take(doublings)
    if (from !== 0) {
      const first = beginningOf(from)
      this.#rows.copyWithin(to, first, first + placesOf(from))
      this.#freeOf(doublings - 1).push(first)
    }
    this.#amounts.setList(node, to + doublings)
    return to + doublings
  }

  /** The beginning of places for a list. */
  #take(doublings: number): number {
    const known = this.#freeOf(doublings).pop()
    if (known !== undefined) return known
    const first = this.#used
    this.#used += FIRST_PLACES << doublings
    while (this.#used > this.#rows.length) this.#rows = widened(this.#rows, this.#rows.length * 2)
    return first
  }

  #freeOf(doublings: number): number[] {
    return (this.#free[doublings] ??= [])
  }
}

function beginningOf(list: number): number {
  return list & ~DOUBLINGS
}

function placesOf(list: number): number {
  return list === 0 ? 0 : FIRST_PLACES << (list & DOUBLINGS)
}
