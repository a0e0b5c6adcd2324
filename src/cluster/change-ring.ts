import { InvariantError, assert } from '../base/assert.ts'
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
  /** A pod's event, or 0 when `object` holds the change of another kind. */
  podEvent: PodEventBit
  pod: PodRow
  serial: number
  node: NodeRow
  object: ObjectChange | undefined
}

/** The change of a pod, as one small number: what happened, to which kind of pod; 0 for another object. */
export type PodChange = number
/** All changes of pods are below this. */
export const POD_CHANGES = 37

/** The change of a pod: an event, whether the pod is bound to a node, and whether it had finished before. */
export function podChange(event: PodEventBit, isAssigned: boolean, hadFinished: boolean): PodChange {
  return 1 + (31 - Math.clz32(event)) * 4 + (isAssigned ? 1 : 0) + (hadFinished ? 2 : 0)
}

function eventOf(change: PodChange): PodEventBit {
  return change === 0 ? 0 : 1 << ((change - 1) >> 2)
}

const SMALLEST_CAPACITY = 1024
/** Bytes of an entry, half a cache line. */
const ENTRY_BYTES = 32
/** Places in an entry: the time in doubles, the rest in integers of 32 bits. */
const DOUBLES = ENTRY_BYTES / 8
const TIME = 0
const INTEGERS = ENTRY_BYTES / 4
const POD = 2
const SERIAL = 3
const NODE = 4
const CHANGE = 5

/**
 * All changes in the order of their revision, from the oldest that somebody may still ask for.
 *
 * Entry i has revision `oldest + i`; a ring of rows, doubled when full. Appending allocates nothing.
 */
export class ChangeRing {
  #mask = SMALLEST_CAPACITY - 1
  #doubles = new Float64Array(SMALLEST_CAPACITY * DOUBLES)
  #integers = new Int32Array(this.#doubles.buffer)
  /** Changes of other objects, by place. */
  #objects = new Array<ObjectChange | undefined>(SMALLEST_CAPACITY).fill(undefined)
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

  appendPod(time: Micros, change: PodChange, pod: PodRow, serial: number, node: NodeRow): number {
    const place = this.#place()
    const first = place * INTEGERS
    this.#doubles[place * DOUBLES + TIME] = time
    this.#integers[first + POD] = pod
    this.#integers[first + SERIAL] = serial
    this.#integers[first + NODE] = node
    this.#integers[first + CHANGE] = change
    return this.#next++
  }

  appendObject(time: Micros, object: ObjectChange): number {
    const place = this.#place()
    this.#doubles[place * DOUBLES + TIME] = time
    this.#integers[place * INTEGERS + CHANGE] = 0
    this.#objects[place] = object
    return this.#next++
  }

  /** Time of the entry with this revision. */
  timeOf(revision: number): Micros {
    return this.#doubles[(revision & this.#mask) * DOUBLES + TIME] as number
  }

  /** What the entry with this revision says of a pod; 0 for an object. */
  changeOf(revision: number): PodChange {
    return this.#integers[(revision & this.#mask) * INTEGERS + CHANGE] as number
  }

  /** Event of the entry with this revision: 0 for an object. */
  podEventOf(revision: number): PodEventBit {
    return eventOf(this.changeOf(revision))
  }

  /** Row of the pod of the entry with this revision. */
  podOf(revision: number): PodRow {
    return this.#integers[(revision & this.#mask) * INTEGERS + POD] as PodRow
  }

  /** Copies the entry with this revision into `entry`. */
  read(revision: number, entry: RingEntry): void {
    if (revision < this.#oldest || revision >= this.#next)
      throw new InvariantError(`revision ${revision} is not in the change ring`)
    const place = revision & this.#mask
    const first = place * INTEGERS
    const change = this.#integers[first + CHANGE] as number
    entry.podEvent = eventOf(change)
    entry.pod = this.#integers[first + POD] as PodRow
    entry.serial = this.#integers[first + SERIAL] as number
    entry.node = this.#integers[first + NODE] as NodeRow
    entry.object = change === 0 ? this.#objects[place] : undefined
  }

  /** Forgets the oldest entry; the caller has read what it needs of it. */
  dropOldest(): void {
    assert(this.#oldest < this.#next, 'the change ring is empty')
    if (this.changeOf(this.#oldest) === 0) this.#objects[this.#oldest & this.#mask] = undefined
    this.#oldest += 1
  }

  #place(): number {
    if (this.#next - this.#oldest > this.#mask) this.#grow()
    return this.#next & this.#mask
  }

  #grow(): void {
    const oldMask = this.#mask
    const oldDoubles = this.#doubles
    const oldObjects = this.#objects
    const capacity = (oldMask + 1) * 2
    this.#mask = capacity - 1
    this.#doubles = new Float64Array(capacity * DOUBLES)
    this.#integers = new Int32Array(this.#doubles.buffer)
    this.#objects = new Array<ObjectChange | undefined>(capacity).fill(undefined)
    // Integers may have the bits of a signalling NaN: they are copied as integers.
    const oldIntegers = new Int32Array(oldDoubles.buffer)
    for (let revision = this.#oldest; revision < this.#next; revision++) {
      const from = revision & oldMask
      const to = revision & this.#mask
      this.#integers.set(oldIntegers.subarray(from * INTEGERS, (from + 1) * INTEGERS), to * INTEGERS)
      this.#objects[to] = oldObjects[from]
    }
  }
}
