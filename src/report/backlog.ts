import type { Micros } from '../base/time.ts'
import type { BacklogMeasure } from './run-measures.ts'

/** Finds the worst backlog of pending pods and how long it took to work it off. */
export class Backlog {
  readonly #warmUp: Micros
  #peak = 0
  #peakAt: Micros | undefined
  #drainedAt: Micros | undefined

  constructor(warmUp: Micros) {
    this.#warmUp = warmUp
  }

  /** `pending` pods waited from one instant to a later one. */
  stood(pending: number, from: Micros, to: Micros): void {
    if (to <= this.#warmUp) return
    const since = Math.max(from, this.#warmUp)
    if (pending > this.#peak) {
      this.#peak = pending
      this.#peakAt = since
      this.#drainedAt = undefined
    } else if (pending === 0) this.#drained(since)
  }

  /** The measure at the end of the run, when `pending` pods wait. */
  end(pending: number, now: Micros): BacklogMeasure {
    if (pending === 0) this.#drained(now)
    return { peak: this.#peak, peakAt: this.#peakAt, drainedAt: this.#drainedAt }
  }

  #drained(at: Micros): void {
    if (this.#peakAt !== undefined) this.#drainedAt ??= at
  }
}
