import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { EVICTED } from '../cluster/pod-reason.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import { RUNNING, STARTING, STOPPING } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import type { PodWorkers } from './lifecycle/pod-workers.ts'
import type { PodEnd } from './pod-end.ts'
import { cancelTimers } from './pod-timers.ts'
import type { SimplePods } from './simple-pods.ts'

/** What of the kubelets is needed to end their pods. */
interface KillParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly pods: KubeletPods
  readonly workers: PodWorkers
  readonly simple: SimplePods
}

/** Ends pods, or containers of theirs, that nobody asked the API server to end. */
export class PodKills {
  readonly #parts: KillParts

  constructor(parts: KillParts) {
    this.#parts = parts
  }

  /** Ends a pod that starts or runs within a grace period; returns when its containers will have ended. */
  evict(pod: PodRow, grace: Micros, end: Partial<PodEnd>): Micros {
    const { pods, workers, simple } = this.#parts
    const state = pods.state(pod)
    assert(state === RUNNING || state === STARTING, () => `pod row ${pod} is evicted and does not run`)
    const full = { reason: EVICTED, ...end }
    const worker = workers.workerOf(pod)
    if (worker !== undefined) return worker.terminate(grace, { kind: 'failed', end: full })
    return simple.evict(pod, state === STARTING ? 0 : grace, full)
  }

  /** Kills the container of a pod that uses most memory, at once. */
  kill(pod: PodRow, end: PodEnd): void {
    const { api, pods, workers, simple } = this.#parts
    const containers = workers.workerOf(pod)?.containers
    if (containers !== undefined) {
      const most = containers.reduce((one, other) => (other.memory > one.memory ? other : one))
      this.container(pod, most.plan.index, end.reason)
      return
    }
    const isOver = pods.state(pod) === STOPPING || api.pods.infoOf(pod).restartPolicy === 'Never'
    if (isOver) simple.kill(pod, end)
    else this.container(pod, 0, end.reason)
  }

  /** Kills one container of a pod, by its place, at once; does nothing when it does not run. */
  container(pod: PodRow, index: number, reason: string): void {
    const { sim, pods, workers, simple } = this.#parts
    const state = pods.state(pod)
    if (state !== RUNNING && state !== STOPPING) return
    if (workers.killContainer(pod, index, reason)) return
    if (state === STOPPING) {
      cancelTimers(sim, pods, pod)
      simple.stopped(pod)
      return
    }
    this.adopt(pod)
    this.container(pod, index, reason)
  }

  /** Gives a running pod a worker that has none. */
  adopt(pod: PodRow): void {
    const { sim, pods, workers, simple } = this.#parts
    const run = {
      template: pods.template(pod),
      startedAt: pods.startedAt(pod),
      endsAt: simple.endsAt(pod),
      memory: pods.memory(pod),
    }
    cancelTimers(sim, pods, pod)
    pods.setWorked(pod)
    workers.adopt(pod, pods.node(pod), run)
  }
}
