import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { RingEntry } from '../cluster/change-ring.ts'
import {
  POD_BOUND,
  POD_CREATED,
  POD_DELETED,
  POD_DELETING,
  POD_FINISHED,
  POD_UPDATED,
} from '../cluster/pod-event.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import { KubeletNodes } from './kubelet-nodes.ts'
import { DEFAULT_KUBELET_OPTIONS } from './kubelet-options.ts'
import type { KubeletOptions } from './kubelet-options.ts'
import { KubeletFaults } from './kubelet-faults.ts'
import type { SharedParts } from './kubelet-faults.ts'
import { ABSENT, ENDED, KubeletPods, LOST, RUNNING, STARTING } from './kubelet-pods.ts'
import { PodWorkers } from './lifecycle/pod-workers.ts'
import { letGo } from './let-go.ts'
import { LostTime } from './lost-time.ts'
import type { Machines } from './machine.ts'
import { NodeAdmission } from './node-admission.ts'
import { NodePods } from './node-pods.ts'
import { NodeUsage } from './node-usage.ts'
import type { WorkingSetAlarm, WorkingSetListener } from './node-usage.ts'
import type { LostWorkListener, PodEnd } from './pod-end.ts'
import { PodKills } from './pod-kills.ts'
import { cancelTimers } from './pod-timers.ts'
import { PodUpdates } from './pod-updates.ts'
import { COMPLETED, SimplePods } from './simple-pods.ts'
import type { SplitBrainListener } from './split-brain.ts'
import type { StartGate } from './start-gate.ts'
import { isStatic, mirrorAgain } from './static-pods.ts'
import type { UsageModel } from './usage-model.ts'
import { workerSide } from './worker-side.ts'

/**
 * The kubelets of all nodes: start the containers of pods bound to their node, end them when their time has
 * come or their deletion was asked for, and report it. A kubelet whose machine is down does and reports
 * nothing.
 *
 *     bound ─▶ starting ─▶ running ─▶ finished        deletion: ─▶ stopping ─▶ removed
 *                 └───── machine down: lost ─▶ on return: failed, started again, or removed
 *
 * So it is with pods of one container and nothing else to look after. All others have a worker each (`PodWorkers`), which
 * starts, ends and reports; the kubelet takes them, counts what they use, and hears of them.
 */
export class Kubelets {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #options: KubeletOptions
  readonly #pods = new KubeletPods()
  readonly #nodes = new KubeletNodes()
  readonly #lists = new NodePods(this.#pods, this.#nodes)
  readonly #inUse = new NodeUsage(this.#pods, this.#nodes)
  /** Whom the kubelets take. */
  readonly admission: NodeAdmission
  readonly #workers: PodWorkers
  readonly #updates: PodUpdates
  readonly #lostTime: LostTime
  readonly #simple: SimplePods
  readonly #kills: PodKills
  readonly #faults: KubeletFaults

  #gate: StartGate | undefined
  /** Whether the kubelet itself writes the end of a pod now, which it need not hear of. */
  #isEnding = false
  #overRequest: ((pod: PodRow, bytes: number) => void) | undefined
  #usesDisk: ((pod: PodRow, bytes: number) => void) | undefined

  constructor(
    sim: Simulation,
    api: ApiServer,
    parts: { readonly machines: Machines; readonly usage: UsageModel },
    options: Partial<KubeletOptions> = {},
  ) {
    this.#sim = sim
    this.#api = api
    this.#machines = parts.machines
    this.admission = new NodeAdmission(api, this.#pods, this.#nodes)
    this.#options = { ...DEFAULT_KUBELET_OPTIONS, ...options }
    this.#lostTime = new LostTime(sim, api.pods, this.#pods)
    const kept = { pods: this.#pods, inUse: this.#inUse, lostTime: this.#lostTime }
    const shared = { sim, api, ...parts, ...kept, options: this.#options }
    this.#faults = this.#newFaults(shared)
    this.#simple = new SimplePods({
      ...shared,
      overRequest: (pod, bytes) => this.#overRequest?.(pod, bytes),
      forget: (pod) => this.#forget(pod),
      finish: (pod) => this.#finish(pod),
      hold: (pod, outcome) => this.#faults.unsaid.ended(pod, outcome),
      splits: this.#faults.splits,
    })
    const side = workerSide({
      ...shared,
      table: api.pods.table,
      overRequest: (pod, bytes) => this.#overRequest?.(pod, bytes),
      usesDisk: (pod, bytes) => this.#usesDisk?.(pod, bytes),
      nodes: this.#nodes,
      splits: this.#faults.splits,
      ended: (pod) => this.#faults.unsaid.ended(pod),
      over: (pod, cause) => this.#over(pod, cause),
      write: (body) => this.#write(body),
    })
    this.#workers = new PodWorkers(sim, api, side, this.#options.lifecycle)
    this.#kills = new PodKills({ sim, api, pods: this.#pods, workers: this.#workers, simple: this.#simple })
    this.#inUse.onCpu((node) => this.#workers.cpu.changed(node))
    this.#updates = new PodUpdates({
      api,
      pods: this.#pods,
      admission: this.admission,
      workers: this.#workers,
      adopt: (pod) => this.#kills.adopt(pod),
    })
    api.watch({
      name: 'kubelets',
      latency: this.#options.watchLatency,
      podEvents: POD_CREATED | POD_UPDATED | POD_BOUND | POD_DELETING | POD_FINISHED | POD_DELETED,
      assigned: true,
      podEventsOnceFinished: POD_DELETING,
      ignores: () => this.#isEnding,
      onPod: (entry) => this.#onPod(entry),
    })
    this.#faults.start()
  }

  #newFaults(shared: SharedParts): KubeletFaults {
    return new KubeletFaults({
      ...shared,
      admission: this.admission,
      stop: this.#options.stop,
      simple: () => this.#simple,
      workers: () => this.#workers,
      on: (node) => this.#lists.on(node),
      does: {
        accept: (pod) => this.#accept(pod, this.#pods.node(pod)),
        launch: (pod) => this.#launch(pod),
        forget: (pod) => this.#forget(pod),
        deleting: (pod) => this.#onDeleting(pod),
        updated: (pod) => this.#updates.heard(pod),
      },
      left: (node) => this.#updates.left(node),
      rest: (pod) => this.#rest(pod),
      write: (body) => this.#write(body),
    })
  }

  /** Bytes in use by the pods of a node. */
  workingSet(node: NodeRow): number {
    return this.#nodes.memory(node)
  }

  /** Millicores that the running pods of a node asked for. */
  runningCpu(node: NodeRow): number {
    return this.#nodes.cpu(node)
  }

  /** Bytes in use by a pod. */
  memoryOf(pod: PodRow): number {
    return this.#pods.memory(pod)
  }

  /** Pods of a node whose containers run, in order of arrival. */
  runningOn(node: NodeRow): PodRow[] {
    return this.#lists.on(node).filter((pod) => this.#pods.state(pod) === RUNNING)
  }

  /** Registers who wants to know when the memory in use on a node changes. */
  onWorkingSet(listener: WorkingSetListener): void {
    this.#inUse.onMemory(listener)
  }

  /** Pods of a node that start or run, in order of arrival. */
  activeOn(node: NodeRow): PodRow[] {
    return this.#lists.on(node).filter((pod) => {
      return this.#pods.state(pod) === STARTING || this.#pods.state(pod) === RUNNING
    })
  }

  /** Whether a kubelet has the pod, in whatever state. */
  has(pod: PodRow): boolean {
    return this.#pods.state(pod) !== ABSENT
  }

  /** Pods of a node that use memory, those told to end included, in order of arrival. */
  usingMemoryOn(node: NodeRow): PodRow[] {
    return this.#lists.on(node).filter((pod) => this.#pods.memory(pod) > 0)
  }

  /** Registers who wants to know when a pod comes to use more memory than it asked for; there can be one. */
  onOverRequest(listener: (pod: PodRow, bytes: number) => void): void {
    this.#overRequest = listener
  }

  /** Registers who wants to know how much a pod with a worker uses of its node's disk; there can be one. */
  onDisk(listener: (pod: PodRow, bytes: number) => void): void {
    this.#usesDisk = listener
  }

  /** Registers who wants to know when a node uses much memory; before the others, and before anything is in use. */
  onMuchMemory(alarm: WorkingSetAlarm): void {
    this.#inUse.onMuchMemory(alarm)
  }

  /** Registers who wants to know of pods of StatefulSets that run twice. */
  onSplitBrain(listener: SplitBrainListener): void {
    this.#faults.splits.listen(listener)
  }

  /** How many pods run on a node that have left the API server. */
  ghostsOn(node: NodeRow): number {
    return this.#faults.ghosts.countOn(node)
  }

  /** Registers what pods wait for before they start; there can be one. */
  holdStarts(gate: StartGate): void {
    this.#gate = gate
  }

  /** Registers who wants to know of running time that was thrown away. */
  onLostWork(listener: LostWorkListener): void {
    this.#lostTime.listen(listener)
  }

  /**
   * Ends a pod that starts or runs for the node's sake: its containers get at most `grace`, then it is Failed, by default with
   * reason Evicted, and its memory is free. Returns when that is.
   */
  evict(pod: PodRow, grace: Micros, end: Partial<PodEnd> = {}): Micros {
    return this.#kills.evict(pod, grace, end)
  }

  /**
   * Kills what of a pod uses most memory, at once: the pod starts again after its back-off, or is Failed, by its restart
   * policy.
   */
  kill(pod: PodRow, end: PodEnd): void {
    this.#kills.kill(pod, end)
  }

  /** Those who look after the pods that have more to them than one container that starts and ends. */
  get workers(): PodWorkers {
    return this.#workers
  }

  /**
   * Kills a container of a running pod at once, with exit code 137 and a reason such as `OOMKilled`; what comes after that
   * its restart policy says. `container` is its place among the pod's init containers followed by its containers. Does
   * nothing when it does not run.
   */
  killContainer(pod: PodRow, container: number, reason: string): void {
    this.#kills.container(pod, container, reason)
  }

  #onPod(entry: RingEntry): void {
    const { pod } = entry
    switch (entry.podEvent) {
      case POD_CREATED:
      case POD_BOUND:
        if (entry.node !== NO_NODE && !this.#isOver(pod)) this.#arrive(pod, entry.node)
        break
      case POD_DELETING:
        this.#onDeleting(pod)
        break
      case POD_UPDATED:
        if (this.#faults.hears(pod)) this.#updates.heard(pod)
        break
      default:
        if (this.#pods.state(pod) === ABSENT) break
        // Somebody else ended it.
        this.#faults.taken(pod, entry.node)
    }
  }

  #arrive(pod: PodRow, node: NodeRow): void {
    this.#nodes.cover(node)
    this.#pods.enter(pod, node, this.#api.pods.table.template(pod))
    this.#lists.add(pod, node)
    if (this.#machines.reports(node)) this.#accept(pod, node)
    else this.#pods.setState(pod, LOST)
  }

  /** Starts the pod, or refuses it. */
  #accept(pod: PodRow, node: NodeRow): void {
    const refusal = this.admission.admit(pod, node)
    if (refusal === undefined) {
      this.#launch(pod)
      return
    }
    this.#forget(pod)
    this.#api.pods.finish(pod, { succeeded: false, reason: refusal })
  }

  #launch(pod: PodRow): void {
    this.#pods.setState(pod, STARTING)
    if (this.#gate?.holds(pod, this.#pods.node(pod)) !== true) this.begin(pod)
  }

  /** Starts a pod that was held; does nothing when it no longer waits to start. */
  begin(pod: PodRow): void {
    if (this.#pods.state(pod) !== STARTING) return
    if (!this.#workers.isSimple(this.#api.pods.table.template(pod))) {
      this.#pods.setWorked(pod)
      this.#workers.begin(pod, this.#pods.node(pod))
      return
    }
    this.#simple.launch(pod)
  }

  /**
   * Deletion was asked for: the containers have the grace period to end, if they have not ended on their own.
   */
  #onDeleting(pod: PodRow): void {
    const { pods } = this.#api
    const state = this.#pods.state(pod)
    if (pods.isRemoved(pod)) return
    if (pods.isFinished(pod)) letGo(pods, pod)
    else if (state === LOST || state === ENDED || !this.#faults.hears(pod)) return
    else if (state !== ABSENT && isStatic(this.#api, pod)) mirrorAgain(this.#api, pod)
    else if (state !== ABSENT) {
      const worker = this.#workers.workerOf(pod)
      const grace = pods.table.grace(pod)
      if (worker === undefined) this.#simple.stopWithin(pod, state === STARTING ? 0 : grace)
      else worker.terminate(grace, { kind: 'deleted' })
    }
  }

  /** Whether the pod has ended in the store, which the kubelet may not have heard yet. */
  #isOver(pod: PodRow): boolean {
    return this.#api.pods.isRemoved(pod) || this.#api.pods.isFinished(pod)
  }

  /** Begins with what lies far from the pod's row, its neighbours on the node: memory is slow, and works ahead. */
  #forget(pod: PodRow): void {
    this.#lists.remove(pod, this.#pods.node(pod))
    if (this.#pods.isWorked(pod)) this.#workers.drop(pod)
    this.admission.leave(pod)
    this.#updates.left(this.#pods.node(pod))
    cancelTimers(this.#sim, this.#pods, pod)
    this.#rest(pod)
    this.#pods.setState(pod, ABSENT)
    this.#simple.forget(pod)
    this.#faults.forget(pod)
  }

  /** The worker of a pod is through with it. */
  #over(pod: PodRow, cause: string | undefined): void {
    if (cause !== undefined) this.#lostTime.tell(pod, cause)
    this.#forget(pod)
  }

  /** Writes the end of a pod that nothing went wrong with, which the kubelet need not hear of. */
  #finish(pod: PodRow): void {
    this.#isEnding = true
    this.#api.pods.finish(pod, COMPLETED)
    this.#isEnding = false
  }

  /** Writes what the kubelet need not hear of. */
  #write(body: () => void): void {
    const isInside = this.#isEnding
    this.#isEnding = true
    body()
    this.#isEnding = isInside
  }

  /** What the pod used is free. */
  #rest(pod: PodRow): void {
    this.#pods.setStartedAt(pod, NO_TIME)
    const node = this.#pods.node(pod)
    this.#inUse.setCpu(pod, node, 0)
    this.#inUse.setMemory(pod, node, 0)
  }
}
