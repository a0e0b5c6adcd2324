import type { Micros } from '../../base/time.ts'
import type { FailureRecord } from '../sources.ts'
import type { Cause } from './causes.ts'
import { Interruptions, isControlPlanePart } from './interruptions.ts'
import type { ControlPlanePart } from './interruptions.ts'

/** What failures cost that take no machine; undefined for what a failure of its kind does not do. */
export interface FailureCosts {
  /** Time that what it took of the control plane did not work: until somebody led, or writes were taken again. */
  readonly stopped?: Micros
  /** Time that replicas, which other failures took, waited for that. */
  readonly podTime?: Micros
  /** Pods that a restored etcd did not know. */
  readonly rolledBack?: number
  /** Pods times microseconds that its workload was short of ready pods while it lasted. */
  readonly shortage?: number
  /** Restarts of the workload's containers meanwhile. */
  readonly restarts?: number
}

/** What a workload came to so far: pods times microseconds that it was short of, and restarts. */
export interface WorkloadState {
  readonly shortage: number
  readonly restarts: number
}

const LEADER_LOSS = 'leader-loss'
const DATA_LOSS = 'etcd-data-loss'
const BAD_ROLLOUT = 'bad-rollout'
/** Failures by which API servers take no writes, and leaders are lost. */
const SERVER_FAILURES: ReadonlySet<string> = new Set([
  'api-server-outage',
  'etcd-failure',
  'etcd-slow-disk',
  DATA_LOSS,
])
const ALL_PARTS: readonly ControlPlanePart[] = ['api', 'kube-scheduler', 'kube-controller-manager']

/** A failure of the control plane, and the times for which parts of it did not work because of it. */
class PlaneFailure {
  readonly parts: readonly ControlPlanePart[]
  readonly interruptions = new Interruptions()
  isOver = false
  podTime: Micros = 0
  rolledBack = 0
  #stopped: Micros = 0
  #since: Micros = 0
  readonly #open = new Set<ControlPlanePart>()

  constructor(parts: readonly ControlPlanePart[]) {
    this.parts = parts
  }

  /** Whether any part of it does not work now. */
  get isStopped(): boolean {
    return this.#open.size > 0
  }

  begin(part: ControlPlanePart, at: Micros): void {
    if (this.isOver || !this.parts.includes(part)) return
    if (this.#open.size === 0) this.#since = at
    this.#open.add(part)
    this.interruptions.begin(part, at)
  }

  end(part: ControlPlanePart, at: Micros): void {
    if (!this.#open.delete(part)) return
    this.interruptions.end(part, at)
    if (this.#open.size === 0) this.#stopped += at - this.#since
  }

  stopped(now: Micros): Micros {
    return this.#stopped + (this.#open.size === 0 ? 0 : now - this.#since)
  }
}

/** A bad version, and what its workload had come to as it was rolled out, and as it was taken back. */
interface Rollout {
  readonly target: string
  readonly before: WorkloadState
  after: WorkloadState | undefined
}

/**
 * Keeps what failures cost that leave machines alone.
 *
 * A part of the control plane that stops working is charged to all failures that last and that can stop it, for as long as it takes until
 * it works again, though the failure may be over before.
 */
export class FailureCostLedger {
  readonly #stateOf: (workload: string) => WorkloadState | undefined
  readonly #planes = new Map<number, PlaneFailure>()
  /** Those that last, or of which some part does not work yet. */
  readonly #living = new Set<PlaneFailure>()
  readonly #rollouts = new Map<number, Rollout>()
  /** Parts that do not work now. */
  readonly #stopped = new Set<ControlPlanePart>()
  #restored: PlaneFailure | undefined

  /** `stateOf` tells how a workload stands, by its kind and `namespace/name`. */
  constructor(stateOf: (workload: string) => WorkloadState | undefined) {
    this.#stateOf = stateOf
  }

  /** Whether a part of the control plane does not work. */
  isStopped(part: ControlPlanePart): boolean {
    return this.#stopped.has(part)
  }

  began({ id, model, target = '' }: FailureRecord, now: Micros): void {
    const parts = partsOf(model, target)
    if (parts.length > 0) {
      const failure = new PlaneFailure(parts)
      this.#planes.set(id, failure)
      this.#living.add(failure)
      for (const part of this.#stopped) failure.begin(part, now)
    }
    const before = model === BAD_ROLLOUT ? this.#stateOf(target) : undefined
    if (before !== undefined) this.#rollouts.set(id, { target, before, after: undefined })
  }

  ended({ id, model }: FailureRecord): void {
    const plane = this.#planes.get(id)
    if (plane !== undefined) {
      plane.isOver = true
      if (!plane.isStopped) this.#living.delete(plane)
    }
    if (model === DATA_LOSS) this.#restored = plane
    const rollout = this.#rollouts.get(id)
    if (rollout !== undefined) rollout.after = this.#stateOf(rollout.target)
  }

  /** A part of the control plane does not work from now on. */
  stop(part: ControlPlanePart, now: Micros): void {
    this.#stopped.add(part)
    for (const failure of this.#living) failure.begin(part, now)
  }

  /** It works again. */
  resume(part: ControlPlanePart, now: Micros): void {
    this.#stopped.delete(part)
    for (const failure of this.#living) {
      failure.end(part, now)
      if (failure.isOver && !failure.isStopped) this.#living.delete(failure)
    }
  }

  /** A replica waited for a cause while nobody of the control plane did anything about it. */
  waited(cause: Cause, from: Micros, until: Micros): void {
    for (const failure of this.#planes.values()) {
      failure.podTime += failure.interruptions.within(cause, from, until)
    }
  }

  /** The store that was restored last does not know a pod. */
  rolledBack(): void {
    if (this.#restored !== undefined) this.#restored.rolledBack += 1
  }

  /** What a failure has cost so far. */
  of({ id, model }: FailureRecord, now: Micros): FailureCosts {
    const plane = this.#planes.get(id)
    if (plane !== undefined) {
      const { podTime, rolledBack } = plane
      const costs = { stopped: plane.stopped(now), podTime }
      return model === DATA_LOSS ? { ...costs, rolledBack } : costs
    }
    const rollout = this.#rollouts.get(id)
    if (rollout === undefined) return {}
    const { target, before, after = this.#stateOf(target) ?? before } = rollout
    return { shortage: after.shortage - before.shortage, restarts: after.restarts - before.restarts }
  }
}

/** What of the control plane a failure can stop. */
function partsOf(model: string, target: string): readonly ControlPlanePart[] {
  if (model === LEADER_LOSS) return isControlPlanePart(target) ? [target] : []
  return SERVER_FAILURES.has(model) ? ALL_PARTS : []
}
