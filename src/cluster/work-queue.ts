import { TokenBucket } from '../base/token-bucket.ts'
import { MILLISECOND, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'

/** Back-off of an item that failed: doubles from `base` to `max`. */
export interface RetryBackoff {
  readonly base: Micros
  readonly max: Micros
}

/** The back-off of most controllers. */
const DEFAULT_BACKOFF: RetryBackoff = { base: 5 * MILLISECOND, max: 1000 * SECOND }
/** Rate limit of all items that failed. */
const RETRY_QPS = 10
const RETRY_BURST = 100

/**
 * A rate-limited work queue of keys: a key is in it once, however often it is added, and is not given out twice at a time; one
 * that is added while it is worked on comes again afterwards.
 *
 * Source: client-go v1.37, util/workqueue (`Typed`, `delayingType`, `DefaultTypedControllerRateLimiter`: per item 5 ms
 * doubling to 1,000 s, and all retries together 10 a second with a burst of 100).
 */
export class WorkQueue {
  readonly #sim: Simulation
  readonly #added: () => void
  readonly #backoff: RetryBackoff
  readonly #waiting: string[] = []
  /** While nobody takes keys: since when those wait that are there. */
  #held: Map<string, Micros> | undefined
  readonly #dirty = new Set<string>()
  readonly #processing = new Set<string>()
  readonly #failures = new Map<string, number>()
  /** When delayed keys come, by key: the earliest. */
  readonly #delayed = new Map<string, Micros>()
  readonly #due: PayloadHandler<{ readonly key: string; readonly at: Micros }>
  readonly #retries = new TokenBucket(RETRY_QPS, RETRY_BURST)

  /** `added` is called when a key may be taken that could not before. */
  constructor(sim: Simulation, name: string, added: () => void, backoff = DEFAULT_BACKOFF) {
    this.#sim = sim
    this.#added = added
    this.#backoff = backoff
    this.#due = sim.payloadHandler(`${name}/due`, ({ key, at }: { key: string; at: Micros }) => {
      if (this.#delayed.get(key) !== at) return
      this.#delayed.delete(key)
      this.add(key)
    })
  }

  /** Keys that could be taken now. */
  get length(): number {
    return this.#waiting.length
  }

  add(key: string): void {
    if (this.#dirty.has(key)) return
    this.#dirty.add(key)
    if (this.#processing.has(key)) return
    this.#push(key)
  }

  /** Adds the key after a delay; one that waits for longer comes earlier, one that waits for less stays. */
  addAfter(key: string, delay: Micros): void {
    if (delay <= 0) {
      this.add(key)
      return
    }
    const at = this.#sim.now + delay
    const known = this.#delayed.get(key)
    if (known !== undefined && known <= at) return
    this.#delayed.set(key, at)
    this.#sim.atWith(at, this.#due, { key, at })
  }

  /** Adds a key that failed, after its back-off. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    const { base, max } = this.#backoff
    const own = Math.min(max, base * 2 ** failures)
    this.addAfter(key, Math.max(own, this.#retries.reserve(this.#sim.now) - this.#sim.now))
  }

  /** Forgets that the key failed. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** How often the key failed since it was forgotten. */
  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  /** Forgets all failures: keys that back off come now. */
  restart(): void {
    for (const key of this.#failures.keys()) {
      this.#delayed.delete(key)
      this.add(key)
    }
    this.#failures.clear()
  }

  /** Takes the next key to work on; `done` gives it back. */
  take(): string | undefined {
    const key = this.#waiting.shift()
    if (key === undefined) return undefined
    this.#dirty.delete(key)
    this.#processing.add(key)
    return key
  }

  /** The work on a key is over. */
  done(key: string): void {
    this.#processing.delete(key)
    if (!this.#dirty.has(key)) return
    this.#push(key)
  }

  /** Nobody takes keys from now on. */
  hold(): void {
    this.#held ??= new Map(this.#waiting.map((key) => [key, this.#sim.now]))
  }

  /** Somebody takes keys again: those that had to wait, and since when. */
  release(): ReadonlyMap<string, Micros> {
    const held = this.#held ?? new Map<string, Micros>()
    this.#held = undefined
    return held
  }

  #push(key: string): void {
    this.#waiting.push(key)
    this.#held?.set(key, this.#sim.now)
    this.#added()
  }
}
