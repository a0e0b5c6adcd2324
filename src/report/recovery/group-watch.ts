import type { Micros } from '../../base/time.ts'

/** Where a workload's numbers stand: how many of its pods are wanted, and how many are ready. */
export interface GroupNumbers {
  wanted(group: number): number
  serving(group: number): number
}

/** Who knows for how long the budgets of a pod were not met, so far, summed over them. */
export interface BudgetTimes {
  violatedTime(namespace: string, labels: Readonly<Record<string, string>>, now: Micros): Micros
}

/** A workload of which a failure took replicas, from the first loss until the last of them is back. */
export interface GroupWatch {
  readonly group: number
  readonly namespace: string
  /** Labels of the first pod that was lost: budgets select by them. */
  readonly labels: Readonly<Record<string, string>>
  /** Pods that the workload wanted as the first was lost. */
  readonly wanted: number
  /** Replicas that are lost now. */
  open: number
  /** Fewest pods that were ready meanwhile. */
  servingMin: number
  /** Time that budgets were not met meanwhile, and what that stood at as it began. */
  violatedTime: Micros
  violatedFrom: Micros
  /** Evictions that a budget refused meanwhile. */
  blockedEvictions: number
}

/** Follows the workloads of which replicas are lost: one watch for each failure and workload. */
export class GroupWatches {
  readonly #numbers: GroupNumbers
  readonly #budgets: BudgetTimes
  readonly #byCause = new Map<string, Map<number, GroupWatch>>()
  /** Those with lost replicas. */
  readonly #open = new Map<number, Set<GroupWatch>>()

  constructor(numbers: GroupNumbers, budgets: BudgetTimes) {
    this.#numbers = numbers
    this.#budgets = budgets
  }

  /** A failure takes a replica of a workload. */
  lost(
    cause: string,
    group: number,
    pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
    now: Micros,
  ): GroupWatch {
    let groups = this.#byCause.get(cause)
    if (groups === undefined) this.#byCause.set(cause, (groups = new Map<number, GroupWatch>()))
    let watch = groups.get(group)
    if (watch === undefined) groups.set(group, (watch = this.#newWatch(group, pod)))
    if (watch.open === 0) {
      watch.violatedFrom = this.#budgets.violatedTime(watch.namespace, watch.labels, now)
      let open = this.#open.get(group)
      if (open === undefined) this.#open.set(group, (open = new Set()))
      open.add(watch)
    }
    watch.open += 1
    return watch
  }

  /** A lost replica is back, or no longer wanted. */
  over(watch: GroupWatch, now: Micros): void {
    watch.open -= 1
    if (watch.open > 0) return
    this.#close(watch, now)
    const open = this.#open.get(watch.group)
    open?.delete(watch)
    if (open?.size === 0) this.#open.delete(watch.group)
  }

  /** The number of ready pods of a workload has changed. */
  servingChanged(group: number): void {
    const open = this.#open.get(group)
    if (open === undefined) return
    const serving = this.#numbers.serving(group)
    for (const watch of open) watch.servingMin = Math.min(watch.servingMin, serving)
  }

  /** A budget refused the eviction of a pod of a workload. */
  evictionBlocked(group: number): void {
    for (const watch of this.#open.get(group) ?? []) watch.blockedEvictions += 1
  }

  /** The run is over: what is open is counted until now. */
  end(now: Micros): void {
    for (const open of this.#open.values()) for (const watch of open) this.#close(watch, now)
    this.#open.clear()
  }

  #newWatch(
    group: number,
    { namespace, labels }: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  ): GroupWatch {
    return {
      group,
      namespace,
      labels,
      wanted: this.#numbers.wanted(group),
      open: 0,
      servingMin: this.#numbers.serving(group),
      violatedTime: 0,
      violatedFrom: 0,
      blockedEvictions: 0,
    }
  }

  #close(watch: GroupWatch, now: Micros): void {
    const time = this.#budgets.violatedTime(watch.namespace, watch.labels, now)
    watch.violatedTime += time - watch.violatedFrom
  }
}
