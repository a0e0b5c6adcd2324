import type { ContainerStatus, PodCondition } from '../../api/types.generated.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { NO_TIME, PHASE_PENDING, PHASE_RUNNING } from '../../cluster/pod-table.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { containerStatus } from './container-status.ts'
import type { StatusSetting } from './container-status.ts'
import { isReady } from './container.ts'
import type { ContainerRecord } from './container.ts'
import { KUBELET_CONDITIONS, podConditions } from './pod-conditions.ts'
import { podPhase } from './pod-phase.ts'
import type { PodPlan } from './pod-plan.ts'

/** What a write is about: the status of which instant, and what else it follows from. */
interface WriteSetting {
  readonly phase: number
  readonly hasSandbox: boolean
  readonly end?: StatusSetting['end']
  readonly at: Micros
}

/**
 * Writes the status of one pod to the API, when it has changed. Of a node that cannot, conditions keep the instants at which they
 * changed.
 */
export class PodStatusWriter {
  readonly #api: ApiServer
  readonly #pod: PodRow
  readonly #serial: number
  /** What was written last: of what it was made, and the conditions, which others may have written since. */
  #seen = ''
  #plan: PodPlan | undefined
  #conditions: readonly PodCondition[] | undefined
  /** The kubelet's own conditions as they have become since, and what they were made of. */
  #unsaid: { readonly seen: string; readonly conditions: readonly PodCondition[] } | undefined
  #resize: { readonly reason: string; readonly message: string } | undefined

  constructor(api: ApiServer, pod: PodRow) {
    this.#api = api
    this.#pod = pod
    this.#serial = api.pods.table.serial(pod)
  }

  /** Why a resize waits, for the next write. */
  setResize(pending: { readonly reason: string; readonly message: string } | undefined): void {
    this.#resize = pending
  }

  /** Writes what the containers are like now; the phase only as far as Running. */
  write(plan: PodPlan, containers: readonly ContainerRecord[], hasSandbox: boolean): void {
    const phase = podPhase(containers, { restartPolicy: plan.restartPolicy, isTerminal: false })
    const { pods, sim } = this.#api
    const runningAt = this.#unsaid === undefined ? sim.now : firstStart(containers, sim.now)
    const conditions = this.#writeDetails(plan, containers, {
      phase: Math.min(phase, PHASE_RUNNING),
      hasSandbox,
      at: sim.now,
    })
    const ready = conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    const before = pods.table.phase(this.#pod)
    if (before === PHASE_PENDING && phase === PHASE_RUNNING) {
      pods.markRunning(this.#pod, ready, runningAt)
    } else if (before === PHASE_RUNNING) pods.setReady(this.#pod, ready)
  }

  /** Keeps what the containers are like now, for a later write. */
  keep(plan: PodPlan, containers: readonly ContainerRecord[], hasSandbox: boolean): void {
    const { restartPolicy } = plan
    const phase = Math.min(podPhase(containers, { restartPolicy, isTerminal: false }), PHASE_RUNNING)
    const seen = seenOf(containers, phase, hasSandbox, this.#resize?.message)
    if (seen === (this.#unsaid?.seen ?? this.#seen)) return
    const conditions = this.#conditionsOf(plan, containers, { phase, hasSandbox, at: this.#api.sim.now })
    const own = conditions.filter(({ type }) => KUBELET_CONDITIONS.includes(type))
    this.#unsaid = { seen, conditions: own }
  }

  /** Writes what the containers were like in the end, at an instant; the phase itself is not written. */
  writeEnd(plan: PodPlan, containers: readonly ContainerRecord[], phase: number, at: Micros): void {
    const isInitialized = containers.every(
      (one) => one.plan.kind === 'regular' || one.isBegun || isReady(one),
    )
    const end = isInitialized ? 'initialized' : 'uninitialized'
    this.#writeDetails(plan, containers, { phase, hasSandbox: false, end, at })
  }

  #writeDetails(
    plan: PodPlan,
    containers: readonly ContainerRecord[],
    setting: WriteSetting,
  ): readonly PodCondition[] {
    const { phase, hasSandbox, end } = setting
    const { pods, calendar } = this.#api
    const before = pods.detailsOf(this.#pod).conditions
    const seen = seenOf(containers, phase, hasSandbox, this.#resize?.message)
    const isSame =
      end === undefined && seen === this.#seen && plan === this.#plan && before === this.#conditions
    if (isSame && before !== undefined) return before
    const format = (at: number): string => calendar.format(at)
    const statusSetting: StatusSetting = {
      format,
      idOf: ({ plan: { spec } }, run) => `stowage://${this.#serial}/${spec.name}/${run}`,
      hasInitContainers: plan.initCount > 0,
      end,
    }
    const statuses: readonly ContainerStatus[] = containers.map((container) =>
      containerStatus(container, statusSetting),
    )
    const conditions = this.#conditionsOf(plan, containers, setting)
    this.#unsaid = undefined
    this.#seen = seen
    this.#plan = plan
    this.#conditions = conditions
    pods.updateDetails(this.#pod, {
      containerStatuses: statuses.slice(plan.initCount),
      initContainerStatuses: statuses.slice(0, plan.initCount),
      conditions,
    })
    return conditions
  }

  #conditionsOf(
    plan: PodPlan,
    containers: readonly ContainerRecord[],
    { phase, hasSandbox, at }: WriteSetting,
  ): readonly PodCondition[] {
    const { pods, calendar } = this.#api
    const { table } = pods
    const boundAt = table.boundAt(this.#pod)
    const written = pods.detailsOf(this.#pod).conditions ?? []
    const unsaid = this.#unsaid?.conditions
    const others = written.filter(({ type }) => !KUBELET_CONDITIONS.includes(type))
    return podConditions({
      containers,
      phase,
      hasSandbox,
      pendingResize: this.#resize,
      readinessGates: (plan.spec.readinessGates ?? []).map(({ conditionType }) => conditionType),
      before: unsaid === undefined ? written : [...others, ...unsaid],
      boundAt: boundAt === NO_TIME ? table.createdAt(this.#pod) : boundAt,
      now: at,
      format: (instant) => calendar.format(instant),
    })
  }
}

/** When the first of the regular containers that run began to; `now` when none does. */
function firstStart(containers: readonly ContainerRecord[], now: Micros): Micros {
  const running = containers.filter(({ plan, state }) => plan.kind === 'regular' && state === 'running')
  return running.reduce((earliest, { startedAt }) => Math.min(earliest, startedAt), now)
}

/** All that a status is made of and that changes, as a text. */
function seenOf(
  containers: readonly ContainerRecord[],
  phase: number,
  hasSandbox: boolean,
  resize: string | undefined,
): string {
  let seen = `${phase} ${hasSandbox} ${resize ?? ''}`
  for (const container of containers) {
    const { state, waitingReason = '', waitingMessage = '', runs, isStarted, exit } = container
    const isUp = isReady(container)
    const isRunning = state === 'running'
    seen += `|${isRunning} ${waitingReason} ${waitingMessage} ${runs} ${isStarted} ${isUp} ${exit?.finishedAt ?? ''}`
  }
  return seen
}
