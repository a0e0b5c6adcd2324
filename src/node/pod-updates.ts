import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { ABSENT, LOST, RUNNING, STOPPING } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import type { PodWorkers } from './lifecycle/pod-workers.ts'
import type { NodeAdmission } from './node-admission.ts'

/** A resize that its node cannot allocate now. */
interface WaitingResize {
  readonly pod: PodRow
  readonly node: NodeRow
}

/** Reasons of the condition PodResizePending. */
const REASONS = { allocated: '', same: '', deferred: 'Deferred', infeasible: 'Infeasible' } as const

/**
 * Takes what is written of pods on their nodes: gates of their readiness, and other requests, which are allocated when the
 * node has the room; else the resize waits, until pods of the node leave or shrink, or is infeasible.
 *
 * Departs from Kubernetes: what is allocated is in force at once. Source: kubelet v1.37, allocation/allocation_manager.go.
 */
export class PodUpdates {
  readonly #api: ApiServer
  readonly #pods: KubeletPods
  readonly #admission: NodeAdmission
  readonly #workers: PodWorkers
  readonly #adopt: (pod: PodRow) => void
  /** In the order in which they are tried again. */
  #waiting: WaitingResize[] = []

  constructor(parts: {
    readonly api: ApiServer
    readonly pods: KubeletPods
    readonly admission: NodeAdmission
    readonly workers: PodWorkers
    /** Gives a pod a worker that runs without one. */
    readonly adopt: (pod: PodRow) => void
  }) {
    this.#api = parts.api
    this.#pods = parts.pods
    this.#admission = parts.admission
    this.#workers = parts.workers
    this.#adopt = parts.adopt
  }

  /** Something of the pod has been written. */
  heard(pod: PodRow): void {
    const state = this.#pods.state(pod)
    if (state === ABSENT || state === LOST || state === STOPPING) return
    this.#resize(pod)
    this.#workers.workerOf(pod)?.sync()
  }

  /** A pod has left the node: those that wait for room there are tried again. */
  left(node: NodeRow): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting.filter((one) => one.node === node)
    this.#waiting = this.#waiting.filter((one) => one.node !== node)
    for (const { pod } of waiting) if (this.#pods.state(pod) !== ABSENT) this.#resize(pod)
  }

  #resize(pod: PodRow): void {
    if (this.#api.pods.table.template(pod) === this.#pods.template(pod) || !this.#pods.isAdmitted(pod)) return
    const node = this.#pods.node(pod)
    this.#waiting = this.#waiting.filter((one) => one.pod !== pod)
    const isRunningSimply = !this.#pods.isWorked(pod) && this.#pods.state(pod) === RUNNING
    if (isRunningSimply && this.#admission.asksForOther(pod)) this.#adopt(pod)
    const verdict = this.#admission.resize(pod, node)
    if (verdict.kind === 'deferred') this.#wait(pod, node)
    const worker = this.#workers.workerOf(pod)
    if (worker !== undefined) {
      const { message } = verdict
      worker.setResize(message === undefined ? undefined : { reason: REASONS[verdict.kind], message })
      if (message === undefined) worker.replan(this.#workers.planOf(pod))
    }
    if (verdict.kind === 'allocated') this.left(node)
  }

  /** By priority, then in the order of arrival. */
  #wait(pod: PodRow, node: NodeRow): void {
    const { table } = this.#api.pods
    const others = this.#waiting
    const place = others.findIndex((one) => table.priority(one.pod) < table.priority(pod))
    others.splice(place < 0 ? others.length : place, 0, { pod, node })
  }
}
