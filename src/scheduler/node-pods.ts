import { widened } from '../base/widen.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'

const FIRST_NODES = 256
/** Places of a node's first list: a power of two. */
const FIRST_PLACES = 16

/** Integers that say where a node's list is: the place of its first pod, the pods in it, the places that it has. */
const HEAD = 4
const FIRST = 0
const COUNT = 1
const PLACES = 2

/**
 * The rows of the pods on each node, in one array for all nodes: a list that is full moves to one of twice the places, and
 * the next list of its size takes the places that it leaves.
 */
export class NodePods {
  #heads = new Int32Array(FIRST_NODES * HEAD)
  #rows = new Int32Array(FIRST_NODES * FIRST_PLACES)
  #used = 0
  /** Places of lists that moved, by the binary logarithm of how many they are. */
  readonly #free: number[][] = []

  /** Pods on a node. */
  count(node: NodeIndex): number {
    return node * HEAD < this.#heads.length ? (this.#heads[node * HEAD + COUNT] as number) : 0
  }

  /** The pod in a place, which is below the count. */
  at(node: NodeIndex, place: number): PodRow {
    return this.#rows[(this.#heads[node * HEAD + FIRST] as number) + place] as PodRow
  }

  /** A copy of the list of a node. */
  list(node: NodeIndex): PodRow[] {
    return Array.from({ length: this.count(node) }, (_, place) => this.at(node, place))
  }

  /** Adds a pod at the end; its place. */
  join(node: NodeIndex, pod: PodRow): number {
    const head = node * HEAD
    while (head >= this.#heads.length) this.#heads = widened(this.#heads, this.#heads.length * 2)
    const heads = this.#heads
    const place = heads[head + COUNT] as number
    if (place === heads[head + PLACES]) this.#move(head)
    heads[head + COUNT] = place + 1
    this.#rows[(heads[head + FIRST] as number) + place] = pod
    return place
  }

  /** Takes the pod in a place out; the last one takes its place, and is returned. */
  leave(node: NodeIndex, place: number): PodRow {
    const heads = this.#heads
    const head = node * HEAD
    const rows = this.#rows
    const first = heads[head + FIRST] as number
    const count = (heads[head + COUNT] as number) - 1
    const last = rows[first + count] as PodRow
    heads[head + COUNT] = count
    rows[first + place] = last
    return last
  }

  /** Puts the pods of a node in another order. */
  reorder(node: NodeIndex, pods: readonly PodRow[]): void {
    const first = this.#heads[node * HEAD + FIRST] as number
    this.#rows.set(pods, first)
  }

  /** Gives a list that is full twice the places. */
  #move(head: number): void {
    const heads = this.#heads
    const from = heads[head + FIRST] as number
    const count = heads[head + PLACES] as number
    const places = count === 0 ? FIRST_PLACES : count * 2
    const to = this.#take(places)
    this.#rows.copyWithin(to, from, from + count)
    if (count > 0) this.#freed(count).push(from)
    heads[head + FIRST] = to
    heads[head + PLACES] = places
  }

  #take(places: number): number {
    const known = this.#freed(places).pop()
    if (known !== undefined) return known
    const first = this.#used
    this.#used += places
    while (this.#used > this.#rows.length) this.#rows = widened(this.#rows, this.#rows.length * 2)
    return first
  }

  #freed(places: number): number[] {
    return (this.#free[Math.log2(places)] ??= [])
  }
}
