import type { RandomStream, RandomStreams } from '../base/random.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'

/** A wait between two renewals is the interval and up to so much more of it (kubelet v1.37, component-helpers lease `JitterUntil`). */
const JITTER = 0.04
/** Kubelet `nodeStatusReportFrequency`: how often a status is posted that has not changed. */
const STATUS_REPORT: Micros = 300 * SECOND
/** After so many waits nothing is left to be seen of when the first began. */
const WAITS_MAX = 64

/**
 * When each node's kubelet renewed its lease, or posted its status, last: computed when somebody asks, not simulated.
 *
 * Renewals are an interval and up to 4 % of it apart, from the start of the kubelet on. Long after that, and for kubelets that
 * have run since before the start of the run, the time since the last one is drawn as it is at any instant: a place in a wait, of
 * which long ones are met more often. A status falls between the last renewal and now with the probability that its period of 5 min
 * gives that.
 *
 * Source: kubelet v1.37, component-helpers apimachinery/lease `controller.Run`; kubelet_node_status.go `tryUpdateNodeStatus`.
 */
export class LeaseClock {
  readonly #random: RandomStreams
  readonly #interval: Micros
  /** A renewal of each node that was; undefined: it has run since before the start, and nobody has asked yet. */
  readonly #renewedAt = new Map<NodeRow, Micros | undefined>()

  constructor(random: RandomStreams, interval: Micros) {
    this.#random = random
    this.#interval = interval
  }

  /** A node joined. The kubelets of nodes that are there from the start have run before. */
  start(row: NodeRow, at: Micros): void {
    this.#renewedAt.set(row, at === 0 ? undefined : at)
  }

  /** The node's kubelet started again, or reaches the API server again: it renews at once. */
  restart(row: NodeRow, at: Micros): void {
    this.#renewedAt.set(row, at)
  }

  forget(row: NodeRow): void {
    this.#renewedAt.delete(row)
  }

  /** The node's last sign of life at or before an instant, which never comes before one asked for earlier; 0 at the earliest. */
  lastHeartbeat(row: NodeRow, name: string, at: Micros): Micros {
    const stream = this.#random.stream(`lease/phase/${name}`)
    const renewedAt = this.#lastRenewal(row, stream, at)
    const span = at - renewedAt
    const isPosted = stream.uniform() * STATUS_REPORT < span
    return Math.max(0, isPosted ? renewedAt + Math.ceil(stream.uniform() * span) : renewedAt)
  }

  #lastRenewal(row: NodeRow, stream: RandomStream, at: Micros): Micros {
    const known = this.#renewedAt.get(row)
    let renewedAt: Micros
    if (known === undefined || at - known > WAITS_MAX * this.#interval) {
      renewedAt = Math.max(known ?? 0, at - this.#age(stream))
    } else {
      renewedAt = known
      for (let next = known; next <= at; next += this.#wait(stream)) renewedAt = next
    }
    this.#renewedAt.set(row, renewedAt)
    return renewedAt
  }

  #wait(stream: RandomStream): Micros {
    return Math.round(this.#interval * (1 + JITTER * stream.uniform()))
  }

  /** Time since the last renewal, at any instant: a share of a wait that is drawn by its length. */
  #age(stream: RandomStream): Micros {
    const longest = (1 + JITTER) ** 2
    const wait = this.#interval * Math.sqrt(1 + stream.uniform() * (longest - 1))
    return Math.floor(wait * stream.uniform())
  }
}
