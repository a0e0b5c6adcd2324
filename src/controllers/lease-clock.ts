import type { RandomStreams } from '../base/random.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'

/**
 * When each node's kubelet renewed its lease: computed, not simulated. Renewals are whole intervals apart,
 * from the start of the kubelet on.
 *
 * Departs from Kubernetes: without the jitter of up to 4 % of the interval.
 */
export class LeaseClock {
  readonly #random: RandomStreams
  readonly #interval: Micros
  /**
   * An instant of each node's renewals; undefined: it has run since before the start, and nobody has asked
   * yet.
   */
  readonly #renewedAt = new Map<NodeRow, Micros | undefined>()

  constructor(random: RandomStreams, interval: Micros) {
    this.#random = random
    this.#interval = interval
  }

  /**
   * A node joined. The kubelets of nodes that are there from the start renew at an instant drawn for each.
   */
  start(row: NodeRow, at: Micros): void {
    this.#renewedAt.set(row, at === 0 ? undefined : at)
  }

  /** The node's kubelet started again: it renews at once. */
  restart(row: NodeRow, at: Micros): void {
    this.#renewedAt.set(row, at)
  }

  forget(row: NodeRow): void {
    this.#renewedAt.delete(row)
  }

  /** The node's last renewal at or before an instant; not before the start of the run. */
  lastRenewal(row: NodeRow, name: string, at: Micros): Micros {
    let known = this.#renewedAt.get(row)
    if (known === undefined) {
      known = this.#random.stream(`lease/phase/${name}`).integer(this.#interval) - this.#interval
      this.#renewedAt.set(row, known)
    }
    return Math.max(0, known + Math.floor((at - known) / this.#interval) * this.#interval)
  }
}
