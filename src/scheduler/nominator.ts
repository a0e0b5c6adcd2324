import type { Micros } from '../base/time.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { NO_NODE } from '../cluster/rows.ts'
import { PREEMPTED } from '../cluster/pod-reason.ts'
import type { Binder } from './binder.ts'
import type { Decision } from './decision.ts'
import type { Failures } from './failures.ts'
import type { PlacedPod } from './framework/node-columns.ts'
import type { PostFilterResult } from './framework/post-filter.ts'
import type { RowPod } from './pod-shapes.ts'
import type { SchedulingQueue } from './queue.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** Writes nominations to the scheduler's view and to the API server, and what comes of PostFilter with them. */
export class Nominator {
  readonly #cluster: SchedulerCluster
  readonly #binder: Binder
  readonly #failures: Failures
  readonly #queue: SchedulingQueue
  readonly #clock: { readonly now: Micros }

  constructor(parts: {
    readonly cluster: SchedulerCluster
    readonly binder: Binder
    readonly failures: Failures
    readonly queue: SchedulingQueue
    readonly clock: { readonly now: Micros }
  }) {
    this.#cluster = parts.cluster
    this.#binder = parts.binder
    this.#failures = parts.failures
    this.#queue = parts.queue
    this.#clock = parts.clock
  }

  /** Nominates the pod to another node, or to none. */
  nominate(pod: PodRow, node: NodeRow): void {
    const { nominations, api } = this.#cluster
    const before = nominations.nodeOf(pod)
    if (node === NO_NODE) nominations.remove(pod)
    else nominations.add(pod, node)
    if (!api.pods.isRemoved(pod)) api.pods.nominate(pod, node)
    if (before !== NO_NODE && before !== node) this.#tellOfRoom(pod)
  }

  /** A pod that has ended is nominated no longer. */
  forget(pod: PodRow): void {
    const { nominations } = this.#cluster
    if (nominations.nodeOf(pod) === NO_NODE) return
    nominations.remove(pod)
    this.#tellOfRoom(pod)
  }

  /** Ends the nomination that a pod may have, as no plugin stands for it. */
  clear(pod: PodRow): void {
    if (this.#cluster.nominations.nodeOf(pod) !== NO_NODE) this.nominate(pod, NO_NODE)
  }

  /** Nominates the pod to the node that PostFilter found, and asks for the end of the pods in its way. */
  apply(
    pod: { readonly row: PodRow; readonly priority: number },
    result: PostFilterResult,
    decision: Decision,
  ): void {
    if (result.nominated === undefined) {
      if (result.clearNomination) this.nominate(pod.row, NO_NODE)
      return
    }
    const { nominations, api } = this.#cluster
    const node = result.nominated.node as NodeRow
    for (const other of [...nominations.on(node)]) {
      if (api.pods.table.priority(other) < pod.priority) this.nominate(other, NO_NODE)
    }
    this.nominate(pod.row, node)
    decision.node = node
    decision.outcome = 'nominated'
    decision.victims = this.evict(result.nominated.victims)
  }

  /**
   * Asks for the end of pods that are in the way, but for those that are ending already, and rejects those that only wait
   * with their node; returns the rows of all.
   */
  evict(victims: readonly PlacedPod[]): readonly PodRow[] {
    const { api } = this.#cluster
    const rows = victims.map((victim) => (victim as RowPod).row)
    // One that is rejected takes others of its group with it: they are victims that waited, too.
    const waiting = new Set(rows.filter((victim) => this.#binder.isWaiting(victim)))
    for (const victim of rows) {
      if (waiting.has(victim)) this.#binder.preempt(victim)
      if (waiting.has(victim) || api.pods.isRemoved(victim)) continue
      if (api.pods.table.deletingAt(victim) !== NO_TIME) continue
      api.pods.requestDeletion(victim, { reason: PREEMPTED })
    }
    return rows
  }

  /** With its nomination the room ends that pods of its priority and below left the pod. */
  #tellOfRoom(pod: PodRow): void {
    this.#failures.objectChanged()
    const shape = this.#cluster.shapes.shapeOf(pod)
    this.#queue.move({ type: 'pending-pod-deleted', pod: shape }, this.#clock.now)
  }
}
