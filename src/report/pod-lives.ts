import type { ContainerStatus } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import { POD_DELETED, POD_READINESS, POD_RUNNING, POD_UPDATED } from '../cluster/pod-event.ts'
import type { PodEventBit } from '../cluster/pod-event.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'

/** What the pods of a workload went through, in sums. */
export interface LifeSums {
  /** Restarts of containers, init containers among them. */
  restarts: number
  /** Pods that became ready, and the sum of the times from running to that. */
  readyPods: number
  readyTime: Micros
}

/** What is kept of a pod until it is gone. */
interface Life {
  restarts: number
  isReady: boolean
}

/**
 * Follows pods that are no trace's: restarts of their containers, and how long after they run they are ready for the first time.
 */
export class PodLives {
  readonly #pods: PodStore
  readonly #lives = new Map<PodRow, Life>()
  readonly #sums: LifeSums[] = []

  constructor(pods: PodStore) {
    this.#pods = pods
  }

  /** The sums of a group of pods. */
  of(group: number): LifeSums {
    return (this.#sums[group] ??= { restarts: 0, readyPods: 0, readyTime: 0 })
  }

  /** Hears of a write of a pod of the group. */
  written(event: PodEventBit, row: PodRow, group: number, now: Micros): void {
    if (event === POD_DELETED) this.#lives.delete(row)
    else if (event === POD_UPDATED) this.#countRestarts(row, group)
    else if ((event & (POD_RUNNING | POD_READINESS)) !== 0) this.#readiness(row, group, now)
  }

  #countRestarts(row: PodRow, group: number): void {
    const { containerStatuses, initContainerStatuses } = this.#pods.detailsOf(row)
    const restarts = restartsOf(containerStatuses) + restartsOf(initContainerStatuses)
    const life = this.#lifeOf(row)
    if (restarts === life.restarts) return
    this.of(group).restarts += restarts - life.restarts
    life.restarts = restarts
  }

  #readiness(row: PodRow, group: number, now: Micros): void {
    const { table } = this.#pods
    if (!table.isReady(row)) return
    const life = this.#lifeOf(row)
    if (life.isReady) return
    life.isReady = true
    const runningAt = table.runningAt(row)
    const sums = this.of(group)
    sums.readyPods += 1
    sums.readyTime += runningAt === NO_TIME ? 0 : now - runningAt
  }

  #lifeOf(row: PodRow): Life {
    let life = this.#lives.get(row)
    if (life === undefined) {
      life = { restarts: 0, isReady: false }
      this.#lives.set(row, life)
    }
    return life
  }
}

function restartsOf(statuses: readonly ContainerStatus[] | undefined): number {
  return (statuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0)
}
