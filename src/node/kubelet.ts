import { assert } from '../base/assert.ts'
import { NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { RingEntry } from '../cluster/change-ring.ts'
import { POD_BOUND, POD_CREATED, POD_DELETED, POD_DELETING, POD_FINISHED } from '../cluster/pod-event.ts'
import { NO_TIME, PHASE_PENDING } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import { KubeletNodes } from './kubelet-nodes.ts'
import { ABSENT, KubeletPods, LOST, NO_TIMER, RUNNING, STARTING, STOPPING } from './kubelet-pods.ts'
import { DEFAULT_KUBELET_OPTIONS, wholeSpan } from './kubelet-options.ts'
import type { KubeletOptions } from './kubelet-options.ts'
import type { Machines } from './machine.ts'
import { NodeAdmission } from './node-admission.ts'
import { NodePods } from './node-pods.ts'
import { NodeUsage } from './node-usage.ts'
import type { WorkingSetAlarm, WorkingSetListener } from './node-usage.ts'
import { EVICTED } from './pod-end.ts'
import type { LostWorkListener, PodEnd } from './pod-end.ts'
import { RestartWaits } from './restart-waits.ts'
import type { UsageModel } from './usage-model.ts'

/** Longest that a container without an end waits before its memory rises. */
const RISE_MAX: Micros = 3600 * SECOND

/** How pods end that nothing goes wrong with. */
const COMPLETED = { succeeded: true, reason: 'Completed' } as const

/**
 * The kubelets of all nodes: start the containers of pods bound to their node, end them when their time has
 * come or their deletion was asked for, and report it. A kubelet whose machine is down does and reports
 * nothing.
 *
 *     bound ─▶ starting ─▶ running ─▶ finished        deletion: ─▶ stopping ─▶ removed
 *                 └───── machine down: lost ─▶ on return: failed, started again, or removed
 */
export class Kubelets {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #usage: UsageModel
  readonly #options: KubeletOptions
  readonly #startups: RandomStream
  readonly #stops: RandomStream
  readonly #pods = new KubeletPods()
  readonly #nodes = new KubeletNodes()
  readonly #lists = new NodePods(this.#pods, this.#nodes)
  readonly #inUse = new NodeUsage(this.#pods, this.#nodes)
  /** Whom the kubelets take. */
  readonly admission: NodeAdmission
  readonly #lostWorkListeners: LostWorkListener[] = []
  /** How pods will have ended that are told to for the node's sake. */
  readonly #ends = new Map<PodRow, PodEnd>()
  readonly #restartWaits = new RestartWaits()
  #overRequest: ((pod: PodRow, bytes: number) => void) | undefined
  readonly #startHandler: Handler
  readonly #endHandler: Handler
  readonly #riseHandler: Handler
  readonly #stoppedHandler: Handler

  /** Whether the kubelet itself writes the end of a pod now, which it need not hear of. */
  #isEnding = false

  constructor(
    sim: Simulation,
    api: ApiServer,
    parts: { readonly machines: Machines; readonly usage: UsageModel },
    options: Partial<KubeletOptions> = {},
  ) {
    this.#sim = sim
    this.#api = api
    this.#machines = parts.machines
    this.#usage = parts.usage
    this.admission = new NodeAdmission(api, this.#pods, this.#nodes)
    this.#options = { ...DEFAULT_KUBELET_OPTIONS, ...options }
    this.#startups = sim.random.stream('kubelet/startup')
    this.#stops = sim.random.stream('kubelet/stop')
    this.#startHandler = sim.handler('kubelet/start', (pod) => this.#start(pod as PodRow))
    this.#endHandler = sim.handler('kubelet/end', (pod) => this.#end(pod as PodRow))
    this.#riseHandler = sim.handler('kubelet/rise', (pod) => this.#rise(pod as PodRow))
    this.#stoppedHandler = sim.handler('kubelet/stopped', (pod) => this.#stopped(pod as PodRow))
    api.watch({
      name: 'kubelets',
      latency: this.#options.watchLatency,
      podEvents: POD_CREATED | POD_BOUND | POD_DELETING | POD_FINISHED | POD_DELETED,
      assigned: true,
      podEventsOnceFinished: POD_DELETING,
      ignores: () => this.#isEnding,
      onPod: (entry) => this.#onPod(entry),
    })
    parts.machines.watch('kubelets', ({ row, up }) => (up ? this.#machineUp(row) : this.#machineDown(row)))
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

  /** Pods of a node that use memory, those told to end included, in order of arrival. */
  usingMemoryOn(node: NodeRow): PodRow[] {
    return this.#lists.on(node).filter((pod) => this.#pods.memory(pod) > 0)
  }

  /** Registers who wants to know when a pod comes to use more memory than it asked for; there can be one. */
  onOverRequest(listener: (pod: PodRow, bytes: number) => void): void {
    this.#overRequest = listener
  }

  /** Registers who wants to know when a node uses much memory; before the others, and before anything is in use. */
  onMuchMemory(alarm: WorkingSetAlarm): void {
    this.#inUse.onMuchMemory(alarm)
  }

  /** Registers who wants to know of running time that was thrown away. */
  onLostWork(listener: LostWorkListener): void {
    this.#lostWorkListeners.push(listener)
  }

  /**
   * Ends a pod that starts or runs for the node's sake: its containers get at most `grace`, then it is Failed, by default with
   * reason Evicted, and its memory is free. Returns when that is.
   */
  evict(pod: PodRow, grace: Micros, end: Partial<PodEnd> = {}): Micros {
    const state = this.#pods.state(pod)
    assert(state === RUNNING || state === STARTING, () => `pod row ${pod} is evicted and does not run`)
    this.#ends.set(pod, { reason: EVICTED, ...end })
    return this.#stopWithin(pod, state === STARTING ? 0 : grace)
  }

  /** Kills the containers of a pod at once: it starts again after its back-off, or is Failed, by its restart policy. */
  kill(pod: PodRow, end: PodEnd): void {
    const { pods } = this.#api
    this.#cancelTimers(pod)
    if (this.#pods.state(pod) === STOPPING) {
      this.#stopped(pod)
      return
    }
    this.#loseWork(pod, end.reason)
    if (pods.infoOf(pod).restartPolicy === 'Never') {
      this.#forget(pod)
      pods.finish(pod, { succeeded: false, ...end })
      return
    }
    this.#rest(pod)
    pods.setReady(pod, false)
    this.#launch(pod, this.#restartWaits.next(pod, pods.table.serial(pod), this.#sim.now))
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
      default:
        if (this.#pods.state(pod) === ABSENT) break
        // Somebody else ended it.
        this.#loseWork(pod, this.#reasonOf(pod))
        this.#forget(pod)
    }
  }

  #arrive(pod: PodRow, node: NodeRow): void {
    this.#nodes.cover(node)
    this.#pods.enter(pod, node)
    this.#lists.add(pod, node)
    if (this.#machines.isUp(node)) this.#accept(pod, node)
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

  #launch(pod: PodRow, wait = 0): void {
    this.#pods.setState(pod, STARTING)
    const latency = wait + wholeSpan(this.#options.startup(this.#startups))
    if (latency === 0) this.#start(pod)
    else this.#pods.setTimer(pod, this.#sim.after(latency, this.#startHandler, pod))
  }

  #start(pod: PodRow): void {
    const kept = this.#pods
    kept.setTimer(pod, NO_TIMER)
    if (!this.#isLive(pod)) return
    const { pods } = this.#api
    const { table } = pods
    const node = kept.node(pod)
    kept.setState(pod, RUNNING)
    kept.setStartedAt(pod, this.#sim.now)
    this.#inUse.setCpu(pod, node, table.cpu(pod))
    const use = this.#usage.draw(pod)
    const duration = table.duration(pod)
    if (use.riseAt > 0) {
      kept.setPeak(pod, use.peak)
      const span = Math.floor(Math.min(duration, RISE_MAX) * use.riseAt)
      kept.setRiseTimer(pod, this.#sim.after(span, this.#riseHandler, pod))
    }
    if (duration !== NEVER) kept.setTimer(pod, this.#sim.after(duration, this.#endHandler, pod))
    this.#inUse.setMemory(pod, node, use.initial)
    if (table.phase(pod) === PHASE_PENDING) pods.markRunning(pod, true)
    else pods.setReady(pod, true)
    if (use.initial > table.memory(pod)) this.#overRequest?.(pod, use.initial)
  }

  #end(pod: PodRow): void {
    this.#pods.setTimer(pod, NO_TIMER)
    if (!this.#isLive(pod)) return
    if (this.#api.pods.table.deletingAt(pod) !== NO_TIME) {
      // Its deletion is on the way: it ends like one that was told to.
      this.#stopped(pod)
      return
    }
    this.#forget(pod)
    this.#isEnding = true
    this.#api.pods.finish(pod, COMPLETED)
    this.#isEnding = false
  }

  #rise(pod: PodRow): void {
    this.#pods.setRiseTimer(pod, NO_TIMER)
    if (!this.#isLive(pod)) return
    const peak = this.#pods.peak(pod)
    this.#inUse.setMemory(pod, this.#pods.node(pod), peak)
    if (peak > this.#api.pods.table.memory(pod)) this.#overRequest?.(pod, peak)
  }

  /**
   * Deletion was asked for: the containers have the grace period to end, if they have not ended on their own.
   */
  #onDeleting(pod: PodRow): void {
    const { pods } = this.#api
    const state = this.#pods.state(pod)
    if (pods.isRemoved(pod) || state === LOST) return
    if (pods.isFinished(pod)) pods.remove(pod)
    else if (state !== ABSENT) this.#stopWithin(pod, state === STARTING ? 0 : this.#api.pods.table.grace(pod))
  }

  /**
   * Tells the containers to end, within `grace`; returns when they will have. A second call may only hasten
   * it.
   */
  #stopWithin(pod: PodRow, grace: Micros): Micros {
    const kept = this.#pods
    const wasStopping = kept.state(pod) === STOPPING
    const span = wasStopping ? grace : Math.min(grace, wholeSpan(this.#options.stop(this.#stops)))
    const asked = this.#sim.now + span
    const at = wasStopping ? Math.min(kept.stopsAt(pod), asked) : asked
    if (wasStopping && at === kept.stopsAt(pod)) return at
    this.#cancelTimers(pod)
    kept.setState(pod, STOPPING)
    kept.setStopsAt(pod, at)
    kept.setTimer(pod, this.#sim.at(at, this.#stoppedHandler, pod))
    return at
  }

  #stopped(pod: PodRow): void {
    this.#pods.setTimer(pod, NO_TIMER)
    if (!this.#isLive(pod)) return
    const { pods } = this.#api
    const isDeleting = pods.table.deletingAt(pod) !== NO_TIME
    const end = this.#ends.get(pod) ?? { reason: EVICTED }
    this.#loseWork(pod, isDeleting ? this.#reasonOf(pod) : end.reason)
    this.#forget(pod)
    if (isDeleting) pods.remove(pod)
    else pods.finish(pod, { succeeded: false, ...end })
  }

  #machineDown(node: NodeRow): void {
    for (const pod of this.#lists.on(node)) {
      if (this.#pods.state(pod) === LOST) continue
      this.#loseWork(pod, 'MachineDown')
      this.#cancelTimers(pod)
      this.#rest(pod)
      this.#pods.setState(pod, LOST)
    }
  }

  /**
   * The kubelet is back and finds that nothing runs. Source: kubelet v1.37: pods are synced from scratch
   * after a boot.
   */
  #machineUp(node: NodeRow): void {
    if (!this.#machines.isUp(node)) return // It went down again in this instant.
    const { pods } = this.#api
    for (const pod of this.#lists.on(node)) {
      if (this.#pods.state(pod) !== LOST || this.#isOver(pod)) continue
      if (pods.table.deletingAt(pod) !== NO_TIME) {
        this.#forget(pod)
        pods.remove(pod)
      } else if (pods.table.phase(pod) === PHASE_PENDING) {
        this.#accept(pod, node)
      } else if (pods.infoOf(pod).restartPolicy === 'Never') {
        this.#forget(pod)
        pods.finish(pod, { succeeded: false, reason: 'ContainerStatusUnknown' })
      } else {
        pods.setReady(pod, false)
        this.#launch(pod)
      }
    }
  }

  /** Whether the pod has ended in the store, which the kubelet may not have heard yet. */
  #isOver(pod: PodRow): boolean {
    return this.#api.pods.isRemoved(pod) || this.#api.pods.isFinished(pod)
  }

  /** Whether a timer of the pod still means something: the pod is there, and so is its machine. */
  #isLive(pod: PodRow): boolean {
    return this.#machines.isUp(this.#pods.node(pod)) && !this.#isOver(pod)
  }

  #reasonOf(pod: PodRow): string {
    return this.#api.pods.table.reason(pod) || 'Deleted'
  }

  /** Begins with what lies far from the pod's row, its neighbours on the node: memory is slow, and works ahead. */
  #forget(pod: PodRow): void {
    this.#lists.remove(pod, this.#pods.node(pod))
    this.admission.leave(pod)
    this.#cancelTimers(pod)
    this.#rest(pod)
    this.#pods.setState(pod, ABSENT)
    if (this.#ends.size > 0) this.#ends.delete(pod)
  }

  /** Tells of the time that the containers ran for nothing; called before they are forgotten. */
  #loseWork(pod: PodRow, cause: string): void {
    const { table } = this.#api.pods
    const startedAt = this.#pods.startedAt(pod)
    if (startedAt === NO_TIME || table.duration(pod) === NEVER) return
    const lost = { pod, span: this.#sim.now - startedAt, cores: table.cpu(pod) / 1000, cause }
    for (const listener of this.#lostWorkListeners) listener(lost)
  }

  /** What the pod used is free. */
  #rest(pod: PodRow): void {
    this.#pods.setStartedAt(pod, NO_TIME)
    const node = this.#pods.node(pod)
    this.#inUse.setCpu(pod, node, 0)
    this.#inUse.setMemory(pod, node, 0)
  }

  #cancelTimers(pod: PodRow): void {
    const timer = this.#pods.timer(pod)
    if (timer !== NO_TIMER) {
      this.#sim.cancel(timer as Timer)
      this.#pods.setTimer(pod, NO_TIMER)
    }
    const riseTimer = this.#pods.riseTimer(pod)
    if (riseTimer !== NO_TIMER) {
      this.#sim.cancel(riseTimer as Timer)
      this.#pods.setRiseTimer(pod, NO_TIMER)
    }
  }
}
