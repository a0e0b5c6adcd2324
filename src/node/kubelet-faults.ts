import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import { Ghosts } from './ghosts.ts'
import { watchKubelets } from './kubelet-modes.ts'
import { ABSENT, RUNNING, STOPPING } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import { letGo } from './let-go.ts'
import type { PodWorkers } from './lifecycle/pod-workers.ts'
import type { LostTime } from './lost-time.ts'
import { kubeletChanged } from './machine-changes.ts'
import type { PodAfterMachine } from './machine-changes.ts'
import type { Machines } from './machine.ts'
import type { NodeAdmission } from './node-admission.ts'
import type { NodeUsage } from './node-usage.ts'
import { cancelTimers } from './pod-timers.ts'
import type { SimplePods } from './simple-pods.ts'
import { SplitBrains } from './split-brain.ts'
import { UnsaidEnds } from './unsaid-ends.ts'

/** What the parts of the kubelets have in common. */
export interface SharedParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly machines: Machines
  readonly pods: KubeletPods
  readonly inUse: NodeUsage
  readonly lostTime: LostTime
}

/** What of the kubelets a fault acts on. */
export interface FaultyKubelets extends SharedParts {
  readonly admission: NodeAdmission
  readonly stop: (stream: RandomStream) => Micros
  /** Those who look after pods, once they are there. */
  readonly simple: () => SimplePods
  readonly workers: () => PodWorkers
  /** The pods of a node, in order of arrival. */
  readonly on: (node: NodeRow) => readonly PodRow[]
  /** What the kubelet does to a pod. */
  readonly does: PodAfterMachine
  /** What a pod held of its node is free: others wait for it. */
  readonly left: (node: NodeRow) => void
  /** What the pod used is free. */
  readonly rest: (pod: PodRow) => void
  /** Writes what the kubelet need not hear of. */
  readonly write: (body: () => void) => void
}

/** What becomes of pods on nodes whose machine has a fault: those that nobody hears of, and those that nobody can stop. */
export class KubeletFaults {
  readonly splits: SplitBrains
  readonly ghosts: Ghosts
  readonly unsaid: UnsaidEnds
  readonly #parts: FaultyKubelets
  /** Pods whose deletion was asked for and that others have finished, while their node could not let them go. */
  readonly #deleted = new Map<NodeRow, readonly { readonly pod: PodRow; readonly serial: number }[]>()

  constructor(parts: FaultyKubelets) {
    const { sim, api, pods, inUse, lostTime, stop, does, write } = parts
    this.#parts = parts
    this.splits = new SplitBrains(sim, api.pods)
    this.ghosts = new Ghosts({ sim, inUse, splits: this.splits, stop })
    this.unsaid = new UnsaidEnds({
      clock: sim,
      api,
      pods,
      workers: parts.workers,
      lostTime,
      free: (pod) => this.#free(pod),
      forget: does.forget,
      write,
    })
  }

  /** Begins to hear of machines. */
  start(): void {
    const { sim, api, machines, pods, lostTime, workers, on, does, rest } = this.#parts
    const { ghosts, splits, unsaid } = this
    const known = { sim, api, pods, lostTime, ghosts, splits, unsaid, workers: workers(), on, rest, ...does }
    watchKubelets(machines, 'kubelets', (change) => {
      kubeletChanged(known, change)
      if (change.mode === 'connected') this.#letGoOn(change.row)
    })
    machines.strain.watch('kubelets', (node) => {
      this.#parts.simple().setSpeed(node, machines.strain.speedOf(node).cpu, on(node))
      workers().strained(node, on(node))
    })
  }

  /** Whether the node that has the pod hears what is written of it; true of a pod that no node has. */
  hears(pod: PodRow): boolean {
    const { pods, machines } = this.#parts
    return pods.state(pod) === ABSENT || machines.reports(pods.node(pod))
  }

  /**
   * Others have finished or removed a pod of a node. What runs of it on one that hears nothing runs on, and is nobody's; if its
   * deletion was asked for, the node lets it go as soon as it can.
   */
  taken(pod: PodRow, node: NodeRow): void {
    this.#parts.lostTime.tellEnd(pod)
    if (!this.hears(pod)) this.#haunt(pod)
    this.#parts.does.forget(pod)
    this.#letGo(pod, node)
  }

  #haunt(pod: PodRow): void {
    const { api, pods, inUse } = this.#parts
    const state = pods.state(pod)
    if ((state !== RUNNING && state !== STOPPING) || pods.startedAt(pod) === NO_TIME) return
    const node = pods.node(pod)
    const worker = this.#parts.workers().workerOf(pod)
    const ofRun = state === STOPPING ? pods.stopsAt(pod) : this.#parts.simple().endsAt(pod)
    const endsAt = worker === undefined ? ofRun : worker.endsAt
    const grace = api.pods.infoOf(pod).terminationGrace
    const body = this.splits.haunts(pod, node)
    this.ghosts.add({ node, ...inUse.leave(pod), endsAt, grace, body })
  }

  #letGo(pod: PodRow, node: NodeRow): void {
    const { pods } = this.#parts.api
    if (pods.isRemoved(pod) || pods.table.deletingAt(pod) === NO_TIME) return
    if (this.#parts.machines.reports(node)) {
      letGo(pods, pod)
      return
    }
    const others = this.#deleted.get(node) ?? []
    this.#deleted.set(node, [...others, { pod, serial: pods.table.serial(pod) }])
  }

  #letGoOn(node: NodeRow): void {
    const { pods } = this.#parts.api
    const deleted = this.#deleted.get(node) ?? []
    this.#deleted.delete(node)
    for (const { pod, serial } of deleted) {
      if (pods.isCurrent(pod, serial) && !pods.isRemoved(pod)) letGo(pods, pod)
    }
  }

  /** The pod is not the kubelet's any more. */
  forget(pod: PodRow): void {
    this.unsaid.forget(pod)
    if (!this.splits.isQuiet) this.splits.ended(pod)
  }

  /** The containers of the pod have ended, and the kubelet keeps it, to say so. */
  #free(pod: PodRow): void {
    const { sim, pods, admission, left, rest } = this.#parts
    const startedAt = pods.startedAt(pod)
    admission.leave(pod)
    left(pods.node(pod))
    cancelTimers(sim, pods, pod)
    rest(pod)
    pods.setStartedAt(pod, startedAt)
    this.splits.ended(pod)
  }
}
