import { canonicalJson } from '../base/go-json.ts'
import type { Condition, PodDisruptionBudget } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { Controller } from '../cluster/controller.ts'
import type { Reconciled } from '../cluster/controller.ts'
import { POD_STATE_EVENTS } from '../cluster/pod-event.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { ClientLimits } from '../cluster/client.ts'
import type { Simulation } from '../engine/simulation.ts'
import { BudgetPods } from './budget-pods.ts'
import { expectedScale } from './controller-scales.ts'
import { DELETION_TIMEOUT_SECONDS, disruptionsAllowed, wantedHealth } from './disruption-budget.ts'

type Status = NonNullable<PodDisruptionBudget['status']>

/** What the controller of budgets works with. */
export interface DisruptionParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly limits?: ClientLimits
}

/**
 * Keeps the status of PodDisruptionBudgets: how many pods are healthy and have to be, how many disruptions are allowed, which
 * pods are about to go. It looks when a budget or one of its pods has changed; what the pods' controllers want it reads then.
 *
 * Source: kube-controller-manager v1.37, disruption `NewDisruptionController`, `trySync`.
 */
export function startDisruptionController({ sim, api, limits }: DisruptionParts): Controller {
  const budgets = api.collection<PodDisruptionBudget>('PodDisruptionBudget')
  const budgetPods = new BudgetPods(api)
  const controller = new Controller(sim, {
    name: 'disruption-controller',
    // The real one has a single worker.
    workers: 1,
    ...(limits === undefined ? {} : { limits }),
    reconcile: (key, calls) => {
      const budget = budgets.get(key)
      if (budget === undefined) return undefined
      const { status, recheckAfter } = synced(api, budget, budgetPods.of(budget))
      if (canonicalJson(budget.status) !== canonicalJson(status)) {
        calls.do(() => {
          const current = budgets.get(key)
          return current === undefined || budgets.update({ ...current, status }).ok
        })
      }
      return recheckAfter === undefined ? undefined : ({ after: recheckAfter } satisfies Reconciled)
    },
  })
  api.watch({
    name: 'disruption-controller',
    from: 1,
    podEvents: POD_STATE_EVENTS,
    ignores: () => budgets.size === 0,
    kinds: ['PodDisruptionBudget'],
    onPod: ({ pod }) => {
      for (const key of budgetPods.changed(pod)) controller.queue.add(key)
    },
    onObject: ({ verb, key, old, new: now }) => {
      if (verb === 'DELETED') budgetPods.forget(key)
      else if (selectorOf(old) !== selectorOf(now)) budgetPods.selectorWritten()
      controller.queue.add(key)
    },
  })
  return controller
}

function selectorOf(object: unknown): object | undefined {
  return (object as PodDisruptionBudget | undefined)?.spec?.selector
}

function synced(
  api: ApiServer,
  budget: PodDisruptionBudget,
  pods: readonly PodRow[],
): { readonly status: Status; readonly recheckAfter: Micros | undefined } {
  const { now } = api.sim
  const { disruptedPods, recheckAfter } = disruptedPodsOf(api, budget, pods, now)
  const { table } = api.pods
  const areSomeDisrupted = Object.keys(disruptedPods).length > 0
  let currentHealthy = 0
  for (const row of pods) {
    if (!table.isReady(row) || table.deletingAt(row) !== NO_TIME) continue
    if (areSomeDisrupted && disruptedPods[api.pods.nameOf(row)] !== undefined) continue
    currentHealthy += 1
  }
  let scale: number | undefined = 0
  const wanted = wantedHealth(budget.spec ?? {}, pods.length, () => {
    scale = expectedScale(api, pods)
    return scale ?? 0
  })
  const old = budget.status
  const generation = budget.metadata?.generation
  if (scale === undefined) {
    // A pod's controller has no scale: nothing is allowed until that is mended.
    const failed = condition(api, old, 'False', 'SyncFailed', generation, now)
    return {
      status: { ...emptyStatus(), ...old, disruptionsAllowed: 0, conditions: [failed] },
      recheckAfter,
    }
  }
  const allowed = disruptionsAllowed(currentHealthy, wanted)
  const said = allowed > 0 ? (['True', 'SufficientPods'] as const) : (['False', 'InsufficientPods'] as const)
  const status: Status = {
    conditions: [condition(api, old, said[0], said[1], generation, now)],
    currentHealthy,
    desiredHealthy: wanted.desiredHealthy,
    disruptionsAllowed: allowed,
    expectedPods: wanted.expectedPods,
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }
  return { status, recheckAfter }
}

function emptyStatus(): Status {
  return { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
}

/** Pods whose eviction was granted, and whose deletion is still to be seen; those for too long are forgotten. */
function disruptedPodsOf(
  api: ApiServer,
  budget: PodDisruptionBudget,
  pods: readonly PodRow[],
  now: Micros,
): { readonly disruptedPods: Record<string, string>; readonly recheckAfter: Micros | undefined } {
  const known = budget.status?.disruptedPods ?? {}
  const disruptedPods: Record<string, string> = {}
  let recheckAfter: Micros | undefined
  for (const row of Object.keys(known).length === 0 ? [] : pods) {
    const name = api.pods.nameOf(row)
    const since = known[name]
    if (since === undefined || api.pods.table.deletingAt(row) !== NO_TIME) continue
    const left = api.calendar.parse(since) + DELETION_TIMEOUT_SECONDS * SECOND - now
    if (left < 0) continue
    disruptedPods[name] = since
    // It is forgotten once that time is over, not at its end.
    recheckAfter = Math.min(recheckAfter ?? left + 1, left + 1)
  }
  return { disruptedPods, recheckAfter }
}

/** The condition DisruptionAllowed, with the time of its last change. */
function condition(
  api: ApiServer,
  old: Status | undefined,
  status: 'True' | 'False',
  reason: string,
  generation: number | undefined,
  now: Micros,
): Condition {
  const before = old?.conditions?.find(({ type }) => type === 'DisruptionAllowed')
  return {
    type: 'DisruptionAllowed',
    status,
    reason,
    message: '',
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : api.calendar.format(now),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }
}
