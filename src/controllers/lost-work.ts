/** What was lost for one cause. */
export interface LostAmounts {
  /** Pods that were lost before they succeeded, by `status.reason`. */
  readonly pods: number
  /** Running time that was thrown away, in seconds, and in seconds × cores; by why the containers ended. */
  readonly seconds: number
  readonly coreSeconds: number
}

/** Sums what was lost, by cause. */
export class LostWork {
  readonly #byCause = new Map<string, { pods: number; seconds: number; coreSeconds: number }>()

  addPod(cause: string): void {
    this.#of(cause).pods += 1
  }

  addTime(cause: string, seconds: number, cores: number): void {
    const sums = this.#of(cause)
    sums.seconds += seconds
    sums.coreSeconds += seconds * cores
  }

  /** The sums of each cause, in order of first loss. */
  get byCause(): ReadonlyMap<string, LostAmounts> {
    return this.#byCause
  }

  /** The sums over all causes. */
  get total(): LostAmounts {
    const total = { pods: 0, seconds: 0, coreSeconds: 0 }
    for (const { pods, seconds, coreSeconds } of this.#byCause.values()) {
      total.pods += pods
      total.seconds += seconds
      total.coreSeconds += coreSeconds
    }
    return total
  }

  #of(cause: string): { pods: number; seconds: number; coreSeconds: number } {
    let sums = this.#byCause.get(cause)
    if (sums === undefined) {
      sums = { pods: 0, seconds: 0, coreSeconds: 0 }
      this.#byCause.set(cause, sums)
    }
    return sums
  }
}
