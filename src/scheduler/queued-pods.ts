import type { PodRow } from '../cluster/rows.ts'
import type { QueuedPod } from './queued-pod.ts'

/**
 * The pods of the scheduling queue by row, in order of arrival. Where each is placed before the next one comes there is one
 * at most, which needs no table.
 */
export class QueuedPods {
  /** The only pod; undefined while there is none, or several. */
  #only: QueuedPod | undefined
  readonly #several = new Map<PodRow, QueuedPod>()

  get size(): number {
    return this.#only === undefined ? this.#several.size : 1
  }

  get(row: PodRow): QueuedPod | undefined {
    const only = this.#only
    if (only !== undefined) return only.row === row ? only : undefined
    return this.#several.size === 0 ? undefined : this.#several.get(row)
  }

  add(pod: QueuedPod): void {
    const only = this.#only
    if (only === undefined && this.#several.size === 0) {
      this.#only = pod
      return
    }
    if (only !== undefined) {
      this.#only = undefined
      this.#several.set(only.row, only)
    }
    this.#several.set(pod.row, pod)
  }

  delete(row: PodRow): void {
    if (this.#only?.row === row) this.#only = undefined
    else if (this.#several.size > 0) this.#several.delete(row)
  }

  /** All pods in order of arrival. */
  values(): IterableIterator<QueuedPod> {
    return this.#only === undefined ? this.#several.values() : [this.#only].values()
  }
}
