import type { PodDisruptionBudget } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME, PHASE_PENDING } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import { EVICTED_BY_API } from '../cluster/pod-reason.ts'
import { budgetsOf } from './budget-pods.ts'

/** Most pods whose granted eviction a budget remembers (registry/core/pod/rest `MaxDisruptedPodSize`). */
const DISRUPTED_PODS_MAX = 2000

/** How an eviction came out: granted, or refused with the status code and the message of the API server. */
export type EvictionResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 429 | 500; readonly message: string }

const WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."

/**
 * Asks for the eviction of a pod, as `POST pods/NAME/eviction` does: refused while its disruption budget has nothing to give, else
 * the pod is deleted. `grace` is the pod's own by default.
 *
 * Source: kube-apiserver v1.37, registry/core/pod/storage `EvictionREST.Create`, `addConditionAndDeletePod` and `checkAndDecrement`.
 */
export function evictPod(api: ApiServer, row: PodRow, grace?: Micros): EvictionResult {
  const { pods } = api
  const { table } = pods
  const isFree =
    pods.isFinished(row) || table.phase(row) === PHASE_PENDING || table.deletingAt(row) !== NO_TIME
  const budgets = isFree ? [] : budgetsOf(api, row)
  const [budget] = budgets
  if (budgets.length > 1) {
    return {
      ok: false,
      code: 500,
      message:
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    }
  }
  if (budget !== undefined && !isUnhealthyAndFree(budget, table.isReady(row))) {
    const refusal = takeFrom(api, budget, pods.nameOf(row))
    if (refusal !== undefined) {
      api.tellBlockedEviction(row)
      return refusal
    }
  }
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: EVICTED_BY_API,
    message: 'Eviction API: evicting',
    lastTransitionTime: api.calendar.format(api.sim.now),
  }
  const others = (pods.detailsOf(row).conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget')
  pods.updateDetails(row, { conditions: [...others, condition] })
  pods.requestDeletion(row, { grace, reason: EVICTED_BY_API })
  return { ok: true }
}

/** Whether the budget lets a pod go that is not ready, without counting it. */
function isUnhealthyAndFree({ spec, status }: PodDisruptionBudget, isReady: boolean): boolean {
  if (isReady) return false
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

/** Takes one disruption from the budget; returns why it has none. */
function takeFrom(api: ApiServer, budget: PodDisruptionBudget, pod: string): EvictionResult | undefined {
  const { metadata, status } = budget
  const name = metadata?.name ?? ''
  if (status === undefined || (status.observedGeneration ?? 0) < (metadata?.generation ?? 0)) {
    return tooMany(`The disruption budget ${name} is still being processed by the server.`)
  }
  if (Object.keys(status.disruptedPods ?? {}).length > DISRUPTED_PODS_MAX) {
    return tooMany(`DisruptedPods map too big - too many evictions not confirmed by PDB controller`)
  }
  const { disruptionsAllowed: allowed = 0, desiredHealthy = 0, currentHealthy = 0 } = status
  if (allowed === 0) {
    return tooMany(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    )
  }
  const disruptionsAllowed = allowed - 1
  const now = api.calendar.format(api.sim.now)
  const disruptedPods = { ...status.disruptedPods, [pod]: now }
  const conditions = (status.conditions ?? []).map((condition) =>
    disruptionsAllowed > 0 || condition.type !== 'DisruptionAllowed'
      ? condition
      : { ...condition, status: 'False', reason: 'InsufficientPods', lastTransitionTime: now },
  )
  api
    .collection<PodDisruptionBudget>('PodDisruptionBudget')
    .update({ ...budget, status: { ...status, disruptionsAllowed, disruptedPods, conditions } })
  return undefined
}

function tooMany(detail: string): EvictionResult {
  return { ok: false, code: 429, message: `${WOULD_VIOLATE} ${detail}` }
}
