import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'

/** First wait of a back-off, of crash loops and of image pulls (kubelet v1.37, `initialCrashLoopBackOff`, `imageBackOffPeriod`). */
export const BACK_OFF_FIRST: Micros = 10 * SECOND
/** Longest wait (kubelet v1.37, `MaxCrashLoopBackOff`, `MaxImageBackOff`). */
export const BACK_OFF_MAX: Micros = 300 * SECOND
/** After so long without a failure a back-off starts from the beginning; fixed, whatever the longest wait is. */
export const BACK_OFF_RESET: Micros = 600 * SECOND

/** Waits that double with each failure of one thing. Source: client-go v1.37, util/flowcontrol/backoff.go. */
export class BackOff {
  readonly #max: Micros
  #wait: Micros = 0
  #updatedAt: Micros = 0

  constructor(max: Micros = BACK_OFF_MAX) {
    this.#max = max
  }

  /** When what failed at `failedAt` may be tried again; in the past, or `failedAt` itself, when at once. */
  until(failedAt: Micros): Micros {
    if (this.#wait === 0 || failedAt - this.#updatedAt > BACK_OFF_RESET) return failedAt
    return failedAt + this.#wait
  }

  /** Counts a failure at `failedAt`, now that it is tried again, or heard of: the next wait is twice as long. */
  next(failedAt: Micros, now: Micros): void {
    const isNew = this.#wait === 0 || failedAt - this.#updatedAt > BACK_OFF_RESET
    this.#wait = Math.min(this.#max, isNew ? BACK_OFF_FIRST : this.#wait * 2)
    this.#updatedAt = now
  }

  /** The present wait. */
  get wait(): Micros {
    return this.#wait
  }
}
