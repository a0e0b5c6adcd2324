import type { ApiServer } from '../cluster/api-server.ts'
import type { PodOutcome } from '../cluster/pod-store.ts'
import { NO_TIME, PHASE_PENDING } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import { ENDED } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import { letGo } from './let-go.ts'
import type { PodWorkers } from './lifecycle/pod-workers.ts'
import type { LostTime } from './lost-time.ts'

/**
 * Pods that have ended on nodes that cannot say so: what they used is free, and their end is said, as of the instant at which it
 * was, when the API server can hear of it.
 *
 * Source: kubelet v1.37, status/status_manager.go: the newest status of each pod is kept until it has been sent (`syncBatch`).
 */
export class UnsaidEnds {
  readonly #clock: { readonly now: number }
  readonly #api: ApiServer
  readonly #pods: KubeletPods
  readonly #workers: () => PodWorkers
  readonly #lostTime: LostTime
  readonly #free: (pod: PodRow) => void
  readonly #forget: (pod: PodRow) => void
  readonly #write: (body: () => void) => void
  /** How pods without a worker ended. */
  readonly #outcomes = new Map<PodRow, PodOutcome>()

  constructor(parts: {
    readonly clock: { readonly now: number }
    readonly api: ApiServer
    readonly pods: KubeletPods
    readonly workers: () => PodWorkers
    readonly lostTime: LostTime
    /** What the pod used and was promised is free, and nothing will happen to it. */
    readonly free: (pod: PodRow) => void
    /** The kubelet has no more to do with the pod. */
    readonly forget: (pod: PodRow) => void
    /** Writes what the kubelet need not hear of. */
    readonly write: (body: () => void) => void
  }) {
    this.#clock = parts.clock
    this.#api = parts.api
    this.#pods = parts.pods
    this.#workers = parts.workers
    this.#lostTime = parts.lostTime
    this.#free = parts.free
    this.#forget = parts.forget
    this.#write = parts.write
  }

  /** A pod has ended now; `outcome` is what became of it, where no worker knows that. */
  ended(pod: PodRow, outcome?: PodOutcome): void {
    this.#free(pod)
    this.#pods.setState(pod, ENDED)
    this.#pods.setStopsAt(pod, this.#clock.now)
    if (outcome !== undefined) this.#outcomes.set(pod, outcome)
  }

  /** The pod is not the kubelet's any more. */
  forget(pod: PodRow): void {
    if (this.#outcomes.size > 0) this.#outcomes.delete(pod)
  }

  /** The API server hears of the end. */
  say(pod: PodRow): void {
    const endedAt = this.#pods.stopsAt(pod)
    const worker = this.#workers().workerOf(pod)
    if (worker === undefined) this.#sayOutcome(pod, endedAt)
    else worker.sayEnd(endedAt)
  }

  #sayOutcome(pod: PodRow, finishedAt: number): void {
    const { pods } = this.#api
    const outcome = this.#outcomes.get(pod)
    const startedAt = this.#pods.startedAt(pod)
    const isDeleting = pods.table.deletingAt(pod) !== NO_TIME
    if (isDeleting) this.#lostTime.tellEnd(pod)
    else if (outcome?.succeeded === false) this.#lostTime.tell(pod, outcome.reason)
    this.#forget(pod)
    if (isDeleting || outcome === undefined) {
      letGo(pods, pod)
      return
    }
    this.#write(() => {
      const isNews = pods.table.phase(pod) === PHASE_PENDING && startedAt !== NO_TIME
      if (isNews) pods.markRunning(pod, false, startedAt)
      pods.finish(pod, { ...outcome, finishedAt })
    })
  }
}
