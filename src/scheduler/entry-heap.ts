import FastPriorityQueue from 'fastpriorityqueue'

import type { Micros } from '../base/time.ts'

/** A place in the active or back-off queue of a pod, or a group of pods, with the keys as they were when it was pushed. */
export interface HeapEntry<Owner = Ranked> {
  readonly owner: Owner
  readonly until: Micros
  readonly timestamp: Micros
  readonly sequence: number
}

/** What entries are ordered by that is the owner's own. */
export interface Ranked {
  readonly priority: number
}

/** What a heap holds entries of. */
interface EntryOwner<Owner> extends Ranked {
  readonly backoffUntil: Micros
  readonly timestamp: Micros
  readonly sequence: number
  /** Its valid entry in a heap; entries that are not this one are stale. */
  entry: HeapEntry<Owner> | undefined
}

/**
 * A heap whose entries become stale, instead of being looked for, when their owner leaves it. An entry that comes to an empty
 * heap waits beside it: often it is taken before another comes.
 */
export class EntryHeap<Owner extends EntryOwner<Owner>> {
  readonly #heap: FastPriorityQueue<HeapEntry<Owner>>
  readonly #timeOf: ((owner: Owner) => Micros) | undefined
  /** The only entry; undefined while there is none, or several. */
  #only: HeapEntry<Owner> | undefined

  /** `timeOf` gives the timestamp that counts, where it is not the owner's. */
  constructor(
    isEarlier: (one: HeapEntry<Owner>, other: HeapEntry<Owner>) => boolean,
    timeOf?: (owner: Owner) => Micros,
  ) {
    this.#heap = new FastPriorityQueue<HeapEntry<Owner>>(isEarlier)
    this.#timeOf = timeOf
  }

  /** Pushes an owner, which leaves the heap that it was in before; its entry. */
  push(owner: Owner): HeapEntry<Owner> {
    const { backoffUntil: until, sequence } = owner
    const timestamp = this.#timeOf === undefined ? owner.timestamp : this.#timeOf(owner)
    const entry = { owner, until, timestamp, sequence }
    owner.entry = entry
    const only = this.#only
    if (only === undefined && this.#heap.size === 0) {
      this.#only = entry
      return entry
    }
    if (only !== undefined) {
      this.#only = undefined
      this.#heap.add(only)
    }
    this.#heap.add(entry)
    return entry
  }

  /** The first valid entry, which stays; stale ones before it are thrown away. */
  first(): HeapEntry<Owner> | undefined {
    const only = this.#only
    if (only !== undefined) {
      if (only.owner.entry === only) return only
      this.#only = undefined
    }
    while (this.#heap.size > 0) {
      const entry = this.#heap.peek()
      if (entry?.owner.entry === entry) return entry
      this.#heap.poll()
    }
    return undefined
  }

  /** Takes the owner of the first valid entry off the heap. */
  poll(): Owner | undefined {
    const only = this.#only
    if (only !== undefined) {
      this.#only = undefined
      if (only.owner.entry === only) return only.owner
    }
    while (this.#heap.size > 0) {
      const entry = this.#heap.poll()
      if (entry?.owner.entry === entry) return entry?.owner
    }
    return undefined
  }
}
