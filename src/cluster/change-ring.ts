import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow, PodRow } from './rows.ts'
import type { PodEventBit } from './pod-event.ts'

/** A change of an object that is no pod, with what it was and what it is; frozen objects. */
export interface ObjectChange {
  readonly kind: string
  readonly verb: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** `name`, or `namespace/name`. */
  readonly key: string
  readonly old: object | undefined
  readonly new: object | undefined
}

/** One entry of the ring, as a reader's cursor sees it; the same object is refilled for each entry. */
export interface RingEntry {
  revision: number
  time: Micros
  /** A pod's event, or 0 when `object` holds the change of another kind. */
  podEvent: PodEventBit
  pod: PodRow
  serial: number
  node: NodeRow
  object: ObjectChange | undefined
}

const SMALLEST_CAPACITY = 1024

/**
 * All changes in the order of their revision, from the oldest that somebody may still ask for.
 *
 * Entry i has revision `oldest + i`; an array ring of columns, doubled when full. Appending allocates nothing.
 */
export class ChangeRing {
  #capacity = SMALLEST_CAPACITY
  #mask = SMALLEST_CAPACITY - 1
  #time = new Float64Array(SMALLEST_CAPACITY)
  #podEvent = new Uint16Array(SMALLEST_CAPACITY)
  #pod = new Int32Array(SMALLEST_CAPACITY)
  #serial = new Float64Array(SMALLEST_CAPACITY)
  #node = new Int32Array(SMALLEST_CAPACITY)
  #object: (ObjectChange | undefined)[] = new Array<ObjectChange | undefined>(SMALLEST_CAPACITY).fill(
    undefined,
  )
  /** Revision of the oldest entry kept. */
  #oldest = 1
  /** Revision that the next entry gets. */
  #next = 1

  get oldest(): number {
    return this.#oldest
  }

  /** Revision that the next change will have; the newest one is one less. */
  get next(): number {
    return this.#next
  }

  appendPod(time: Micros, event: PodEventBit, pod: PodRow, serial: number, node: NodeRow): number {
    const at = this.#place()
    this.#time[at] = time
    this.#podEvent[at] = event
    this.#pod[at] = pod
    this.#serial[at] = serial
    this.#node[at] = node
    return this.#next++
  }

  appendObject(time: Micros, change: ObjectChange): number {
    const at = this.#place()
    this.#time[at] = time
    this.#podEvent[at] = 0
    this.#object[at] = change
    return this.#next++
  }

  /** Time of the entry with this revision. */
  timeOf(revision: number): Micros {
    return this.#time[revision & this.#mask] ?? 0
  }

  /** Event of the entry with this revision: 0 for an object. */
  podEventOf(revision: number): PodEventBit {
    return this.#podEvent[revision & this.#mask] ?? 0
  }

  /** Row of the pod of the entry with this revision. */
  podOf(revision: number): PodRow {
    return (this.#pod[revision & this.#mask] ?? 0) as PodRow
  }

  /** Copies the entry with this revision into `entry`. */
  read(revision: number, entry: RingEntry): void {
    assert(
      revision >= this.#oldest && revision < this.#next,
      () => `revision ${revision} is not in the change ring`,
    )
    const at = revision & this.#mask
    entry.revision = revision
    entry.time = this.#time[at] ?? 0
    entry.podEvent = this.#podEvent[at] ?? 0
    entry.pod = (this.#pod[at] ?? 0) as PodRow
    entry.serial = this.#serial[at] ?? 0
    entry.node = (this.#node[at] ?? 0) as NodeRow
    entry.object = this.#object[at]
  }

  /** Forgets the oldest entry; the caller has read what it needs of it. */
  dropOldest(): void {
    assert(this.#oldest < this.#next, 'the change ring is empty')
    this.#object[this.#oldest & this.#mask] = undefined
    this.#oldest += 1
  }

  #place(): number {
    if (this.#next - this.#oldest === this.#capacity) this.#grow()
    return this.#next & this.#mask
  }

  #grow(): void {
    const old = { mask: this.#mask, time: this.#time, event: this.#podEvent, pod: this.#pod }
    const oldSerial = this.#serial
    const oldNode = this.#node
    const oldObject = this.#object
    this.#capacity *= 2
    this.#mask = this.#capacity - 1
    this.#time = new Float64Array(this.#capacity)
    this.#podEvent = new Uint16Array(this.#capacity)
    this.#pod = new Int32Array(this.#capacity)
    this.#serial = new Float64Array(this.#capacity)
    this.#node = new Int32Array(this.#capacity)
    this.#object = new Array<ObjectChange | undefined>(this.#capacity).fill(undefined)
    for (let revision = this.#oldest; revision < this.#next; revision++) {
      const from = revision & old.mask
      const to = revision & this.#mask
      this.#time[to] = old.time[from] ?? 0
      this.#podEvent[to] = old.event[from] ?? 0
      this.#pod[to] = old.pod[from] ?? 0
      this.#serial[to] = oldSerial[from] ?? 0
      this.#node[to] = oldNode[from] ?? 0
      this.#object[to] = oldObject[from]
    }
  }
}
