import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodRow } from '../cluster/rows.ts'

/** First wait (kubelet v1.37, `initialCrashLoopBackOff`). */
const FIRST: Micros = 10 * SECOND
/** Longest wait (kubelet v1.37, `MaxCrashLoopBackOff`). */
const LONGEST: Micros = 300 * SECOND
/** After so long without a kill waits start from the beginning. */
const FORGOTTEN_AFTER: Micros = 600 * SECOND

interface Waiting {
  readonly serial: number
  readonly wait: Micros
  readonly at: Micros
}

/** How long pods that were killed wait until they start again: not at all, then 10 s, doubling to 5 minutes. */
export class RestartWaits {
  readonly #byPod = new Map<PodRow, Waiting>()

  /** The wait of a pod, told apart by its serial, that is killed now. */
  next(pod: PodRow, serial: number, now: Micros): Micros {
    const last = this.#byPod.get(pod)
    const isFirst = last === undefined || last.serial !== serial || now - last.at > FORGOTTEN_AFTER
    const wait = isFirst ? 0 : Math.min(LONGEST, Math.max(FIRST, last.wait * 2))
    this.#byPod.set(pod, { serial, wait, at: now })
    return wait
  }
}
