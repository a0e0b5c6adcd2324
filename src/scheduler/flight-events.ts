import { assert } from '../base/assert.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { ClusterChange } from './framework/cluster-change.ts'
import { retryFor } from './hints.ts'
import type { Retry } from './hints.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/**
 * An event that pods in flight may have missed. One without a change asks for another try whatever rejected the pod;
 * `only` names the one pod that it concerns, `updated` the pod that the change is about where that was in flight.
 */
export interface FlightEvent {
  readonly change?: ClusterChange
  readonly only?: PodRow
  readonly updated?: PodRow
}

/**
 * What happened while pods were in flight, kept as long as any is.
 *
 * Source: kube-scheduler v1.37, backend/queue `inFlightEvents` and `determineSchedulingHintForInFlightPod`.
 */
export class FlightEvents {
  readonly #cluster: SchedulerCluster
  readonly #tellsPodsApart: boolean
  #events: FlightEvent[] = []
  #flights = 0

  /** `tellsPodsApart` is false where pods have no UID: hints then take each for the other. */
  constructor(cluster: SchedulerCluster, tellsPodsApart = true) {
    this.#cluster = cluster
    this.#tellsPodsApart = tellsPodsApart
  }

  /** Pods in flight. */
  get flights(): number {
    return this.#flights
  }

  start(pod: QueuedPod): void {
    pod.eventsFrom = this.#events.length
    this.#flights += 1
  }

  end(): void {
    this.#flights -= 1
    if (this.#flights === 0 && this.#events.length > 0) this.#events = []
  }

  record(event: FlightEvent): void {
    if (this.#flights > 0) this.#events.push(event)
  }

  /** What the events during the flight of a pod, which has just failed, ask for it. */
  missedBy(pod: QueuedPod): Retry {
    let missed: Retry = 'none'
    for (let i = pod.eventsFrom; i < this.#events.length; i++) {
      const event = this.#events[i]
      if (event === undefined || (event.only !== undefined && event.only !== pod.row)) continue
      const retry =
        event.change === undefined
          ? 'after-backoff'
          : retryFor(pod, this.#asHeardBy(pod, event), this.#cluster)
      if (retry === 'at-once') return retry
      if (retry !== 'none') missed = retry
    }
    return missed
  }

  /** The change of an event, as one that is about the pod itself or about another. */
  #asHeardBy(pod: QueuedPod, { change, updated }: FlightEvent): ClusterChange {
    assert(change !== undefined, 'an event without a change was asked for it')
    if (change.type !== 'pending-pod-updated' || updated === pod.row || !this.#tellsPodsApart) return change
    return { ...change, itself: false }
  }
}
