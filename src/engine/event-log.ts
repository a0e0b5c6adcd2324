import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'

/** What an event log keeps: nothing, a running hash, or the hash and every record. */
export type EventLogMode = 'none' | 'hash' | 'full'

/** One executed event. */
export interface EventRecord {
  readonly time: Micros
  /** Name of the handler or source. */
  readonly name: string
  readonly a: number
  readonly b: number
}

/** Most records that a full log keeps: it is for short runs. */
const RECORDS_MAX = 1_000_000

/** In the word of an event's name: what else of the event follows. */
const NAME_SHIFT = 3
const WITH_TIME = 1
const WITH_A = 2
const WITH_B = 4

const words = new DataView(new ArrayBuffer(8))

/** What a log has to know of a handler or a source. */
export interface EventKind {
  readonly name: string
  /** `hashName` of the name. */
  readonly hash: number
}

/**
 * A running hash of all events of a run: two runs with equal hashes did the same, in the same order.
 *
 * Two 32-bit lanes with different seeds, factors and rotations, 64 bits together. Each word goes in as in the body of
 * MurmurHash3_x86_32, and its finalizer ends each lane (Austin Appleby, smhasher, `MurmurHash3.cpp`). An event is a word
 * of its name, then the two halves of each number that follows: the time when it is another than that of the event
 * before, and the payload but for zeros. The low bits of the first word say which do, so that no two sequences of
 * events are the same words.
 */
export class EventLog {
  readonly #mode: EventLogMode
  readonly #records: EventRecord[] = []
  // Whole numbers of 32 bits with a sign: such fields need no memory of their own.
  #low = 0x9747b28c | 0
  #high = 0x1b873593 | 0
  #time: Micros = -1
  #count = 0

  constructor(mode: EventLogMode) {
    this.#mode = mode
  }

  /** Records kept; empty unless the mode is `full`. */
  get records(): readonly EventRecord[] {
    return this.#records
  }

  /** 16 hexadecimal digits over all events so far. */
  get hash(): string {
    const low = finish(this.#low ^ this.#count)
    const high = finish(this.#high ^ this.#count)
    return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
  }

  add(time: Micros, kind: EventKind, a: number, b: number): void {
    if (this.#mode === 'none') return
    this.#count += 1
    const isLater = time !== this.#time
    const follows = (isLater ? WITH_TIME : 0) | (a !== 0 ? WITH_A : 0) | (b !== 0 ? WITH_B : 0)
    this.#mix((kind.hash << NAME_SHIFT) | follows)
    if (isLater) {
      this.#time = time
      this.#mixNumber(time)
    }
    if (a !== 0) this.#mixNumber(a)
    if (b !== 0) this.#mixNumber(b)
    if (this.#mode === 'full') this.#keep({ time, name: kind.name, a, b })
  }

  #keep(record: EventRecord): void {
    assert(this.#records.length < RECORDS_MAX, `a full event log keeps at most ${RECORDS_MAX} records`)
    this.#records.push(record)
  }

  #mixNumber(value: number): void {
    words.setFloat64(0, value, true)
    this.#mix(words.getInt32(0, true))
    this.#mix(words.getInt32(4, true))
  }

  #mix(word: number): void {
    let k = Math.imul(word, 0xcc9e2d51)
    k = (k << 15) | (k >>> 17)
    let low = this.#low ^ Math.imul(k, 0x1b873593)
    low = (low << 13) | (low >>> 19)
    this.#low = (Math.imul(low, 5) + 0xe6546b64) | 0
    let high = this.#high ^ Math.imul(k, 0x85ebca6b)
    high = (high << 17) | (high >>> 15)
    this.#high = (Math.imul(high, 9) + 0x38495ab5) | 0
  }
}

/** The 32-bit hash of a name (FNV-1a), taken once when a handler is registered. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash
}

function finish(lane: number): number {
  let h = lane
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
