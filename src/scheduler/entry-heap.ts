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

/** A heap whose entries become stale, instead of being looked for, when their owner leaves it. */
export class EntryHeap<Owner extends EntryOwner<Owner>> {
  readonly #heap: FastPriorityQueue<HeapEntry<Owner>>

  constructor(isEarlier: (one: HeapEntry, other: HeapEntry) => boolean) {
    this.#heap = new FastPriorityQueue<HeapEntry<Owner>>(isEarlier)
  }

  /** Pushes an owner, which leaves the heap that it was in before; its entry. */
  push(owner: Owner): HeapEntry<Owner> {
    const { backoffUntil: until, timestamp, sequence } = owner
    const entry = { owner, until, timestamp, sequence }
    owner.entry = entry
    this.#heap.add(entry)
    return entry
  }

  /** The first valid entry, which stays; stale ones before it are thrown away. */
  first(): HeapEntry<Owner> | undefined {
    for (let entry = this.#heap.peek(); entry !== undefined; entry = this.#heap.peek()) {
      if (entry.owner.entry === entry) return entry
      this.#heap.poll()
    }
    return undefined
  }

  /** Takes the owner of the first valid entry off the heap. */
  poll(): Owner | undefined {
    for (let entry = this.#heap.poll(); entry !== undefined; entry = this.#heap.poll()) {
      if (entry.owner.entry === entry) return entry.owner
    }
    return undefined
  }
}
