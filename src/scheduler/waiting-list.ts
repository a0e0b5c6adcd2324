import type { Micros } from '../base/time.ts'
import type { WaitingGroup } from './waiting-group.ts'

/** Groups that wait, the longest first: a list linked through the groups, so that joining and leaving are O(1). */
export class WaitingList {
  #oldest: WaitingGroup | undefined
  #newest: WaitingGroup | undefined

  /** The group that has waited longest. */
  get oldest(): WaitingGroup | undefined {
    return this.#oldest
  }

  /** The group waits from now on, wherever it stood before. */
  add(group: WaitingGroup, now: Micros): void {
    this.remove(group)
    group.since = now
    group.older = this.#newest
    if (this.#newest === undefined) this.#oldest = group
    else this.#newest.newer = group
    this.#newest = group
  }

  /** The group waits no longer; does nothing for one that does not. */
  remove(group: WaitingGroup): void {
    const { older, newer } = group
    if (older !== undefined) older.newer = newer
    else if (this.#oldest === group) this.#oldest = newer
    if (newer !== undefined) newer.older = older
    else if (this.#newest === group) this.#newest = older
    group.older = undefined
    group.newer = undefined
  }
}
