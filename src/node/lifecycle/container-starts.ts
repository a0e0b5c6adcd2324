import { NEVER, SECOND, formatDuration } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import type { Timer } from '../../engine/simulation.ts'
import { BackOff } from './back-off.ts'
import type { ContainerRunner } from './container-runner.ts'
import type { ContainerRecord } from './container.ts'
import type { PodPlan } from './pod-plan.ts'
import type { WorkerHost } from './worker-host.ts'

/**
 * How long a failed pull shows as ErrImagePull before it shows as a back-off: until the pod is looked at again (kubelet v1.37,
 * `backOffPeriod`, without its jitter).
 */
const ERROR_SHOWN: Micros = 10 * SECOND

/** The failed pulls of one image for one pod. */
interface FailedPulls {
  readonly backOff: BackOff
  failedAt: Micros
}

/**
 * Starts the containers of one pod: one at a time, image, creation, hook; those that wait for a back-off are passed by.
 *
 * Source: kubelet v1.37, kuberuntime_manager.go `SyncPod` and `doBackOff`, images/image_manager.go.
 */
export class ContainerStarts {
  readonly #host: WorkerHost
  readonly #runner: ContainerRunner
  readonly #worker: { readonly pod: PodRow; readonly node: NodeRow; readonly plan: PodPlan }
  readonly #changed: () => void
  readonly #pulls = new Map<string, FailedPulls>()
  /** The one that is being started. */
  #current: ContainerRecord | undefined
  #timer: Timer | undefined
  #timerAt: Micros = NEVER
  /** When the image of the one that is being started was asked for. */
  #askedAt: Micros = 0

  constructor(
    host: WorkerHost,
    runner: ContainerRunner,
    worker: { readonly pod: PodRow; readonly node: NodeRow; readonly plan: PodPlan },
    changed: () => void,
  ) {
    this.#host = host
    this.#runner = runner
    this.#worker = worker
    this.#changed = changed
  }

  /** Starts the first that may start; the others come when that has started. */
  startAll(containers: readonly ContainerRecord[]): void {
    for (const container of containers) {
      if (this.#current !== undefined) return
      if (container.state === 'running' || container.state === 'starting') continue
      if (this.#isBackingOff(container)) continue
      if (this.#hasImage(container)) this.#create(container)
    }
  }

  /** The creation of a container is through: it runs. */
  created(container: ContainerRecord): void {
    const { host } = this.#runner
    host.images?.setUsed(this.#ask(container), true)
    const hook = host.draws.postStart(container)
    container.isHookDone = hook === 0
    const isFirst = container.runs === 0
    this.#runner.start(container)
    host.running(this.#worker.pod, isFirst)
    if (hook > 0 && container.state === 'running') {
      container.timer = host.sim.after(hook, host.handlers.hookDone, this.#worker.pod, container.plan.index)
    } else this.#release(container)
    this.#changed()
  }

  hookDone(container: ContainerRecord): void {
    container.isHookDone = true
    this.#release(container)
    this.#changed()
  }

  /** A container that waits for its image has it, or has to wait. */
  imageArrived(
    container: ContainerRecord,
    failure: { readonly reason: string; readonly message: string } | undefined,
  ): void {
    if (this.#current !== container || container.state !== 'starting') return
    if (failure === undefined) {
      const span = this.#host.sim.now - this.#askedAt
      const { name } = container.plan.spec
      for (const observer of this.#host.observers) observer.imagePulled?.(this.#worker.pod, name, span)
      this.#pulls.delete(container.plan.spec.image ?? '')
      this.#create(container)
      return
    }
    this.#release(container)
    this.#pullFailed(container, failure)
    this.#changed()
  }

  /** The container has ended: it holds nobody up. */
  ended(container: ContainerRecord): void {
    this.#host.images?.setUsed(this.#ask(container), false)
    this.#release(container)
  }

  timerRan(): void {
    this.#timer = undefined
    this.#timerAt = NEVER
  }

  /** Nothing is to start any more. */
  stop(): void {
    this.#runner.cancel(this.#timer)
    this.timerRan()
    const container = this.#current
    this.#current = undefined
    if (container?.state !== 'starting') return
    this.#runner.cancel(container.timer)
    container.timer = undefined
    container.state = container.exit === undefined ? 'waiting' : 'terminated'
  }

  #create(container: ContainerRecord): void {
    const { sim, handlers } = this.#host
    if (container.exit !== undefined) this.#countCrash(container)
    container.state = 'starting'
    this.#current = container
    const time = this.#host.containerTime(this.#worker.plan.runtimeHandler, this.#worker.node)
    if (time === 0) this.created(container)
    else container.timer = sim.after(time, handlers.started, this.#worker.pod, container.plan.index)
  }

  #release(container: ContainerRecord): void {
    if (this.#current === container) this.#current = undefined
  }

  /**
   * The failure that the back-off counts from: the last one. A container that a probe had killed is started in the pass that
   * killed it, in which only the failure before is known.
   */
  #lastFailure({ exit, previousExit }: ContainerRecord): Micros | undefined {
    if (exit === undefined) return undefined
    if (exit.isByProbe && exit.finishedAt === this.#host.sim.now) {
      const before = previousExit?.finishedAt
      return before
    }
    return exit.finishedAt
  }

  #countCrash(container: ContainerRecord): void {
    const failedAt = this.#lastFailure(container)
    if (failedAt !== undefined) container.crashes.next(failedAt, this.#host.sim.now)
  }

  #isBackingOff(container: ContainerRecord): boolean {
    const { now } = this.#host.sim
    const failedAt = this.#lastFailure(container)
    if (failedAt === undefined || container.crashes.until(failedAt) <= now) return false
    const until = container.crashes.until(container.exit?.finishedAt ?? failedAt)
    const { api } = this.#host
    const { pod } = this.#worker
    const name = `${container.plan.spec.name} pod=${api.pods.keyOf(pod).split('/').toReversed().join('_')}`
    const wait = formatDuration(container.crashes.wait)
    container.waitingReason = 'CrashLoopBackOff'
    container.waitingMessage = `back-off ${wait} restarting failed container=${name}(${api.pods.uidOf(pod)})`
    this.#wakeAt(until)
    return true
  }

  /** Whether the image is there; if not, has it pulled, or says why it waits. */
  #hasImage(container: ContainerRecord): boolean {
    const { images, sim } = this.#host
    const { image } = container.plan.spec
    if (images === undefined || image === undefined) return true
    const ask = this.#ask(container)
    const needsPull = images.needsPull(ask)
    if (needsPull === false) return true
    if (needsPull === 'never') {
      container.waitingReason = 'ErrImageNeverPull'
      container.waitingMessage = `Container image "${image}" is not present with pull policy of Never`
      return false
    }
    const failed = this.#pulls.get(image)
    const until = failed?.backOff.until(failed.failedAt) ?? 0
    if (failed !== undefined && until > sim.now) {
      this.#waitForPull(container, failed.failedAt + ERROR_SHOWN, until)
      return false
    }
    images.pull(ask)
    this.#askedAt = sim.now
    container.state = 'starting'
    this.#current = container
    return false
  }

  #pullFailed(
    container: ContainerRecord,
    { reason, message }: { readonly reason: string; readonly message: string },
  ): void {
    const { now } = this.#host.sim
    const image = container.plan.spec.image ?? ''
    const failed = this.#pulls.get(image) ?? { backOff: new BackOff(), failedAt: now }
    this.#pulls.set(image, failed)
    failed.backOff.next(now, now)
    failed.failedAt = now
    container.state = container.exit === undefined ? 'waiting' : 'terminated'
    container.waitingReason = reason
    container.waitingMessage = message
    this.#waitForPull(container, now + ERROR_SHOWN, failed.backOff.until(now))
  }

  #waitForPull(container: ContainerRecord, shownUntil: Micros, until: Micros): void {
    if (this.#host.sim.now >= shownUntil || container.waitingReason === undefined) {
      container.waitingReason = 'ImagePullBackOff'
      container.waitingMessage = `Back-off pulling image "${container.plan.spec.image ?? ''}"`
    }
    this.#wakeAt(this.#host.sim.now < shownUntil ? Math.min(shownUntil, until) : until)
  }

  #ask(container: ContainerRecord): Parameters<NonNullable<WorkerHost['images']>['pull']>[0] {
    return { pod: this.#worker.pod, node: this.#worker.node, container }
  }

  #wakeAt(at: Micros): void {
    if (at >= this.#timerAt) return
    this.#runner.cancel(this.#timer)
    this.#timerAt = at
    this.#timer = this.#host.sim.at(at, this.#host.handlers.sync, this.#worker.pod)
  }
}
