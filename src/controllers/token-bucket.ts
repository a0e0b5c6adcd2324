import { NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/** Tokens that are short of one by no more than rounding are one. */
const ROUNDING = 1e-9

/** A rate limiter with a burst of one: the limiter of each zone's queue of nodes to taint. Starts full. */
export class TokenBucket {
  #tokens = 1
  #at: Micros = 0
  #perSecond: number

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /**
   * Changes the rate from now on; the same rate changes nothing. The new limiter is full if the old one had a
   * token, else empty. Source: kube-controller-manager v1.37, nodelifecycle/scheduler `SwapLimiter`.
   */
  setRate(perSecond: number, now: Micros): void {
    if (perSecond === this.#perSecond) return
    this.#tokens = this.take(now) ? 1 : 0
    this.#at = now
    this.#perSecond = perSecond
  }

  /** When a token can be had: `now` or later, `NEVER` at rate 0. */
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
    const tokens = Math.min(1, this.#tokens + earned)
    return tokens > 1 - ROUNDING ? 1 : tokens
  }
}
