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

const words = new DataView(new ArrayBuffer(8))

/**
 * A running hash of all events of a run: two runs with equal hashes did the same, in the same order.
 *
 * Two 32-bit lanes of MurmurHash3's mixing (Appleby) with different seeds, over time, name and payload: 64 bits.
 */
export class EventLog {
  readonly #mode: EventLogMode
  readonly #records: EventRecord[] = []
  #low = 0x9747b28c
  #high = 0x1b873593
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

  add(time: Micros, name: string, nameHash: number, a: number, b: number): void {
    if (this.#mode === 'none') return
    this.#count += 1
    this.#mix(nameHash)
    this.#mixNumber(time)
    if (a !== 0 || b !== 0) {
      this.#mixNumber(a)
      this.#mixNumber(b)
    }
    if (this.#mode === 'hash') return
    assert(this.#records.length < RECORDS_MAX, () => `a full event log keeps at most ${RECORDS_MAX} records`)
    this.#records.push({ time, name, a, b })
  }

  #mixNumber(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 53) {
      this.#mix(value | 0)
      this.#mix(Math.floor(value / 2 ** 32) | 0)
      return
    }
    words.setFloat64(0, value)
    this.#mix(words.getInt32(0))
    this.#mix(words.getInt32(4))
  }

  #mix(word: number): void {
    let k = Math.imul(word, 0xcc9e2d51)
    k = (k << 15) | (k >>> 17)
    const mixed = Math.imul(k, 0x1b873593)
    let low = this.#low ^ mixed
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
