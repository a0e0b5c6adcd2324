import { NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import { widened } from '../base/widen.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { RingEntry } from '../cluster/change-ring.ts'
import { POD_BOUND, POD_CREATED, POD_DELETED, POD_DELETING, POD_FINISHED } from '../cluster/pod-event.ts'
import { NO_TIME, PHASE_PENDING } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import type { Machines } from './machine.ts'
import type { NodeAdmission } from './node-admission.ts'
import { NodePods } from './node-pods.ts'
import type { UsageModel } from './usage-model.ts'

/** How kubelets behave. */
export interface KubeletOptions {
  /** Time from hearing of a pod until its containers run. */
  readonly startup: (stream: RandomStream) => Micros
  /** Time that containers take to end after they were told to; at most the grace period. */
  readonly stop: (stream: RandomStream) => Micros
  /** Time from a binding until the kubelet hears of it. */
  readonly watchLatency: Micros
}

/** Hears whenever the memory in use on a node changes. */
export type WorkingSetListener = (node: NodeRow) => void

/** Longest that a container without an end waits before its memory rises. */
const RISE_MAX: Micros = 3600 * SECOND

const ABSENT = 0
const STARTING = 1
const RUNNING = 2
const STOPPING = 3
/** The machine is down: nothing of the pod runs, and nobody has said so. */
const LOST = 4

/** No timer, in the timer columns. */
const NO_TIMER = -1

/**
 * The kubelets of all nodes: start the containers of pods bound to their node, end them when their time has come or
 * their deletion was asked for, and report it. A kubelet whose machine is down does and reports nothing.
 *
 *     bound ─▶ starting ─▶ running ─▶ finished        deletion: ─▶ stopping ─▶ removed
 *                 └───── machine down: lost ─▶ on return: failed, started again, or removed
 */
export class Kubelets {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #usage: UsageModel
  readonly #admission: NodeAdmission
  readonly #options: KubeletOptions
  readonly #startups: RandomStream
  readonly #stops: RandomStream
  readonly #pods = new NodePods()
  readonly #listeners: WorkingSetListener[] = []
  readonly #startHandler: Handler
  readonly #endHandler: Handler
  readonly #riseHandler: Handler
  readonly #stoppedHandler: Handler
  #state = new Uint8Array(1024)
  /** Bytes in use by each pod now. */
  #memory = new Float64Array(1024)
  #peak = new Float64Array(1024)
  /** The one timer that moves the pod on: start, end or stop. */
  #timer = new Float64Array(1024).fill(NO_TIMER)
  #riseTimer = new Float64Array(1024).fill(NO_TIMER)
  #workingSet = new Float64Array(256)

  constructor(
    sim: Simulation,
    api: ApiServer,
    parts: { machines: Machines; usage: UsageModel; admission: NodeAdmission },
    options: KubeletOptions,
  ) {
    this.#sim = sim
    this.#api = api
    this.#machines = parts.machines
    this.#usage = parts.usage
    this.#admission = parts.admission
    this.#options = options
    this.#startups = sim.random.stream('kubelet/startup')
    this.#stops = sim.random.stream('kubelet/stop')
    this.#startHandler = sim.handler('kubelet/start', (pod) => this.#start(pod as PodRow))
    this.#endHandler = sim.handler('kubelet/end', (pod) => this.#end(pod as PodRow))
    this.#riseHandler = sim.handler('kubelet/rise', (pod) => this.#rise(pod as PodRow))
    this.#stoppedHandler = sim.handler('kubelet/stopped', (pod) => this.#stopped(pod as PodRow))
    api.watch({
      name: 'kubelets',
      latency: options.watchLatency,
      podEvents: POD_CREATED | POD_BOUND | POD_DELETING | POD_FINISHED | POD_DELETED,
      onPod: (entry) => this.#onPod(entry),
    })
    parts.machines.watch('kubelets', ({ row, up }) => (up ? this.#machineUp(row) : this.#machineDown(row)))
  }

  /** Bytes in use by the pods of a node. */
  workingSet(node: NodeRow): number {
    return this.#workingSet[node] ?? 0
  }

  /** Bytes in use by a pod. */
  memoryOf(pod: PodRow): number {
    return this.#memory[pod] ?? 0
  }

  /** Pods of a node whose containers run, in order of arrival. */
  runningOn(node: NodeRow): PodRow[] {
    return this.#pods.on(node).filter((pod) => this.#state[pod] === RUNNING)
  }

  /** Registers who wants to know when the memory in use on a node changes. */
  onWorkingSet(listener: WorkingSetListener): void {
    this.#listeners.push(listener)
  }

  /**
   * Ends a running pod for the node's sake: its containers get at most `grace`, then it is Failed with reason Evicted
   * and its memory is free. Returns when that is.
   */
  evict(pod: PodRow, grace: Micros): Micros {
    const span = Math.min(grace, this.#options.stop(this.#stops))
    this.#cancelTimers(pod)
    this.#state[pod] = STOPPING
    this.#timer[pod] = this.#sim.after(span, this.#stoppedHandler, pod)
    return this.#sim.now + span
  }

  #onPod(entry: RingEntry): void {
    const { pod } = entry
    switch (entry.podEvent) {
      case POD_CREATED:
      case POD_BOUND:
        if (entry.node !== NO_NODE && !this.#api.pods.isRemoved(pod)) this.#arrive(pod, entry.node)
        break
      case POD_DELETING:
        if (!this.#api.pods.isRemoved(pod)) this.#stop(pod)
        break
      default:
        if (this.#stateOf(pod) !== ABSENT) this.#forget(pod)
    }
  }

  #arrive(pod: PodRow, node: NodeRow): void {
    while (pod >= this.#state.length) this.#grow()
    while (node >= this.#workingSet.length) {
      this.#workingSet = widened(this.#workingSet, this.#workingSet.length * 2)
    }
    if (!this.#machines.isUp(node)) {
      this.#pods.add(pod, node)
      this.#state[pod] = LOST
      return
    }
    const refusal = this.#admission.admit(pod, node)
    if (refusal !== undefined) {
      this.#api.pods.finish(pod, { succeeded: false, reason: refusal })
      return
    }
    this.#pods.add(pod, node)
    this.#launch(pod)
  }

  #launch(pod: PodRow): void {
    this.#state[pod] = STARTING
    const latency = this.#options.startup(this.#startups)
    if (latency === 0) this.#start(pod)
    else this.#timer[pod] = this.#sim.after(latency, this.#startHandler, pod)
  }

  #start(pod: PodRow): void {
    const { pods } = this.#api
    this.#timer[pod] = NO_TIMER
    this.#state[pod] = RUNNING
    const use = this.#usage.draw(pod)
    const duration = pods.table.duration[pod] ?? NEVER
    this.#peak[pod] = use.peak
    this.#setMemory(pod, use.riseAt === 0 ? use.peak : use.initial)
    if (use.riseAt > 0) {
      const span = Math.floor(Math.min(duration, RISE_MAX) * use.riseAt)
      this.#riseTimer[pod] = this.#sim.after(span, this.#riseHandler, pod)
    }
    if (duration !== NEVER) this.#timer[pod] = this.#sim.after(duration, this.#endHandler, pod)
    if (pods.table.phase[pod] === PHASE_PENDING) pods.markRunning(pod, true)
    else pods.setReady(pod, true)
  }

  #end(pod: PodRow): void {
    this.#forget(pod)
    this.#api.pods.finish(pod, { succeeded: true, reason: 'Completed' })
  }

  #rise(pod: PodRow): void {
    this.#riseTimer[pod] = NO_TIMER
    this.#setMemory(pod, this.#peak[pod] ?? 0)
  }

  /** Deletion was asked for: the containers have the grace period to end. */
  #stop(pod: PodRow): void {
    const state = this.#stateOf(pod)
    if (state === ABSENT || state === LOST) return
    const grace = this.#api.pods.table.grace[pod] ?? 0
    const span = state === STARTING ? 0 : Math.min(grace, this.#options.stop(this.#stops))
    this.#cancelTimers(pod)
    this.#state[pod] = STOPPING
    this.#timer[pod] = this.#sim.after(span, this.#stoppedHandler, pod)
  }

  #stopped(pod: PodRow): void {
    const { pods } = this.#api
    this.#forget(pod)
    if (pods.table.deletingAt[pod] === NO_TIME) pods.finish(pod, { succeeded: false, reason: 'Evicted' })
    else pods.remove(pod)
  }

  #machineDown(node: NodeRow): void {
    for (const pod of this.#pods.on(node)) {
      this.#cancelTimers(pod)
      this.#setMemory(pod, 0)
      this.#state[pod] = LOST
    }
  }

  /** The kubelet is back and finds that nothing runs. Source: kubelet v1.37, pods are synced from scratch after a boot. */
  #machineUp(node: NodeRow): void {
    const { pods } = this.#api
    for (const pod of this.#pods.on(node)) {
      if (pods.table.deletingAt[pod] !== NO_TIME) {
        this.#forget(pod)
        pods.remove(pod)
      } else if (pods.table.phase[pod] === PHASE_PENDING) {
        this.#launch(pod)
      } else if (pods.infoOf(pod).restartPolicy === 'Never') {
        this.#forget(pod)
        pods.finish(pod, { succeeded: false, reason: 'ContainerStatusUnknown' })
      } else {
        pods.setReady(pod, false)
        this.#launch(pod)
      }
    }
  }

  #stateOf(pod: PodRow): number {
    return this.#state[pod] ?? ABSENT
  }

  #forget(pod: PodRow): void {
    this.#cancelTimers(pod)
    this.#setMemory(pod, 0)
    this.#admission.leave(pod)
    this.#pods.remove(pod)
    this.#state[pod] = ABSENT
  }

  #setMemory(pod: PodRow, bytes: number): void {
    const before = this.#memory[pod] ?? 0
    if (before === bytes) return
    const node = this.#pods.nodeOf(pod)
    this.#memory[pod] = bytes
    this.#workingSet[node] = (this.#workingSet[node] ?? 0) + bytes - before
    for (const listener of this.#listeners) listener(node)
  }

  #cancelTimers(pod: PodRow): void {
    this.#timer[pod] = this.#cancelled(this.#timer[pod] ?? NO_TIMER)
    this.#riseTimer[pod] = this.#cancelled(this.#riseTimer[pod] ?? NO_TIMER)
  }

  #cancelled(timer: number): number {
    if (timer !== NO_TIMER) this.#sim.cancel(timer as Timer)
    return NO_TIMER
  }

  #grow(): void {
    const capacity = this.#state.length * 2
    this.#state = widened(this.#state, capacity)
    this.#memory = widened(this.#memory, capacity)
    this.#peak = widened(this.#peak, capacity)
    this.#timer = widened(this.#timer, capacity, NO_TIMER)
    this.#riseTimer = widened(this.#riseTimer, capacity, NO_TIMER)
  }
}
