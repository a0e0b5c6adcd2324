import type { Micros } from '../base/time.ts'

/**
 * Why a write of a client had to wait:
 *
 * - `client limit`: the client's own token bucket was empty.
 * - `no seat`: API priority and fairness had no free seat at the request's level.
 * - `etcd`: the write held its seat until etcd had it on disk.
 * - `unavailable`: no API server, or no etcd leader, answered.
 */
export type WaitReason = 'client limit' | 'no seat' | 'etcd' | 'unavailable'

/** A time that a write of a client waited, for one reason; one write may tell of several, one after the other. */
export interface ApiWait {
  /** The component: `deployment-controller`, `scheduler`, `tasks`. */
  readonly client: string
  readonly reason: WaitReason
  readonly from: Micros
  readonly until: Micros
}

/** Hears of a wait when it is over; measures, and must not write. */
export type WaitObserver = (wait: ApiWait) => void

/**
 * Tells how long writes waited for the API server, and why. With nobody who asks for it nothing is kept; writes that do not wait are never
 * told of.
 */
export class ApiLoad {
  readonly #observers: WaitObserver[] = []

  /** Whether somebody hears of waits. */
  get isObserved(): boolean {
    return this.#observers.length > 0
  }

  /** Registers a measuring instrument. */
  onThrottled(observer: WaitObserver): void {
    this.#observers.push(observer)
  }

  /** A write waited; no time at all is no wait. */
  told(wait: ApiWait): void {
    if (wait.until <= wait.from) return
    for (const observer of this.#observers) observer(wait)
  }
}
