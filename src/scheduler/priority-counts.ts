interface PriorityCount {
  readonly priority: number
  pods: number
}

/** How many pods of each priority are on nodes. */
export class PriorityCounts {
  readonly #counts = new Map<number, PriorityCount>()
  /** The priority that was counted last: many pods in a row have the same. */
  #last: PriorityCount = { priority: Number.NaN, pods: 0 }
  #news = 0

  /** How often the first pod of a priority came. */
  get news(): number {
    return this.#news
  }

  /** A pod of the priority came (1) or went (-1). */
  count(priority: number, sign: 1 | -1): void {
    if (this.#last.priority !== priority) this.#last = this.#of(priority)
    const last = this.#last
    last.pods += sign
    if (last.pods === 0) {
      this.#counts.delete(priority)
    } else if (last.pods === 1 && sign === 1) {
      this.#counts.set(priority, last)
      this.#news += 1
    }
  }

  /** Whether any pod has a lower priority. */
  hasBelow(priority: number): boolean {
    for (const other of this.#counts.keys()) if (other < priority) return true
    return false
  }

  #of(priority: number): PriorityCount {
    return this.#counts.get(priority) ?? { priority, pods: 0 }
  }
}
