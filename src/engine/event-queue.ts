import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { widened } from '../base/widen.ts'

/** A time is nine digits of six bits: five in its low part, four in its high part. */
const DIGIT_BITS = 6
const DIGITS = 2 ** DIGIT_BITS
const LOW_DIGITS = 5
const HIGH_DIGITS = 4
const LOW_RANGE = 2 ** (DIGIT_BITS * LOW_DIGITS)
const LOW_MASK = LOW_RANGE - 1
const CHAINS = (LOW_DIGITS + HIGH_DIGITS) * DIGITS
/** The chain of all times that are too far off to tell apart by digits: 500 years. */
const FAR = CHAINS - 1
const FAR_FROM: Micros = (DIGITS - 1) * 2 ** (DIGIT_BITS * (LOW_DIGITS + HIGH_DIGITS - 1))
/** Chains have a bit each, 32 in a word; a shift by a chain is one by its place in the word, for shifts take five bits. */
const WORD_BITS = 5
const WORDS = CHAINS >>> WORD_BITS

/** An entry is 32 bytes: three numbers (its time and the two of the event), then two words (handler and slot). */
const NUMBERS_OF_ENTRY = 4
const WORDS_OF_ENTRY = 8
const A = 1
const B = 2
const HANDLER = 6
const SLOT = 7
/** Entries that lie side by side. */
const CHUNK_BITS = 4
const CHUNK = 2 ** CHUNK_BITS
const CHUNK_MASK = CHUNK - 1
const FIRST_CHUNKS = 64
const NONE = -1

const FIRST_IN_LINE = 256
const FIRST_SLOTS = 1024
/** A timer is the number of its event and a slot: 2^26 timers at once; numbers come again after 2^27 events. */
const SLOT_RANGE = 2 ** 26
const NUMBER_MASK = 2 ** 27 - 1
/** A sweep is not worth it below this many dead entries. */
const DEAD_MIN = 1024

/** An event that was taken from the queue; the same object is refilled each time. */
export interface TakenEvent {
  time: Micros
  handler: number
  a: number
  b: number
}

/**
 * Pending events in the order of time, then of pushing.
 *
 * A radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster algorithms for the shortest path problem", 1990), with digits
 * in place of bits. The queue stands at a time that only goes forward. Events that are due then stand in a line: most
 * events are those that components send each other at one instant. A later event is in the chain that belongs to the
 * highest digit in which its time differs from the queue's, and to the value of that digit. So the first of them is in
 * the first chain that is not empty, and equal times are in one chain, in the order of pushing. When the queue goes on to
 * the earliest time of that chain, all its events move to the line and to chains of lower digits: no two events are ever
 * compared.
 *
 * Line and chains are read and written in sequence, chains in chunks, and an entry holds all that an event is: so cache
 * misses are few, however many events are pending. An event moves a few times at most. Cancelling is O(1): the entry is
 * marked, and skipped when it comes up, or swept when most entries are dead.
 */
export class EventQueue {
  /** Entries in line, from `#lineFirst` to before `#lineEnd`; both are 0 when none is. */
  #lineNumbers = new Float64Array(FIRST_IN_LINE * NUMBERS_OF_ENTRY)
  /** The same memory as `#lineNumbers`. */
  #lineWords = new Int32Array(this.#lineNumbers.buffer)
  #lineFirst = 0
  #lineEnd = 0
  /** Entries in chains, and those of free chunks. */
  #numbers = new Float64Array(FIRST_CHUNKS * CHUNK * NUMBERS_OF_ENTRY)
  /** The same memory as `#numbers`. */
  #words = new Int32Array(this.#numbers.buffer)
  /** The chunk after each chunk, in its chain or among the free ones. */
  #nextChunk = new Int32Array(FIRST_CHUNKS)
  #freeChunk = NONE
  #chunksUsed = 0
  /** First and last entry of each chain; the last is `NONE` in an empty one. */
  readonly #first = new Int32Array(CHAINS)
  readonly #last = new Int32Array(CHAINS).fill(NONE)
  /** The earliest time in each chain. */
  readonly #earliest = new Float64Array(CHAINS)
  /** A bit for each chain that is not empty, and a bit for each word of these bits that is not 0. */
  readonly #filled = new Int32Array(WORDS)
  #filledWords = 0
  /** The number of the event that waits in each slot; `NONE` when it was cancelled or has run. Read to cancel only. */
  #waiting = new Int32Array(FIRST_SLOTS)
  #freeSlots = new Int32Array(FIRST_SLOTS)
  #freeCount = 0
  #slotsUsed = 0
  /** Where the queue stands, and the parts of that time. */
  #now: Micros = 0
  #nowLow = 0
  #nowHigh = 0
  /** The number of the next event. */
  #pushed = 0
  #pending = 0
  /** Cancelled events that are still in line or in a chain. */
  #dead = 0

  /** Events that wait, cancelled ones not counted. */
  get pending(): number {
    return this.#pending
  }

  /** Puts an event in, at no time before the one where the queue stands; the answer names it for `cancel`. */
  push(time: Micros, handler: number, a: number, b: number): number {
    const slot = this.#freeCount > 0 ? (this.#freeSlots[--this.#freeCount] as number) : this.#newSlot()
    const number = this.#pushed
    this.#pushed = (number + 1) & NUMBER_MASK
    this.#waiting[slot] = number
    this.#pending += 1
    this.#append(time, a, b, handler, slot)
    return number * SLOT_RANGE + slot
  }

  /** Takes the event out of the order; false when it has run, was cancelled, or its slot is another event's by now. */
  cancel(timer: number): boolean {
    const slot = timer % SLOT_RANGE
    if (this.#waiting[slot] !== (timer - slot) / SLOT_RANGE) return false
    this.#waiting[slot] = NONE
    this.#pending -= 1
    this.#dead += 1
    if (this.#dead > DEAD_MIN && this.#dead > this.#pending) this.#sweep()
    return true
  }

  /** Time of the first event; infinite when none waits. O(1), but that it sweeps when any entry is dead. */
  peekTime(): Micros {
    if (this.#dead > 0) this.#sweep()
    if (this.#pending === 0) return NEVER
    return this.#lineEnd > 0 ? this.#now : (this.#earliest[this.#firstChain()] as number)
  }

  /**
   * Takes the first event into `event`, and goes on to its time; false when none waits that is due at `until` at the
   * latest, and before `before`.
   */
  pop(event: TakenEvent, until: Micros, before: Micros): boolean {
    while (this.#lineEnd > 0 || this.#advance(until, before)) {
      const now = this.#now
      if (now > until || now >= before) return false
      const entry = this.#lineFirst++
      if (this.#lineFirst === this.#lineEnd) {
        this.#lineFirst = 0
        this.#lineEnd = 0
      }
      const slot = this.#lineWords[entry * WORDS_OF_ENTRY + SLOT] as number
      if (this.#dropDead(slot)) continue
      this.#release(slot)
      this.#pending -= 1
      event.time = now
      event.handler = this.#lineWords[entry * WORDS_OF_ENTRY + HANDLER] as number
      event.a = this.#lineNumbers[entry * NUMBERS_OF_ENTRY + A] as number
      event.b = this.#lineNumbers[entry * NUMBERS_OF_ENTRY + B] as number
      return true
    }
    return false
  }

  /** Goes on to a time; `pop` must have said that no event is due before it. */
  moveTo(time: Micros): void {
    if (time === this.#now) return
    const chain = this.#chainOf(time)
    this.#now = time
    this.#nowLow = time & LOW_MASK
    this.#nowHigh = (time / LOW_RANGE) | 0
    if (this.#last[chain] !== NONE) this.#spread(chain)
  }

  /**
   * Goes on to the earliest time in the chains until somebody is in line; false when that is not within the bounds. A
   * time may be that of dead entries alone: within the bounds nobody can push an earlier event.
   */
  #advance(until: Micros, before: Micros): boolean {
    // Dead entries must not be left behind when time goes on.
    if (this.#pending === 0 && this.#dead > 0) this.#sweep()
    if (this.#pending === 0) return false
    do {
      const time = this.#earliest[this.#firstChain()] as number
      if (time > until || time >= before) return false
      this.moveTo(time)
    } while (this.#lineEnd === 0)
    return true
  }

  /** The chain where the next time is; there must be one that is not empty. */
  #firstChain(): number {
    const word = lowestBit(this.#filledWords)
    return (word << WORD_BITS) + lowestBit(this.#filled[word] as number)
  }

  #chainOf(time: Micros): number {
    if (time >= FAR_FROM) return FAR
    const high = (time / LOW_RANGE) | 0
    if (high !== this.#nowHigh) return LOW_DIGITS * DIGITS + chainOfDigit(high, this.#nowHigh)
    return chainOfDigit(time & LOW_MASK, this.#nowLow)
  }

  /** Puts an event to the end of the line or of the chain where it belongs. */
  #append(time: Micros, a: number, b: number, handler: number, slot: number): void {
    if (time === this.#now) this.#appendToLine(a, b, handler, slot)
    else this.#appendToChain(time, a, b, handler, slot)
  }

  #appendToLine(a: number, b: number, handler: number, slot: number): void {
    if (this.#lineEnd * NUMBERS_OF_ENTRY === this.#lineNumbers.length) this.#makeRoomInLine()
    const entry = this.#lineEnd++
    const numbers = this.#lineNumbers
    const words = this.#lineWords
    numbers[entry * NUMBERS_OF_ENTRY + A] = a
    numbers[entry * NUMBERS_OF_ENTRY + B] = b
    words[entry * WORDS_OF_ENTRY + HANDLER] = handler
    words[entry * WORDS_OF_ENTRY + SLOT] = slot
  }

  #appendToChain(time: Micros, a: number, b: number, handler: number, slot: number): void {
    const chain = this.#chainOf(time)
    const last = this.#last[chain] as number
    if (last === NONE) {
      this.#earliest[chain] = time
      this.#markFilled(chain)
    } else if (time < (this.#earliest[chain] as number)) this.#earliest[chain] = time
    const entry = ((last + 1) & CHUNK_MASK) === 0 ? this.#lengthen(chain) : last + 1
    this.#last[chain] = entry
    const numbers = this.#numbers
    const words = this.#words
    numbers[entry * NUMBERS_OF_ENTRY] = time
    numbers[entry * NUMBERS_OF_ENTRY + A] = a
    numbers[entry * NUMBERS_OF_ENTRY + B] = b
    words[entry * WORDS_OF_ENTRY + HANDLER] = handler
    words[entry * WORDS_OF_ENTRY + SLOT] = slot
  }

  /** Empties a chain, and puts its living events where they belong. */
  #spread(chain: number): void {
    const last = this.#last[chain] as number
    this.#last[chain] = NONE
    this.#markEmpty(chain)
    for (let entry = this.#first[chain] as number; ; entry = this.#after(entry)) {
      const slot = this.#words[entry * WORDS_OF_ENTRY + SLOT] as number
      if (!this.#dropDead(slot)) {
        const time = this.#numbers[entry * NUMBERS_OF_ENTRY] as number
        const a = this.#numbers[entry * NUMBERS_OF_ENTRY + A] as number
        const b = this.#numbers[entry * NUMBERS_OF_ENTRY + B] as number
        this.#append(time, a, b, this.#words[entry * WORDS_OF_ENTRY + HANDLER] as number, slot)
      }
      if (entry !== last) continue
      this.#freeChunkOf(entry)
      return
    }
  }

  /** Throws dead entries out. */
  #sweep(): void {
    const end = this.#lineEnd
    this.#lineEnd = 0
    for (let entry = this.#lineFirst; entry < end; entry++) {
      const slot = this.#lineWords[entry * WORDS_OF_ENTRY + SLOT] as number
      if (this.#dropDead(slot)) continue
      const a = this.#lineNumbers[entry * NUMBERS_OF_ENTRY + A] as number
      const b = this.#lineNumbers[entry * NUMBERS_OF_ENTRY + B] as number
      this.#appendToLine(a, b, this.#lineWords[entry * WORDS_OF_ENTRY + HANDLER] as number, slot)
    }
    this.#lineFirst = 0
    for (let chain = 0; chain < CHAINS; chain++) if (this.#last[chain] !== NONE) this.#spread(chain)
  }

  /** Moves the line to the start of its memory where that frees half of it; else takes twice the memory. */
  #makeRoomInLine(): void {
    const first = this.#lineFirst
    if (first * 2 < this.#lineEnd) {
      this.#lineNumbers = widened(this.#lineNumbers, this.#lineNumbers.length * 2)
      this.#lineWords = new Int32Array(this.#lineNumbers.buffer)
      return
    }
    this.#lineWords.copyWithin(0, first * WORDS_OF_ENTRY)
    this.#lineFirst = 0
    this.#lineEnd -= first
  }

  #markFilled(chain: number): void {
    const word = chain >>> WORD_BITS
    this.#filled[word] = (this.#filled[word] as number) | (1 << chain)
    this.#filledWords |= 1 << word
  }

  #markEmpty(chain: number): void {
    const word = chain >>> WORD_BITS
    const left = (this.#filled[word] as number) & ~(1 << chain)
    this.#filled[word] = left
    if (left === 0) this.#filledWords &= ~(1 << word)
  }

  /** The entry after one that is not the last of its chain; frees the chunk that was read to its end. */
  #after(entry: number): number {
    return (entry & CHUNK_MASK) === CHUNK_MASK ? this.#freeChunkOf(entry) : entry + 1
  }

  /** Puts a chunk to the end of a chain; returns its first entry. */
  #lengthen(chain: number): number {
    let chunk = this.#freeChunk
    if (chunk === NONE) chunk = this.#newChunk()
    else this.#freeChunk = this.#nextChunk[chunk] as number
    const last = this.#last[chain] as number
    if (last === NONE) this.#first[chain] = chunk * CHUNK
    else this.#nextChunk[last >>> CHUNK_BITS] = chunk
    return chunk * CHUNK
  }

  /** Frees the chunk of an entry; returns the first entry of the chunk after it in its chain. */
  #freeChunkOf(entry: number): number {
    const chunk = entry >>> CHUNK_BITS
    const next = this.#nextChunk[chunk] as number
    this.#nextChunk[chunk] = this.#freeChunk
    this.#freeChunk = chunk
    return next * CHUNK
  }

  #newChunk(): number {
    const chunks = this.#nextChunk.length
    if (this.#chunksUsed === chunks) {
      this.#nextChunk = widened(this.#nextChunk, chunks * 2)
      this.#numbers = widened(this.#numbers, this.#numbers.length * 2)
      this.#words = new Int32Array(this.#numbers.buffer)
    }
    return this.#chunksUsed++
  }

  #newSlot(): number {
    if (this.#slotsUsed === this.#waiting.length) {
      this.#waiting = widened(this.#waiting, this.#slotsUsed * 2)
      this.#freeSlots = widened(this.#freeSlots, this.#slotsUsed * 2)
    }
    return this.#slotsUsed++
  }

  /** Frees the slot of a cancelled event; false when the event lives. */
  #dropDead(slot: number): boolean {
    if (this.#dead === 0 || this.#waiting[slot] !== NONE) return false
    this.#release(slot)
    this.#dead -= 1
    return true
  }

  #release(slot: number): void {
    this.#waiting[slot] = NONE
    this.#freeSlots[this.#freeCount++] = slot
  }
}

/** The chain of the highest digit in which one part of a time differs from that part of the queue's time. */
function chainOfDigit(part: number, nowPart: number): number {
  const digit = ((31 - Math.clz32(part ^ nowPart)) / DIGIT_BITS) | 0
  return digit * DIGITS + ((part >>> (digit * DIGIT_BITS)) & (DIGITS - 1))
}

/** Number of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
