import { compileLabelSelector } from '../src/api/selectors.ts'
import type { PodDisruptionBudget } from '../src/api/types.generated.ts'
import type { PlacedPod } from '../src/scheduler/framework/index.ts'
import type { Victim } from './preemption-victims.ts'

/** A budget, with what it still allows. */
interface OpenBudget {
  readonly namespace: string
  readonly matches: (labels: Readonly<Record<string, string>>) => boolean
  readonly disrupted: Readonly<Record<string, unknown>>
  allowed: number
}

/**
 * Which victims could not all be removed within the budgets, with the number of their pods that could not: each pod takes
 * one from every budget that selects it, in order of importance; pods that the budget's status lists as disrupted were
 * counted before. A victim of several pods goes as a whole.
 *
 * Source: Kubernetes v1.37, scheduler framework/preemption `FilterVictimsWithPDBViolation`.
 */
export function splitByBudget(
  victims: readonly Victim[],
  budgets: readonly PodDisruptionBudget[],
): { readonly violating: ReadonlyMap<Victim, number>; readonly others: readonly Victim[] } {
  if (budgets.length === 0) return { violating: new Map(), others: victims }
  const open = budgets.map(openBudget)
  const violating = new Map<Victim, number>()
  const others: Victim[] = []
  for (const victim of victims) {
    // Every pod takes its share, whatever the first of them says.
    const count = victim.pods.filter((pod) => isViolating(pod, open)).length
    if (count > 0) violating.set(victim, count)
    else others.push(victim)
  }
  return { violating, others }
}

function openBudget({ metadata, spec, status }: PodDisruptionBudget): OpenBudget {
  const { selector } = spec ?? {}
  const isEmpty =
    selector === undefined ||
    (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0)
  return {
    namespace: metadata?.namespace ?? 'default',
    matches: isEmpty ? () => false : compileLabelSelector(selector),
    disrupted: status?.disruptedPods ?? {},
    allowed: status?.disruptionsAllowed ?? 0,
  }
}

function isViolating(pod: PlacedPod, budgets: readonly OpenBudget[]): boolean {
  const { labels, namespace } = pod.shape
  if (Object.keys(labels).length === 0) return false
  const name = pod.key.slice(pod.key.indexOf('/') + 1)
  let isOver = false
  for (const budget of budgets) {
    if (budget.namespace !== namespace || !budget.matches(labels)) continue
    if (budget.disrupted[name] !== undefined) continue
    budget.allowed -= 1
    if (budget.allowed < 0) isOver = true
  }
  return isOver
}
