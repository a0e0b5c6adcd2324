import { OOM_KILLED } from '../../cluster/pod-reason.ts'
import type { Micros } from '../../base/time.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import { ContainerKills } from './container-kills.ts'
import { exitCodeOf } from './container-run.ts'
import { ContainerRunner } from './container-runner.ts'
import { newContainers, resetAfterBoot, resetAfterKubelet } from './container-records.ts'
import type { ContainerRecord } from './container.ts'
import { ContainerStarts } from './container-starts.ts'
import { nextContainers } from './next-containers.ts'
import { PodClock } from './pod-clock.ts'
import { DEADLINE_EXCEEDED, endPod } from './pod-end.ts'
import type { EndCause } from './pod-end.ts'
import { endOfRuns, useOf, willEnd } from './pod-outlook.ts'
import { restartsForResize } from './pod-plan.ts'
import type { PodPlan } from './pod-plan.ts'
import { PodStatusWriter } from './pod-status-writer.ts'
import { PROBE_KINDS } from './probe.ts'
import { EXIT_SIGKILL } from './termination.ts'
import type { WorkerHost } from './worker-host.ts'

/** `status.reason` of a pod that its machine's end ended. */
const UNKNOWN = 'ContainerStatusUnknown'

/**
 * Looks after one pod on its node: makes its sandbox, starts its containers in order, starts them again as the policies say,
 * has them probed, and ends them.
 *
 *     sandbox ─▶ living ─▶ ending ─▶ over        machine down: lost ─▶ sandbox        nobody to tell: ended ─▶ over
 *
 * What it would learn a relist of the runtime later (1 s) it learns at once, and back-offs end without jitter: so it departs
 * from Kubernetes. Source: kubelet v1.37, pod_workers.go, kuberuntime_manager.go `SyncPod`.
 */
export class PodWorker {
  readonly pod: PodRow
  readonly node: NodeRow
  readonly #host: WorkerHost
  readonly #writer: PodStatusWriter
  readonly #runner: ContainerRunner
  readonly #starts: ContainerStarts
  readonly #kills: ContainerKills
  readonly #clock: PodClock
  #plan: PodPlan
  #containers: readonly ContainerRecord[]
  #stage: 'sandbox' | 'living' | 'ending' | 'ended' | 'lost' | 'over' = 'sandbox'
  #cause: EndCause = { kind: 'completed' }
  /** When the last container ends that is told to. */
  #endsAt: Micros = 0
  /** Whether all containers end to start again. */
  #isRestartingAll = false
  /** Whether its kubelet does nothing: what runs and ends does so on its own. */
  #isIdle = false

  constructor(host: WorkerHost, plan: PodPlan, pod: PodRow, node: NodeRow) {
    this.#host = host
    this.#plan = plan
    this.pod = pod
    this.node = node
    this.#writer = new PodStatusWriter(host.api, pod)
    this.#clock = new PodClock(host, pod, node)
    this.#runner = new ContainerRunner(host, pod, node, {
      unhealthy: (container, grace) => this.#unhealthy(container, grace),
      changed: () => this.sync(),
      outOfMemory: (container) => this.killNow(container, OOM_KILLED),
      memoryChanged: () => this.#tellUse(),
    })
    this.#containers = newContainers(host, node, plan)
    this.#kills = new ContainerKills(host, this.#runner)
    this.#starts = new ContainerStarts(host, this.#runner, this, () => this.sync())
  }

  get plan(): PodPlan {
    return this.#plan
  }

  /** Init containers, then the others. */
  get containers(): readonly ContainerRecord[] {
    return this.#containers
  }

  /** Whether it ends on its own some day: it does not start again, and its containers end, and not always in failure. */
  get willEnd(): boolean {
    if (this.#stage === 'ending' || this.#stage === 'ended') return true
    return this.#stage !== 'lost' && willEnd(this.#containers, this.#plan)
  }

  /** When the containers that run now will all have ended, if nobody looks after them any more; NEVER. */
  get endsAt(): Micros {
    if (this.#stage === 'ending') return this.#endsAt
    return endOfRuns(this.#containers, this.#plan, this.#host.sim.now)
  }

  /** The kubelet has taken the pod: it begins. */
  begin(): void {
    const { activeDeadline } = this.#plan
    if (activeDeadline !== undefined) this.#clock.setDeadline(activeDeadline)
    this.#begin()
  }

  /** Takes over a pod that ran without a worker: its one container has run since `startedAt`. */
  adopt(run: { readonly startedAt: Micros; readonly endsAt: Micros; readonly memory: number }): void {
    const [container] = this.#containers
    if (container === undefined) return
    this.#stage = 'living'
    this.#runner.adopt(container, { ...run, workLeft: run.endsAt - this.#host.sim.now })
    this.#publish()
  }

  sandboxReady(): void {
    this.#clock.sandboxReady()
    if (this.#stage !== 'sandbox') return
    this.#stage = 'living'
    const isFirst = this.#containers.every(({ runs }) => runs === 0)
    for (const observer of this.#host.observers) observer.sandboxReady?.(this.pod, isFirst)
    this.sync()
  }

  /** The back-off of a container is over. */
  backOffOver(): void {
    this.#starts.timerRan()
    this.sync()
  }

  /** Does what is to be done now, and writes what has become of it. */
  sync(): void {
    if (this.#isIdle) return
    if (this.#stage === 'living' && !this.#isRestartingAll) {
      const actions = nextContainers(this.#containers, this.#plan.restartPolicy)
      if (actions.restartsAll) this.#restartAll()
      else if (actions.isOver) {
        this.terminate(this.#plan.grace, { kind: 'completed' })
        return
      } else this.#starts.startAll(actions.start)
    }
    this.say()
  }

  /** The container's creation is through. */
  started(index: number): void {
    const container = this.#at(index)
    container.timer = undefined
    if (this.#stage === 'living') this.#starts.created(container)
  }

  hookDone(index: number): void {
    const container = this.#at(index)
    container.timer = undefined
    this.#starts.hookDone(container)
  }

  /** The image of a container that waits for it is there, or why it is not. */
  imageArrived(index: number, failure: Parameters<ContainerStarts['imageArrived']>[1]): void {
    if (this.#stage === 'living') this.#starts.imageArrived(this.#at(index), failure)
  }

  /** The container has done its work. */
  workDone(index: number): void {
    const container = this.#at(index)
    container.endTimer = undefined
    if (container.state !== 'running') return
    const exitCode = exitCodeOf(container)
    this.#ended(container, { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', isByProbe: false })
  }

  /** The signal that the container was sent has ended it. */
  killed(index: number): void {
    const container = this.#at(index)
    const { kill } = container
    container.killTimer = undefined
    if (kill === undefined || container.state !== 'running') return
    const { exitCode, isByProbe } = kill
    this.#ended(container, { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', isByProbe })
  }

  /** A process outside kills the container at once: exit code 137. Does nothing when it does not run. */
  killNow(container: ContainerRecord, reason: string): void {
    if (container.state !== 'running') return
    this.#ended(container, { exitCode: EXIT_SIGKILL, reason, isByProbe: false })
  }

  probed(place: number): void {
    this.#runner.probed(this.#at(Math.floor(place / PROBE_KINDS.length)), place % PROBE_KINDS.length)
  }

  usageStep(index: number): void {
    this.#runner.usageStep(this.#at(index))
  }

  /** Its `activeDeadlineSeconds` are over. Source: kubelet v1.37, active_deadline.go. */
  deadlineOver(): void {
    this.#clock.deadlineOver()
    this.terminate(this.#plan.grace, { kind: 'failed', end: DEADLINE_EXCEEDED })
  }

  /**
   * Ends the pod within its grace period; returns when its containers will have ended. A second call may only hasten it.
   */
  terminate(grace: Micros, cause: EndCause): Micros {
    const { now } = this.#host.sim
    if (this.#stage === 'over' || this.#stage === 'ended') return now
    if (cause.kind === 'deleted' || this.#stage !== 'ending') this.#cause = cause
    if (this.#stage === 'ending') {
      this.#endsAt = this.#kills.hasten(this.#containers, grace)
      return this.#endsAt
    }
    this.#stage = 'ending'
    this.#isRestartingAll = false
    this.#host.stopping(this.pod)
    this.#starts.stop()
    this.#clock.stop()
    this.#endsAt = this.#kills.all(this.#containers, grace)
    if (this.#isQuiet()) this.#finish()
    else this.#publish()
    return this.#endsAt
  }

  /** The machine is down: nothing of the pod runs, and nobody can say so. */
  machineDown(): void {
    this.#stopAll()
    this.#stage = 'lost'
    this.#isIdle = false
  }

  /** The kubelet does nothing any more: what it had begun to start does not, and nobody probes what runs. */
  kubeletGone(): void {
    if (this.#stage === 'lost' || this.#stage === 'over') return
    this.#isIdle = true
    this.#starts.stop()
    this.#clock.stop()
    for (const container of this.#containers) this.#runner.stopProbes(container)
  }

  /** The kubelet has started again and finds what runs; `mayStart`: what does not run may start. */
  kubeletBack(mayStart: boolean): void {
    this.#isIdle = false
    if (this.#stage === 'lost' || this.#stage === 'over' || this.#stage === 'ended') return
    const isReady = this.#host.api.pods.table.isReady(this.pod)
    resetAfterKubelet(this.#host, this.node, this.#runner, { containers: this.#containers, isReady })
    if (this.#stage === 'ending') {
      if (this.#isQuiet()) this.#finish()
      return
    }
    if (!mayStart) return
    this.#clock.awaitDeadline()
    if (this.#stage === 'sandbox') this.#makeSandbox()
    else if (this.#isRestartingAll && this.#isQuiet()) this.#beginAnew()
    else this.sync()
  }

  /** Reports what the pod is like now, if there is something to say. */
  say(): void {
    if (this.#stage !== 'over' && this.#stage !== 'lost') this.#publish()
  }

  /** Reports the end of the pod, which was at `endedAt`. */
  sayEnd(endedAt: Micros): void {
    this.#stage = 'over'
    const [plan, containers, cause] = [this.#plan, this.#containers, this.#cause]
    endPod(this.#host, this.#writer, { pod: this.pod, plan, containers, cause, endedAt })
  }

  /** Its machine is faster or slower than it was. */
  strained(): void {
    for (const container of this.#containers) this.#runner.strained(container, !this.#isIdle)
  }

  /** The machine is up again: what ran is found to have ended, and the pod begins anew, or has failed. */
  machineUp(): void {
    resetAfterBoot(this.#host, this.node, this.#runner, this.#containers)
    const isNever = this.#plan.restartPolicy === 'Never'
    if (isNever && this.#containers.some(({ runs }) => runs > 0)) {
      this.#stage = 'ending'
      this.#cause = { kind: 'failed', end: { reason: UNKNOWN } }
      this.#finish()
      return
    }
    for (const container of this.#containers) {
      if (container.plan.kind === 'regular' && container.exit?.exitCode !== 0) container.isBegun = false
    }
    this.#stage = 'sandbox'
    this.#begin()
  }

  /** The pod has gone from the API without a word: nothing of it is left. */
  drop(): void {
    this.#stopAll()
    this.#stage = 'over'
  }

  /** Another plan: what its containers ask for has changed. Those that have to start again for it do. */
  replan(plan: PodPlan): void {
    const before = this.#plan
    this.#plan = plan
    for (const container of this.#containers) {
      const { index } = container.plan
      const restarts = restartsForResize(before.containers[index], plan.containers[index])
      container.plan = plan.containers[index] ?? container.plan
      if (restarts && this.#stage === 'living') this.#kills.one(container, plan.grace)
      else this.#runner.replanned(container)
    }
    this.#tellUse()
    this.sync()
  }

  /** Why a resize of the pod waits, for others to hear of by a condition; undefined when none does. */
  setResize(pending: Parameters<PodStatusWriter['setResize']>[0]): void {
    this.#writer.setResize(pending)
    this.#publish()
  }

  #begin(): void {
    this.#clock.awaitDeadline()
    this.#publish()
    this.#makeSandbox()
  }

  #makeSandbox(): void {
    if (this.#clock.makeSandbox(this.#plan.runtimeHandler)) this.sandboxReady()
  }

  #at(index: number): ContainerRecord {
    return this.#containers[index] as ContainerRecord
  }

  #ended(container: ContainerRecord, exit: Parameters<ContainerRunner['end']>[1]): void {
    this.#runner.end(container, exit)
    this.#starts.ended(container)
    this.#tellUse()
    if (this.#stage === 'ending') {
      if (this.#isQuiet()) this.#finish()
      else this.#publish()
      return
    }
    if (this.#isRestartingAll && !this.#isIdle && this.#isQuiet()) this.#beginAnew()
    this.sync()
  }

  #unhealthy(container: ContainerRecord, grace: Micros | undefined): void {
    if (this.#kills.one(container, grace ?? this.#plan.grace)) this.#publish()
  }

  /** A rule has all containers start again: those that run end first. Source: Kubernetes enhancement 5532. */
  #restartAll(): void {
    this.#isRestartingAll = true
    this.#starts.stop()
    this.#kills.all(this.#containers, this.#plan.grace)
    if (this.#isQuiet()) this.#beginAnew()
  }

  #beginAnew(): void {
    this.#isRestartingAll = false
    for (const container of this.#containers) {
      container.state = 'waiting'
      container.isBegun = false
    }
    this.sync()
  }

  #isQuiet(): boolean {
    return this.#containers.every(({ state }) => state !== 'running' && state !== 'starting')
  }

  #finish(): void {
    this.#clock.stop()
    if (this.#isIdle) return // It is found as the kubelet is back.
    if (this.#host.reports(this.node)) {
      this.sayEnd(this.#host.sim.now)
      return
    }
    this.#stage = 'ended'
    this.#host.ended(this.pod)
  }

  #publish(): void {
    const { pods } = this.#host.api
    if (this.#isIdle) return
    if (!this.#host.reports(this.node)) {
      this.#writer.keep(this.#plan, this.#containers, this.#stage !== 'sandbox')
      return
    }
    if (pods.isRemoved(this.pod) || pods.isFinished(this.pod)) return
    this.#host.write(() => this.#writer.write(this.#plan, this.#containers, this.#stage !== 'sandbox'))
  }

  #tellUse(): void {
    const { memory, disk, isRunning } = useOf(this.#containers)
    const cpu = isRunning ? this.#host.api.pods.table.cpu(this.pod) : 0
    this.#host.use(this.pod, this.node, { cpu, memory, disk })
  }

  /** Nothing runs and nothing will happen any more. */
  #stopAll(): void {
    this.#starts.stop()
    this.#clock.stop()
    for (const container of this.#containers) this.#runner.abandon(container)
  }
}
