import { compileLabelSelector } from '../../api/selectors.ts'
import type { LabelPredicate } from '../../api/selectors.ts'
import type { PodDisruptionBudget } from '../../api/types.generated.ts'
import type { Micros } from '../../base/time.ts'
import type { WrittenObject } from '../../cluster/api-server.ts'
import type { BudgetTimes } from './group-watch.ts'

/** What is kept of a budget, as long as it has one selector. */
interface BudgetEntry {
  readonly namespace: string
  readonly selector: object | undefined
  readonly matches: LabelPredicate
  /** Time that it was not met, without the time since `since`. */
  time: Micros
  since: Micros | undefined
}

/** Keeps for how long each PodDisruptionBudget had fewer healthy pods than it wants, by its status. */
export class BudgetLedger implements BudgetTimes {
  readonly #budgets = new Map<string, BudgetEntry>()
  /** Those that are gone, or have another selector now, too: what they came to only grows. */
  readonly #all: BudgetEntry[] = []

  /** Hears of a write of any object. */
  written({ kind, key, object }: WrittenObject, now: Micros): void {
    if (kind !== 'PodDisruptionBudget') return
    const budget = object as PodDisruptionBudget | undefined
    const known = this.#budgets.get(key)
    if (known !== undefined && (budget === undefined || known.selector !== budget.spec?.selector)) {
      setViolated(known, false, now)
      this.#budgets.delete(key)
    }
    if (budget === undefined) return
    const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
    setViolated(this.#entryOf(key, budget), currentHealthy < desiredHealthy, now)
  }

  /** Time until now that the budgets of pods with these labels were not met, summed over the budgets. */
  violatedTime(namespace: string, labels: Readonly<Record<string, string>>, now: Micros): Micros {
    let sum = 0
    for (const { namespace: own, matches, time, since } of this.#all) {
      if (own === namespace && matches(labels)) sum += time + (since === undefined ? 0 : now - since)
    }
    return sum
  }

  #entryOf(key: string, { metadata, spec }: PodDisruptionBudget): BudgetEntry {
    const known = this.#budgets.get(key)
    if (known !== undefined) return known
    const selector = spec?.selector
    const entry: BudgetEntry = {
      namespace: metadata?.namespace ?? '',
      selector,
      matches: selector === undefined ? () => false : compileLabelSelector(selector),
      time: 0,
      since: undefined,
    }
    this.#budgets.set(key, entry)
    this.#all.push(entry)
    return entry
  }
}

function setViolated(entry: BudgetEntry, isViolated: boolean, now: Micros): void {
  if (isViolated) entry.since ??= now
  else if (entry.since !== undefined) {
    entry.time += now - entry.since
    entry.since = undefined
  }
}
