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
  /** Restarts of each container by its name. */
  readonly restarts: Map<string, number>
  isReady: boolean
}

/** What it hears of a pod. */
export const LIFE_EVENTS: PodEventBit = POD_RUNNING | POD_READINESS | POD_UPDATED | POD_DELETED

/**
 * Follows pods that are no trace's: restarts of their containers, and how long after they run they are ready for the first time.
 */
export class PodLives {
  readonly #pods: PodStore
  readonly #lives = new Map<PodRow, Life>()
  readonly #sums: LifeSums[] = []

  readonly #restarted: (row: PodRow, container: ContainerStatus) => void

  /** `restarted` hears of each container that runs again, or is about to. */
  constructor(pods: PodStore, restarted: (row: PodRow, container: ContainerStatus) => void) {
    this.#pods = pods
    this.#restarted = restarted
  }

  /** The sums of a group of pods. */
  of(group: number): LifeSums {
    return (this.#sums[group] ??= { restarts: 0, readyPods: 0, readyTime: 0 })
  }

  /** Hears of a write of a pod of the group: one of `LIFE_EVENTS`. */
  written(event: PodEventBit, row: PodRow, group: number, now: Micros): void {
    if (event === POD_DELETED) this.#lives.delete(row)
    else if (event === POD_UPDATED) this.#countRestarts(row, group)
    else this.#readiness(row, group, now)
  }

  #countRestarts(row: PodRow, group: number): void {
    const { containerStatuses, initContainerStatuses } = this.#pods.detailsOf(row)
    if (containerStatuses === undefined && initContainerStatuses === undefined) return
    const { restarts } = this.#lifeOf(row)
    for (const status of [...(initContainerStatuses ?? []), ...(containerStatuses ?? [])]) {
      const added = status.restartCount - (restarts.get(status.name) ?? 0)
      if (added === 0) continue
      restarts.set(status.name, status.restartCount)
      this.of(group).restarts += added
      this.#restarted(row, status)
    }
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
      life = { restarts: new Map(), isReady: false }
      this.#lives.set(row, life)
    }
    return life
  }
}
