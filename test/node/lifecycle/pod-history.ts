import type { ContainerStatus } from '../../../src/api/types.generated.ts'
import { SECOND } from '../../../src/base/time.ts'
import type { ApiServer } from '../../../src/cluster/api-server.ts'
import { PHASE_NAMES } from '../../../src/cluster/pod-table.ts'
import type { PodRow } from '../../../src/cluster/rows.ts'

/** What could be seen of pods when. */
export class PodHistory {
  readonly #api: ApiServer
  readonly #lines = new Map<PodRow, string[]>()

  constructor(api: ApiServer) {
    this.#api = api
    api.pods.observe((_, row) => this.#note(row))
  }

  /** Lines as `12 Running ready Running CrashLoopBackOff(3)`, without repetitions: the last of each instant. */
  of(pod: PodRow): readonly string[] {
    return this.#lines.get(pod) ?? []
  }

  /** Statuses of the containers, init containers first. */
  statuses(pod: PodRow): readonly ContainerStatus[] {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#api.pods.detailsOf(pod)
    return [...initContainerStatuses, ...containerStatuses]
  }

  /** `Running`, `CrashLoopBackOff`, `Completed/0`, ... of each container, with its restarts when there were any. */
  shown(pod: PodRow): string {
    return this.statuses(pod).map(shownStatus).join(' ')
  }

  #note(row: PodRow): void {
    const { pods, sim } = this.#api
    const lines = this.#lines.get(row) ?? []
    this.#lines.set(row, lines)
    const ready = pods.table.isReady(row) && !pods.isRemoved(row) ? ' ready' : ''
    const phase = pods.isRemoved(row) ? 'gone' : (PHASE_NAMES[pods.table.phase(row)] ?? '')
    const shown = pods.isRemoved(row) ? '' : ` ${this.shown(row)}`
    const seconds = Math.round((sim.now / SECOND) * 1000) / 1000
    const text = `${phase}${ready}${shown}`
    const last = lines.at(-1)
    if (last?.slice(last.indexOf(' ') + 1) === text) return
    if (last?.startsWith(`${seconds} `) === true) lines.pop()
    lines.push(`${seconds} ${text}`)
  }
}

function shownStatus({ state, restartCount }: ContainerStatus): string {
  const restarts = restartCount === 0 ? '' : `(${restartCount})`
  if (state?.running !== undefined) return `Running${restarts}`
  if (state?.terminated !== undefined)
    return `${state.terminated.reason ?? ''}/${state.terminated.exitCode}${restarts}`
  return `${state?.waiting?.reason ?? ''}${restarts}`
}
