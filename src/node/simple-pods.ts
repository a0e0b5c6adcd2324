import { NEVER, SECOND, wholeSpan } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME, PHASE_PENDING } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import { EVICTED } from '../cluster/pod-reason.ts'
import type { KubeletOptions } from './kubelet-options.ts'
import { NO_TIMER, RUNNING, STOPPING } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import { letGo } from './let-go.ts'
import type { LostTime } from './lost-time.ts'
import type { Machines } from './machine.ts'
import type { NodeUsage } from './node-usage.ts'
import type { PodEnd } from './pod-end.ts'
import { cancelTimers } from './pod-timers.ts'
import type { UsageModel } from './usage-model.ts'

/** Longest that a container without an end waits before its memory rises. */
const RISE_MAX: Micros = 3600 * SECOND

/** The pods of one container that only starts and ends: the way of a trace's pods, and the fast one. */
export class SimplePods {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #usage: UsageModel
  readonly #options: KubeletOptions
  readonly #pods: KubeletPods
  readonly #inUse: NodeUsage
  readonly #lostTime: LostTime
  /** How pods will have ended that are told to for the node's sake. */
  readonly #ends = new Map<PodRow, PodEnd>()
  readonly #overRequest: (pod: PodRow, bytes: number) => void
  readonly #forget: (pod: PodRow) => void
  readonly #finish: (pod: PodRow) => void
  readonly #startups: RandomStream
  readonly #stops: RandomStream
  readonly #startHandler: Handler
  readonly #endHandler: Handler
  readonly #riseHandler: Handler
  readonly #stoppedHandler: Handler

  constructor(parts: {
    readonly sim: Simulation
    readonly api: ApiServer
    readonly machines: Machines
    readonly usage: UsageModel
    readonly options: KubeletOptions
    readonly pods: KubeletPods
    readonly inUse: NodeUsage
    readonly lostTime: LostTime
    /** Told when a pod comes to use more memory than it asked for. */
    readonly overRequest: (pod: PodRow, bytes: number) => void
    /** The kubelet has no more to do with the pod. */
    readonly forget: (pod: PodRow) => void
    /** Writes that the pod succeeded. */
    readonly finish: (pod: PodRow) => void
  }) {
    const { sim } = parts
    this.#sim = sim
    this.#api = parts.api
    this.#machines = parts.machines
    this.#usage = parts.usage
    this.#options = parts.options
    this.#pods = parts.pods
    this.#inUse = parts.inUse
    this.#lostTime = parts.lostTime
    this.#overRequest = parts.overRequest
    this.#forget = parts.forget
    this.#finish = parts.finish
    this.#startups = sim.random.stream('kubelet/startup')
    this.#stops = sim.random.stream('kubelet/stop')
    this.#startHandler = sim.handler('kubelet/start', (pod) => this.#start(pod as PodRow))
    this.#endHandler = sim.handler('kubelet/end', (pod) => this.#end(pod as PodRow))
    this.#riseHandler = sim.handler('kubelet/rise', (pod) => this.#rise(pod as PodRow))
    this.#stoppedHandler = sim.handler('kubelet/stopped', (pod) => this.stopped(pod as PodRow))
  }

  /** Tells a pod to end for the node's sake, within `grace`; returns when its container will have. */
  evict(pod: PodRow, grace: Micros, end: PodEnd): Micros {
    this.#ends.set(pod, end)
    return this.stopWithin(pod, grace)
  }

  /** Kills the container of a pod that does not start again. */
  kill(pod: PodRow, end: PodEnd): void {
    cancelTimers(this.#sim, this.#pods, pod)
    if (this.#pods.state(pod) === STOPPING) {
      this.stopped(pod)
      return
    }
    this.#lostTime.tell(pod, end.reason)
    this.#forget(pod)
    this.#api.pods.finish(pod, { succeeded: false, ...end })
  }

  /** The kubelet has no more to do with the pod. */
  forget(pod: PodRow): void {
    if (this.#ends.size > 0) this.#ends.delete(pod)
  }

  /** Starts the container after its start-up time. */
  launch(pod: PodRow): void {
    const latency = wholeSpan(this.#options.startup(this.#startups))
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
    if (use.initial > table.memory(pod)) this.#overRequest(pod, use.initial)
  }

  #end(pod: PodRow): void {
    this.#pods.setTimer(pod, NO_TIMER)
    if (!this.#isLive(pod)) return
    if (this.#api.pods.table.deletingAt(pod) !== NO_TIME) {
      // Its deletion is on the way: it ends like one that was told to.
      this.stopped(pod)
      return
    }
    this.#forget(pod)
    this.#finish(pod)
  }

  #rise(pod: PodRow): void {
    this.#pods.setRiseTimer(pod, NO_TIMER)
    if (!this.#isLive(pod)) return
    const peak = this.#pods.peak(pod)
    this.#inUse.setMemory(pod, this.#pods.node(pod), peak)
    if (peak > this.#api.pods.table.memory(pod)) this.#overRequest(pod, peak)
  }

  /**
   * Tells the containers to end, within `grace`; returns when they will have. A second call may only hasten
   * it.
   */
  stopWithin(pod: PodRow, grace: Micros): Micros {
    const kept = this.#pods
    const wasStopping = kept.state(pod) === STOPPING
    const span = wasStopping ? grace : Math.min(grace, wholeSpan(this.#options.stop(this.#stops)))
    const asked = this.#sim.now + span
    const at = wasStopping ? Math.min(kept.stopsAt(pod), asked) : asked
    if (wasStopping && at === kept.stopsAt(pod)) return at
    cancelTimers(this.#sim, this.#pods, pod)
    kept.setState(pod, STOPPING)
    kept.setStopsAt(pod, at)
    kept.setTimer(pod, this.#sim.at(at, this.#stoppedHandler, pod))
    return at
  }

  /** The containers of a pod that was told to end have: it is removed, or has failed. */
  stopped(pod: PodRow): void {
    this.#pods.setTimer(pod, NO_TIMER)
    if (!this.#isLive(pod)) return
    const { pods } = this.#api
    const isDeleting = pods.table.deletingAt(pod) !== NO_TIME
    const end = this.#ends.get(pod) ?? { reason: EVICTED }
    if (isDeleting) this.#lostTime.tellEnd(pod)
    else this.#lostTime.tell(pod, end.reason)
    this.#forget(pod)
    if (isDeleting) letGo(pods, pod)
    else pods.finish(pod, { succeeded: false, ...end })
  }

  /** Whether a timer of the pod still means something: the pod is there, and so is its machine. */
  #isLive(pod: PodRow): boolean {
    return (
      this.#machines.isUp(this.#pods.node(pod)) &&
      !this.#api.pods.isRemoved(pod) &&
      !this.#api.pods.isFinished(pod)
    )
  }
}
