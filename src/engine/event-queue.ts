import type { Micros } from '../base/time.ts'
import { widened } from '../base/widen.ts'

/** Children of a heap node: four keep the tree half as deep as two, in the same cache lines. */
const ARITY = 4
const FIRST_CAPACITY = 1024
/** Compaction is not worth it below this many dead entries. */
const DEAD_MIN = 1024
/** Slots are the low part of a timer, generations the high part: 2^26 timers at once, 2^26 uses of each. */
const SLOT_RANGE = 2 ** 26

/** An event that was taken from the queue; the same object is refilled each time. */
export interface TakenEvent {
  time: Micros
  sequence: number
  handler: number
  a: number
  b: number
}

/**
 * Pending events ordered by (time, sequence): a heap of typed arrays, with the payloads in slots. Events for the present
 * instant, which are most of those that components send each other, stand in a line of their own beside the heap.
 *
 * Scheduling and taking are O(log n), for the present instant O(1), and allocate nothing but on growth. Cancelling is
 * O(1): the entry is marked and skipped when it comes up, or swept when more than half of the heap is dead.
 */
export class EventQueue {
  #time = new Float64Array(FIRST_CAPACITY)
  #sequence = new Float64Array(FIRST_CAPACITY)
  #slot = new Int32Array(FIRST_CAPACITY)
  #handler = new Int16Array(FIRST_CAPACITY).fill(-1)
  #a = new Float64Array(FIRST_CAPACITY)
  #b = new Float64Array(FIRST_CAPACITY)
  #generation = new Uint32Array(FIRST_CAPACITY)
  #free = new Int32Array(FIRST_CAPACITY)
  #freeCount = 0
  #slotsUsed = 0
  #capacity = FIRST_CAPACITY
  #size = 0
  /** Cancelled events in the heap. */
  #dead = 0
  /** The line: a ring of slots and sequences, all of one instant. */
  #lineSlot = new Int32Array(FIRST_CAPACITY)
  #lineSequence = new Float64Array(FIRST_CAPACITY)
  #lineTime: Micros = 0
  #lineFirst = 0
  #lineEnd = 0
  /** Cancelled events in the line. */
  #lineDead = 0
  /** 1 for slots of events in the line. */
  #isInLine = new Uint8Array(FIRST_CAPACITY)

  /** Events that wait, cancelled ones not counted. */
  get pending(): number {
    return this.#size - this.#dead + this.#lineEnd - this.#lineFirst - this.#lineDead
  }

  /** Puts an event in; the answer names it for `cancel`. */
  push(time: Micros, sequence: number, handler: number, a: number, b: number): number {
    const slot = this.#takeSlot(handler, a, b)
    this.#isInLine[slot] = 0
    this.#up(this.#size++, time, sequence, slot)
    return (this.#generation[slot] ?? 0) * SLOT_RANGE + slot
  }

  /** As `push` for an event of the present instant, with a sequence above all that were pushed. */
  pushNow(now: Micros, sequence: number, handler: number, a: number, b: number): number {
    if (this.#lineFirst === this.#lineEnd) {
      this.#lineFirst = 0
      this.#lineEnd = 0
      this.#lineTime = now
    } else if (this.#lineTime !== now) return this.push(now, sequence, handler, a, b)
    const slot = this.#takeSlot(handler, a, b)
    this.#isInLine[slot] = 1
    if (this.#lineEnd === this.#lineSlot.length) {
      this.#lineSlot = widened(this.#lineSlot, this.#lineEnd * 2)
      this.#lineSequence = widened(this.#lineSequence, this.#lineEnd * 2)
    }
    this.#lineSlot[this.#lineEnd] = slot
    this.#lineSequence[this.#lineEnd++] = sequence
    return (this.#generation[slot] ?? 0) * SLOT_RANGE + slot
  }

  /** Takes the event out of the order; false when it has run, was cancelled, or its slot is another event's by now. */
  cancel(timer: number): boolean {
    const slot = timer % SLOT_RANGE
    const generation = (timer - slot) / SLOT_RANGE
    if (this.#generation[slot] !== generation || this.#handler[slot] === -1) return false
    this.#handler[slot] = -1
    if (this.#isInLine[slot] === 1) {
      this.#lineDead += 1
      return true
    }
    this.#dead += 1
    if (this.#dead > DEAD_MIN && this.#dead * 2 > this.#size) this.#sweep()
    return true
  }

  /** Time of the first event; infinite when none waits. */
  peekTime(): Micros {
    this.#dropDead()
    const time = this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#time[0] as number)
    return this.#lineFirst < this.#lineEnd && this.#lineTime < time ? this.#lineTime : time
  }

  /** Takes the first event into `event`; false when none waits. */
  pop(event: TakenEvent): boolean {
    this.#dropDead()
    if (this.#lineFirst < this.#lineEnd && this.#isLineFirst()) {
      const slot = this.#lineSlot[this.#lineFirst] as number
      event.time = this.#lineTime
      event.sequence = this.#lineSequence[this.#lineFirst++] as number
      this.#take(slot, event)
      return true
    }
    if (this.#size === 0) return false
    const slot = this.#slot[0] as number
    event.time = this.#time[0] as number
    event.sequence = this.#sequence[0] as number
    this.#take(slot, event)
    this.#removeFirst()
    return true
  }

  /** Whether the first of the line goes before the first of the heap. */
  #isLineFirst(): boolean {
    if (this.#size === 0) return true
    const time = this.#time[0] as number
    if (time !== this.#lineTime) return this.#lineTime < time
    return (this.#lineSequence[this.#lineFirst] as number) < (this.#sequence[0] as number)
  }

  #take(slot: number, event: TakenEvent): void {
    event.handler = this.#handler[slot] as number
    event.a = this.#a[slot] as number
    event.b = this.#b[slot] as number
    this.#release(slot)
  }

  #takeSlot(handler: number, a: number, b: number): number {
    if (this.#freeCount === 0 && this.#slotsUsed === this.#capacity) this.#grow()
    const slot = this.#freeCount > 0 ? (this.#free[--this.#freeCount] as number) : this.#slotsUsed++
    this.#handler[slot] = handler
    this.#a[slot] = a
    this.#b[slot] = b
    return slot
  }

  #dropDead(): void {
    while (this.#lineDead > 0 && this.#lineFirst < this.#lineEnd) {
      const slot = this.#lineSlot[this.#lineFirst] as number
      if (this.#handler[slot] !== -1) break
      this.#release(slot)
      this.#lineDead -= 1
      this.#lineFirst += 1
    }
    while (this.#dead > 0 && this.#size > 0) {
      const slot = this.#slot[0] ?? 0
      if (this.#handler[slot] !== -1) return
      this.#release(slot)
      this.#dead -= 1
      this.#removeFirst()
    }
  }

  #release(slot: number): void {
    this.#handler[slot] = -1
    this.#generation[slot] = ((this.#generation[slot] ?? 0) + 1) % SLOT_RANGE
    this.#free[this.#freeCount++] = slot
  }

  #removeFirst(): void {
    const last = --this.#size
    if (last === 0) return
    this.#down(0, this.#time[last] ?? 0, this.#sequence[last] ?? 0, this.#slot[last] ?? 0)
  }

  #up(from: number, time: Micros, sequence: number, slot: number): void {
    const times = this.#time
    const sequences = this.#sequence
    const slots = this.#slot
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 2
      const parentTime = times[parent] as number
      if (parentTime < time || (parentTime === time && (sequences[parent] as number) < sequence)) break
      times[index] = parentTime
      sequences[index] = sequences[parent] as number
      slots[index] = slots[parent] as number
      index = parent
    }
    times[index] = time
    sequences[index] = sequence
    slots[index] = slot
  }

  #down(from: number, time: Micros, sequence: number, slot: number): void {
    const times = this.#time
    const sequences = this.#sequence
    const slots = this.#slot
    const size = this.#size
    let index = from
    for (;;) {
      const first = index * ARITY + 1
      if (first >= size) break
      const end = Math.min(first + ARITY, size)
      let best = first
      let bestTime = times[first] as number
      for (let child = first + 1; child < end; child++) {
        const childTime = times[child] as number
        const isBefore =
          childTime < bestTime ||
          (childTime === bestTime && (sequences[child] as number) < (sequences[best] as number))
        if (isBefore) {
          best = child
          bestTime = childTime
        }
      }
      if (time < bestTime || (time === bestTime && sequence < (sequences[best] as number))) break
      times[index] = bestTime
      sequences[index] = sequences[best] as number
      slots[index] = slots[best] as number
      index = best
    }
    times[index] = time
    sequences[index] = sequence
    slots[index] = slot
  }

  /** Throws dead entries out and builds the heap again from the rest. */
  #sweep(): void {
    let kept = 0
    for (let i = 0; i < this.#size; i++) {
      const slot = this.#slot[i] ?? 0
      if (this.#handler[slot] === -1) {
        this.#release(slot)
        continue
      }
      this.#time[kept] = this.#time[i] ?? 0
      this.#sequence[kept] = this.#sequence[i] ?? 0
      this.#slot[kept] = slot
      kept += 1
    }
    this.#size = kept
    this.#dead = 0
    for (let i = Math.floor((kept - 2) / ARITY); i >= 0; i--) {
      this.#down(i, this.#time[i] ?? 0, this.#sequence[i] ?? 0, this.#slot[i] ?? 0)
    }
  }

  #grow(): void {
    const capacity = this.#capacity * 2
    this.#time = widened(this.#time, capacity)
    this.#sequence = widened(this.#sequence, capacity)
    this.#slot = widened(this.#slot, capacity)
    this.#handler = widened(this.#handler, capacity, -1)
    this.#a = widened(this.#a, capacity)
    this.#b = widened(this.#b, capacity)
    this.#generation = widened(this.#generation, capacity)
    this.#free = widened(this.#free, capacity)
    this.#isInLine = widened(this.#isInLine, capacity)
    this.#capacity = capacity
  }
}
