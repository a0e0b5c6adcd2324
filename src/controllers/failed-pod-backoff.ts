import { MINUTE, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

const FIRST: Micros = SECOND
const MAX: Micros = 15 * MINUTE

/**
 * How long a failed pod of a DaemonSet stays on its node before it is deleted: not at all the first time, then 1 s doubling to
 * 15 min since the last deletion there; forgotten after twice the longest time.
 *
 * Source: Kubernetes v1.37, kube-controller-manager `startDaemonSetController`, client-go util/flowcontrol `Backoff`.
 */
export class FailedPodBackoff {
  readonly #entries = new Map<string, { readonly delay: Micros; readonly at: Micros }>()

  /** Takes note of a deletion, unless the one before is too young: then the time to wait. */
  next(key: string, now: Micros): Micros | undefined {
    const known = this.#entries.get(key)
    const entry = known === undefined || now - known.at > 2 * MAX ? undefined : known
    if (entry !== undefined && now - entry.at < entry.delay) return entry.delay
    this.#entries.set(key, { delay: entry === undefined ? FIRST : Math.min(2 * entry.delay, MAX), at: now })
    return undefined
  }

  /** Forgets what is too old to matter. */
  clean(now: Micros): void {
    for (const [key, { at }] of this.#entries) if (now - at > 2 * MAX) this.#entries.delete(key)
  }
}
