import type { ApiServer } from '../cluster/api-server.ts'
import type { RollBackObserver } from '../cluster/roll-back.ts'
import type { PodRow } from '../cluster/rows.ts'
import { TASK } from '../cluster/task-owner.ts'

/** What the owner of tasks does as their pods are put back to how they were. */
interface TaskPods {
  /** The pod needs no other one in its place, whatever becomes of it. */
  readonly isReplaced: (pod: PodRow) => void
  /** From now on a loss of the pod is a loss of its place. */
  readonly follow: (pod: PodRow) => void
  /** Gives up the pod that was to be made in a place later; false when there is none. */
  readonly forgetReplacement: (place: string) => boolean
  /** A place that had succeeded has not. */
  readonly hasNotSucceeded: () => void
}

/**
 * Follows a roll back of the API server: who submitted a task sees that its pod is gone, and submits it again; one that had succeeded, and
 * whose pod is there again, has not. Of several pods of one place, of which all but one are going, the last attempt counts.
 */
export class RestoredTasks implements RollBackObserver {
  readonly #api: ApiServer
  readonly #tasks: TaskPods
  /** Places whose pod the roll back has taken away, and makes again. */
  readonly #superseded = new Set<string>()
  /** Pods that it has made again. */
  readonly #made: PodRow[] = []

  constructor(api: ApiServer, tasks: TaskPods) {
    this.#api = api
    this.#tasks = tasks
  }

  readonly erasing = (pod: PodRow, comesBack: boolean): void => {
    if (!comesBack || !this.#isTask(pod)) return
    this.#tasks.isReplaced(pod)
    this.#superseded.add(this.#placeOf(pod))
  }

  readonly made = (pod: PodRow): void => {
    if (!this.#isTask(pod)) return
    this.#tasks.follow(pod)
    this.#made.push(pod)
  }

  readonly ended = (): void => {
    const made = this.#made.splice(0)
    const newest = this.#newestOf(new Set(made.map((pod) => this.#placeOf(pod))))
    for (const pod of made) {
      const place = this.#placeOf(pod)
      if (newest.get(place) !== pod) {
        this.#tasks.isReplaced(pod)
        continue
      }
      const isAwaited = this.#tasks.forgetReplacement(place)
      if (!this.#superseded.has(place) && !isAwaited) this.#tasks.hasNotSucceeded()
    }
    this.#superseded.clear()
  }

  /** The pod of the last attempt in each of these places. */
  #newestOf(places: ReadonlySet<string>): ReadonlyMap<string, PodRow> {
    const { table } = this.#api.pods
    const newest = new Map<string, PodRow>()
    if (places.size === 0) return newest
    for (const pod of table.stored()) {
      const place = this.#isTask(pod) ? this.#placeOf(pod) : undefined
      if (place === undefined || !places.has(place)) continue
      const other = newest.get(place)
      if (other === undefined || table.attempt(other) < table.attempt(pod)) newest.set(place, pod)
    }
    return newest
  }

  #isTask(pod: PodRow): boolean {
    return this.#api.pods.table.ownerKind(pod) === TASK
  }

  #placeOf(pod: PodRow): string {
    const { table } = this.#api.pods
    return `${table.owner(pod)?.name ?? ''}/${table.ordinal(pod)}`
  }
}
