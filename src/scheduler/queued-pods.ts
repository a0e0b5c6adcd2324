import type { PodRow } from '../cluster/rows.ts'
import type { QueuedPod } from './queued-pod.ts'

/**
 * The pods of the scheduling queue by row, in order of arrival. Where each is placed before the next one comes there is one
 * at most, which needs no table. With many that come and go, a `Map` would be hashed anew over and over.
 */
export class QueuedPods {
  /** Indexed by row; holds nothing while there is one pod. */
  readonly #byRow: (QueuedPod | undefined)[] = []
  #oldest: QueuedPod | undefined
  #newest: QueuedPod | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get(row: PodRow): QueuedPod | undefined {
    if (this.#size > 1) return this.#byRow[row]
    const only = this.#oldest
    return only?.row === row ? only : undefined
  }

  /** Adds a pod that is not in the queue. */
  add(pod: QueuedPod): void {
    const last = this.#newest
    this.#newest = pod
    this.#size += 1
    if (last === undefined) {
      this.#oldest = pod
      return
    }
    last.next = pod
    pod.previous = last
    if (this.#size === 2) this.#index(last)
    this.#index(pod)
  }

  delete(row: PodRow): void {
    const pod = this.get(row)
    if (pod === undefined) return
    const { previous, next } = pod
    if (previous === undefined) this.#oldest = next
    else previous.next = next
    if (next === undefined) this.#newest = previous
    else next.previous = previous
    pod.previous = undefined
    pod.next = undefined
    if (this.#size > 1) this.#byRow[row] = undefined
    this.#size -= 1
    if (this.#size === 1 && this.#oldest !== undefined) this.#byRow[this.#oldest.row] = undefined
  }

  /** All pods in order of arrival; the one that was given last may be deleted meanwhile. */
  *values(): Generator<QueuedPod> {
    for (let pod = this.#oldest; pod !== undefined;) {
      const { next } = pod
      yield pod
      pod = next
    }
  }

  #index(pod: QueuedPod): void {
    const byRow = this.#byRow
    // No holes: arrays with holes far apart become slow tables.
    while (byRow.length <= pod.row) byRow.push(undefined)
    byRow[pod.row] = pod
  }
}
