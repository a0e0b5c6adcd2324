import { compileLabelSelector } from '../api/selectors.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { PodDisruptionBudget } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { PodRow } from '../cluster/rows.ts'

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

/** The pods of each budget: a view that is told of changes, so that a budget's status does not take a look at all pods. */
export class BudgetPods {
  readonly #api: ApiServer
  readonly #byBudget = new Map<
    string,
    { readonly selector: object | undefined; readonly rows: Set<PodRow> }
  >()

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
    const isThere = !this.#api.pods.isRemoved(row)
    const now = new Set(budgetsOf(this.#api, row).map(({ metadata }) => objectKey(metadata)))
    const touched = new Set(now)
    for (const [key, { rows }] of this.#byBudget) {
      if (isThere && now.has(key)) rows.add(row)
      else if (rows.delete(row)) touched.add(key)
    }
    return [...touched]
  }

  /** A budget is gone. */
  forget(key: string): void {
    this.#byBudget.delete(key)
  }

  #find(budget: PodDisruptionBudget): PodRow[] {
    const { pods } = this.#api
    return [...pods.table.stored()].filter((row) => {
      const { namespace, labels } = pods.infoOf(row).template.metadata
      return isAbout(budget, namespace, labels)
    })
  }
}
