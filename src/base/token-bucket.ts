import { NEVER, SECOND } from './time.ts'
import type { Micros } from './time.ts'

/** Tokens that are short of one by no more than rounding are one. */
const ROUNDING = 1e-9

/** A rate limiter: so many tokens a second, and at most a burst of them at once. Starts full. */
export class TokenBucket {
  readonly #burst: number
  #tokens: number
  #at: Micros = 0
  #perSecond: number

  /** A burst of 1 by default. */
  constructor(perSecond: number, burst = 1) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
  }

  /**
   * Changes the rate of a bucket with a burst of 1 from now on; the same rate changes nothing. The new limiter is full if the
   * old one had a token, else empty. Source: kube-controller-manager v1.37, nodelifecycle/scheduler `SwapLimiter`.
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

  /** Takes a token that may still have to come; returns when it is there. */
  reserve(now: Micros): Micros {
    const at = this.nextAt(now)
    this.#tokens = this.#tokensAt(now) - 1
    this.#at = now
    return at
  }

  #tokensAt(now: Micros): number {
    const earned = ((now - this.#at) / SECOND) * this.#perSecond
    const tokens = Math.min(this.#burst, this.#tokens + earned)
    // What is short of a whole one by rounding is whole.
    return tokens < 1 && tokens > 1 - ROUNDING ? 1 : tokens
  }
}
