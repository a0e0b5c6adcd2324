import type { ContainerStatus, PodCondition } from '../../api/types.generated.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { NO_TIME, PHASE_PENDING, PHASE_RUNNING } from '../../cluster/pod-table.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { containerStatus } from './container-status.ts'
import type { StatusSetting } from './container-status.ts'
import type { ContainerRecord } from './container.ts'
import { podConditions } from './pod-conditions.ts'
import { podPhase } from './pod-phase.ts'
import type { PodPlan } from './pod-plan.ts'

/** Writes the status of one pod to the API, when it has changed. */
export class PodStatusWriter {
  readonly #api: ApiServer
  readonly #pod: PodRow
  readonly #uid: string
  #written = ''
  #resize: { readonly reason: string; readonly message: string } | undefined

  constructor(api: ApiServer, pod: PodRow) {
    this.#api = api
    this.#pod = pod
    this.#uid = api.pods.uidOf(pod)
  }

  /** Why a resize waits, for the next write. */
  setResize(pending: { readonly reason: string; readonly message: string } | undefined): void {
    this.#resize = pending
  }

  /** Writes what the containers are like now; the phase only as far as Running. */
  write(plan: PodPlan, containers: readonly ContainerRecord[], hasSandbox: boolean): void {
    const phase = podPhase(containers, { restartPolicy: plan.restartPolicy, isTerminal: false })
    const conditions = this.#writeDetails(plan, containers, {
      phase: Math.min(phase, PHASE_RUNNING),
      hasSandbox,
    })
    const { pods } = this.#api
    const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    const before = pods.table.phase(this.#pod)
    if (before === PHASE_PENDING && phase === PHASE_RUNNING) pods.markRunning(this.#pod, isReady)
    else if (before === PHASE_RUNNING) pods.setReady(this.#pod, isReady)
  }

  /** Writes what the containers were like in the end; the phase itself is not written. */
  writeEnd(plan: PodPlan, containers: readonly ContainerRecord[], phase: number): void {
    this.#writeDetails(plan, containers, { phase, hasSandbox: false })
  }

  #writeDetails(
    plan: PodPlan,
    containers: readonly ContainerRecord[],
    { phase, hasSandbox }: { readonly phase: number; readonly hasSandbox: boolean },
  ): readonly PodCondition[] {
    const { pods, calendar, sim } = this.#api
    const format = (at: number): string => calendar.format(at)
    const setting: StatusSetting = {
      format,
      idOf: ({ plan: { spec } }, run) => `stowage://${this.#uid}/${spec.name}/${run}`,
      hasInitContainers: plan.initCount > 0,
    }
    const statuses: readonly ContainerStatus[] = containers.map((container) =>
      containerStatus(container, setting),
    )
    const { table } = pods
    const boundAt = table.boundAt(this.#pod)
    const conditions = podConditions({
      containers,
      phase,
      hasSandbox,
      pendingResize: this.#resize,
      readinessGates: (plan.spec.readinessGates ?? []).map(({ conditionType }) => conditionType),
      before: pods.detailsOf(this.#pod).conditions ?? [],
      boundAt: boundAt === NO_TIME ? table.createdAt(this.#pod) : boundAt,
      now: sim.now,
      format,
    })
    const text = JSON.stringify([statuses, conditions])
    if (text === this.#written) return conditions
    this.#written = text
    pods.updateDetails(this.#pod, {
      containerStatuses: statuses.slice(plan.initCount),
      initContainerStatuses: statuses.slice(0, plan.initCount),
      conditions,
    })
    return conditions
  }
}
