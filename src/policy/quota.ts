import { addQuantities, compareQuantities, formatQuantity } from '../api/quantity.ts'
import type { ParsedQuantity } from '../api/quantity.ts'
import { resourceList } from '../api/resource-list.ts'
import type { ResourceList } from '../api/resource-list.ts'
import { listTexts } from '../api/resources.ts'
import type { Pod, ResourceQuota } from '../api/types.generated.ts'
import { matchesScopes } from './quota-scopes.ts'
import { isPodQuotaResource, unnamedResources } from './quota-usage.ts'

/** Whether a quota bounds pods such as this one. Source: Kubernetes v1.37, apiserver quota/v1/generic `Matches`. */
export function matchesQuota(quota: ResourceQuota, pod: Pod): boolean {
  return Object.keys(quota.status?.hard ?? {}).some(isPodQuotaResource) && matchesScopes(quota, pod)
}

/** Quotas as they are once the pod is in, or why it may not be created. */
export type QuotaVerdict =
  | { readonly ok: true; readonly quotas: readonly ResourceQuota[] }
  | { readonly ok: false; readonly reason: string }

/**
 * Charges a new pod to the quotas of its namespace: to those whose scopes it is in, for the resources that they bound.
 *
 * A quota whose use is not known yet refuses all. A quota that is exceeded already refuses only pods that add to what is exceeded.
 * Source: Kubernetes v1.37, apiserver admission/plugin/resourcequota `CheckRequest`, without limited resources.
 */
export function chargeQuotas(quotas: readonly ResourceQuota[], pod: Pod, usage: ResourceList): QuotaVerdict {
  const matching = quotas.filter((quota) => matchesQuota(quota, pod))
  for (const quota of matching) {
    const reason = unfitFor(quota, pod)
    if (reason !== undefined) return { ok: false, reason }
  }
  const negative = [...usage].filter(([, amount]) => amount.nano < 0n).map(([resource]) => resource)
  if (negative.length > 0) {
    const reason = `quota usage is negative for resource(s): ${negative.sort().join(',')}`
    return { ok: false, reason }
  }
  const charged = new Map<ResourceQuota, ResourceQuota>()
  for (const quota of matching) {
    const result = charge(quota, usage)
    if (typeof result === 'string') return { ok: false, reason: result }
    charged.set(quota, result)
  }
  return { ok: true, quotas: quotas.map((quota) => charged.get(quota) ?? quota) }
}

/**
 * As `chargeQuotas`, for an object that is no pod: quotas with scopes are about pods alone.
 *
 * Source: Kubernetes v1.37, apiserver admission/plugin/resourcequota `CheckRequest`.
 */
export function chargeObject(quotas: readonly ResourceQuota[], usage: ResourceList): QuotaVerdict {
  const charged: ResourceQuota[] = []
  for (const quota of quotas) {
    const bounded = Object.keys(quota.status?.hard ?? {}).filter((resource) => usage.has(resource))
    const isAbout = bounded.length > 0 && !hasScopes(quota)
    const unknown = isAbout ? unknownUse(quota, bounded) : undefined
    if (unknown !== undefined) return { ok: false, reason: unknown }
    const result = isAbout ? charge(quota, usage) : quota
    if (typeof result === 'string') return { ok: false, reason: result }
    charged.push(result)
  }
  return { ok: true, quotas: charged }
}

/** Whether a quota is about some pods only. */
export function hasScopes({ spec }: ResourceQuota): boolean {
  return (spec?.scopes ?? []).length + (spec?.scopeSelector?.matchExpressions ?? []).length > 0
}

function unfitFor(quota: ResourceQuota, pod: Pod): string | undefined {
  const bounded = Object.keys(quota.status?.hard ?? {}).filter(isPodQuotaResource)
  const missing = unnamedResources(bounded, pod)
  if (missing !== undefined) return `failed quota: ${quota.metadata?.name ?? ''}: ${missing}`
  return unknownUse(quota, bounded)
}

/** Why a quota refuses all: use of what it bounds is not known. */
function unknownUse({ metadata, status }: ResourceQuota, bounded: string[]): string | undefined {
  const used = status?.used ?? {}
  if (bounded.every((resource) => used[resource] !== undefined)) return undefined
  return `status unknown for quota: ${metadata?.name ?? ''}, resources: ${bounded.sort().join(',')}`
}

/** The quota with the pod charged, or why it is exceeded. */
function charge(quota: ResourceQuota, usage: ResourceList): ResourceQuota | string {
  const hard = resourceList(quota.status?.hard)
  const used = resourceList(quota.status?.used)
  const asked = [...usage].filter(([resource, amount]) => hard.has(resource) && amount.nano !== 0n)
  if (asked.length === 0) return quota
  const sums = new Map(used)
  const exceeded: string[] = []
  for (const [resource, amount] of asked) {
    const present = used.get(resource)
    const sum = present === undefined ? amount : addQuantities(present, amount)
    sums.set(resource, sum)
    const bound = hard.get(resource)
    if (bound !== undefined && compareQuantities(sum, bound) > 0) exceeded.push(resource)
  }
  if (exceeded.length === 0) return { ...quota, status: { ...quota.status, used: listTexts(sums) } }
  exceeded.sort()
  const parts = [
    `exceeded quota: ${quota.metadata?.name ?? ''}`,
    `requested: ${amountsText(exceeded, new Map(asked))}`,
    `used: ${amountsText(exceeded, used)}`,
    `limited: ${amountsText(exceeded, hard)}`,
  ]
  return parts.join(', ')
}

function amountsText(resources: readonly string[], amounts: ReadonlyMap<string, ParsedQuantity>): string {
  return resources
    .flatMap((resource) => {
      const amount = amounts.get(resource)
      return amount === undefined ? [] : [`${resource}=${formatQuantity(amount)}`]
    })
    .join(',')
}
