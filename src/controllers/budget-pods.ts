import { compileLabelSelector } from '../api/selectors.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { PodDisruptionBudget } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { PodRow, TemplateId } from '../cluster/rows.ts'

const selectors = new WeakMap<object, LabelPredicate>()

/** Whether a budget is about pods of a namespace with these labels. Without a selector it is about none. */
export function isAbout(
  { metadata, spec }: PodDisruptionBudget,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  const selector = spec?.selector
  if (selector === undefined || metadata?.namespace !== namespace) return false
  let matches = selectors.get(selector)
  if (matches === undefined) {
    matches = compileLabelSelector(selector)
    selectors.set(selector, matches)
  }
  return matches(labels)
}

/** The budgets that are about a pod, in order of creation. */
export function budgetsOf(api: ApiServer, row: PodRow): readonly PodDisruptionBudget[] {
  const { namespace, labels } = api.pods.infoOf(row).template.metadata
  return [...api.collection<PodDisruptionBudget>('PodDisruptionBudget').list()].filter((budget) =>
    isAbout(budget, namespace, labels),
  )
}

const NONE: readonly string[] = []

/**
 * The pods of each budget: a view that is told of changes, so that a budget's status does not take a look at all pods. Pods of one
 * template have the same budgets.
 */
export class BudgetPods {
  readonly #api: ApiServer
  readonly #byBudget = new Map<
    string,
    { readonly selector: object | undefined; readonly rows: Set<PodRow> }
  >()
  /** Keys of the budgets of pods of a template. */
  readonly #byTemplate = new Map<TemplateId, readonly string[]>()
  /** Budgets that each pod was last seen in. */
  readonly #keysOf = new Map<PodRow, readonly string[]>()

  constructor(api: ApiServer) {
    this.#api = api
  }

  /** Pods of a budget in the order in which they came to it. O(pods in the store) the first time, and after its selector has changed. */
  of(budget: PodDisruptionBudget): readonly PodRow[] {
    const key = objectKey(budget.metadata)
    const selector = budget.spec?.selector
    let known = this.#byBudget.get(key)
    if (known === undefined || known.selector !== selector) {
      known = { selector, rows: new Set(this.#find(budget)) }
      this.#byBudget.set(key, known)
    }
    return [...known.rows]
  }

  /** A pod came, or its labels changed, or it went; returns the keys of its budgets, and of those that it was one of. */
  changed(row: PodRow): readonly string[] {
    const before = this.#keysOf.get(row) ?? NONE
    const now = this.#budgetsOf(row)
    if (before.length === 0 && now.length === 0) return NONE
    const isThere = !this.#api.pods.isRemoved(row)
    for (const key of before) if (!isThere || !now.includes(key)) this.#byBudget.get(key)?.rows.delete(row)
    if (isThere) for (const key of now) this.#byBudget.get(key)?.rows.add(row)
    if (isThere && now.length > 0) this.#keysOf.set(row, now)
    else this.#keysOf.delete(row)
    return before === now ? now : [...new Set([...now, ...before])]
  }

  /** A budget came, or its selector changed: others may be about a template's pods by now. */
  selectorWritten(): void {
    this.#byTemplate.clear()
  }

  /** A budget is gone. */
  forget(key: string): void {
    this.#byBudget.delete(key)
    this.#byTemplate.clear()
  }

  #budgetsOf(row: PodRow): readonly string[] {
    const template = this.#api.pods.table.template(row)
    let keys = this.#byTemplate.get(template)
    if (keys === undefined) {
      const budgets = budgetsOf(this.#api, row)
      keys = budgets.length === 0 ? NONE : budgets.map(({ metadata }) => objectKey(metadata))
      this.#byTemplate.set(template, keys)
    }
    return keys
  }

  #find(budget: PodDisruptionBudget): PodRow[] {
    const { pods } = this.#api
    const key = objectKey(budget.metadata)
    return [...pods.table.stored()].filter((row) => {
      const { namespace, labels } = pods.infoOf(row).template.metadata
      if (!isAbout(budget, namespace, labels)) return false
      const known = this.#keysOf.get(row) ?? NONE
      if (!known.includes(key)) this.#keysOf.set(row, [...known, key])
      return true
    })
  }
}
