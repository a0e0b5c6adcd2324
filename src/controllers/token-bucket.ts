import { NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/** A rate limiter with a burst of one: the limiter of each zone's queue of nodes to taint. */
export class TokenBucket {
  #tokens = 1
  #at: Micros = 0
  #perSecond: number

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Changes the rate from now on; a new limiter starts full, as the real one is made anew. */
  setRate(perSecond: number, now: Micros): void {
    if (perSecond === this.#perSecond) return
    this.#perSecond = perSecond
    this.#tokens = 1
    this.#at = now
  }

  /** When a token can be had, `NEVER` at rate 0. */
  nextAt(now: Micros): Micros {
    if (this.#perSecond === 0) return NEVER
    const tokens = this.#tokensAt(now)
    return tokens >= 1 ? now : now + Math.ceil(((1 - tokens) / this.#perSecond) * SECOND)
  }

  /** Takes a token; false when there is none. */
  take(now: Micros): boolean {
    if (this.nextAt(now) > now) return false
    this.#tokens = this.#tokensAt(now) - 1
    this.#at = now
    return true
  }

  #tokensAt(now: Micros): number {
    const earned = ((now - this.#at) / SECOND) * this.#perSecond
    // A token that is short by less than a microsecond's worth of rounding is a token.
    const tokens = Math.min(1, this.#tokens + earned)
    return tokens > 1 - 1e-9 ? 1 : tokens
  }
}
