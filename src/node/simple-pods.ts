import { NEVER, SECOND, wholeSpan } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME, PHASE_PENDING } from '../cluster/pod-table.ts'
import type { PodOutcome } from '../cluster/pod-store.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
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
import { SlowPods } from './slow-pods.ts'
import type { SplitBrains } from './split-brain.ts'
import type { UsageModel } from './usage-model.ts'

/** How pods end that nothing goes wrong with. */
export const COMPLETED = { succeeded: true, reason: 'Completed' } as const

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
  readonly #slow = new SlowPods()
  readonly #splits: SplitBrains
  readonly #overRequest: (pod: PodRow, bytes: number) => void
  readonly #forget: (pod: PodRow) => void
  readonly #finish: (pod: PodRow) => void
  readonly #hold: (pod: PodRow, outcome: PodOutcome) => void
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
    /** The pod has ended so, on a node that cannot say it now. */
    readonly hold: (pod: PodRow, outcome: PodOutcome) => void
    readonly splits: SplitBrains
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
    this.#hold = parts.hold
    this.#splits = parts.splits
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
    if (!this.#machines.reports(this.#pods.node(pod))) {
      this.#hold(pod, { succeeded: false, ...end })
      return
    }
    this.#lostTime.tell(pod, end.reason)
    this.#forget(pod)
    this.#api.pods.finish(pod, { succeeded: false, ...end })
  }

  /** The kubelet has no more to do with the pod. */
  forget(pod: PodRow): void {
    if (this.#ends.size > 0) this.#ends.delete(pod)
    if (!this.#slow.isQuiet) this.#slow.forget(pod)
  }

  /** When the run of a pod ends, as far as its trace says so. */
  endsAt(pod: PodRow): Micros {
    return this.#slow.endOf(pod) ?? this.#pods.startedAt(pod) + this.#api.pods.table.duration(pod)
  }

  /** The CPU of a machine has another speed: what its pods have left to do takes longer, or shorter. */
  setSpeed(node: NodeRow, speed: number, on: readonly PodRow[]): void {
    const kept = this.#pods
    const { now } = this.#sim
    const speeds = { from: this.#slow.setSpeed(node, speed), to: speed }
    if (speeds.from === speeds.to) return
    for (const pod of on) {
      const timer = kept.timer(pod)
      if (kept.isWorked(pod) || kept.state(pod) !== RUNNING || timer === NO_TIMER) continue
      this.#sim.cancel(timer as Timer)
      const at = this.#slow.stretch(pod, this.endsAt(pod), now, speeds)
      kept.setTimer(pod, this.#sim.at(at, this.#endHandler, pod))
    }
  }

  /** Starts the container after its start-up time. */
  launch(pod: PodRow): void {
    const drawn = wholeSpan(this.#options.startup(this.#startups))
    const latency = this.#slow.isQuiet ? drawn : this.#slow.spanOn(this.#pods.node(pod), drawn)
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
    if (duration !== NEVER) {
      const span = this.#slow.isQuiet ? duration : this.#slow.begin(pod, node, duration, this.#sim.now)
      kept.setTimer(pod, this.#sim.after(span, this.#endHandler, pod))
    }
    this.#inUse.setMemory(pod, node, use.initial)
    if (!this.#splits.isQuiet) this.#splits.started(pod, node)
    if (!this.#machines.reports(node)) {
      // What runs is said when there is somebody to say it to.
    } else if (table.phase(pod) === PHASE_PENDING) pods.markRunning(pod, true)
    else pods.setReady(pod, true)
    if (use.initial > table.memory(pod)) this.#overRequest(pod, use.initial)
  }

  #end(pod: PodRow): void {
    this.#pods.setTimer(pod, NO_TIMER)
    if (!this.#isLive(pod)) return
    if (!this.#machines.reports(this.#pods.node(pod))) {
      this.#hold(pod, COMPLETED)
      return
    }
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
    this.#fail(pod, { succeeded: false, ...(this.#ends.get(pod) ?? { reason: EVICTED }) })
  }

  /** The pod has ended before its time: it is removed if that was asked for, else this is what became of it. */
  #fail(pod: PodRow, outcome: PodOutcome): void {
    const { pods } = this.#api
    if (!this.#machines.reports(this.#pods.node(pod))) {
      this.#hold(pod, outcome)
      return
    }
    const isDeleting = pods.table.deletingAt(pod) !== NO_TIME
    if (isDeleting) this.#lostTime.tellEnd(pod)
    else this.#lostTime.tell(pod, outcome.reason)
    this.#forget(pod)
    if (isDeleting) letGo(pods, pod)
    else pods.finish(pod, outcome)
  }

  /**
   * Whether a timer of the pod still means something: the pod is there, and so is its machine. What has become of the pod a
   * node that hears nothing does not know.
   */
  #isLive(pod: PodRow): boolean {
    const node = this.#pods.node(pod)
    if (!this.#machines.reports(node)) return this.#machines.isUp(node)
    return !this.#api.pods.isRemoved(pod) && !this.#api.pods.isFinished(pod)
  }
}
