import { parseQuantity } from '../api/quantity.ts'
import type { ParsedQuantity } from '../api/quantity.ts'
import type { ResourceList } from '../api/resource-list.ts'
import { resourceList } from '../api/resource-list.ts'
import { aggregateLimits, aggregateRequests, isPodLevelResource } from '../api/resources.ts'
import type { Container, Pod } from '../api/types.generated.ts'
import { MILLISECOND, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/** Resources of pods that a quota may bound, by name. */
const POD_RESOURCES: ReadonlySet<string> = new Set([
  'count/pods',
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
])

/** Resources that every container must name itself where a quota bounds them. */
const DEMANDED: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
])

const ONE: ParsedQuantity = parseQuantity(1) ?? { nano: 0n, format: 'DecimalSI' }

/** Whether a quota's resource is one of pods: a count, compute, huge pages, or an extended resource as `requests.<name>`. */
export function isPodQuotaResource(resource: string): boolean {
  return (
    POD_RESOURCES.has(resource) ||
    resource.startsWith('hugepages-') ||
    resource.startsWith('requests.hugepages-') ||
    (resource.startsWith('requests.') && !isNative(resource))
  )
}

/** A resource of Kubernetes itself: without a domain, or of kubernetes.io. */
function isNative(resource: string): boolean {
  return !resource.includes('/') || resource.includes('kubernetes.io/')
}

/**
 * What a pod counts for in quotas at a time (microseconds since 1970).
 *
 * A pod that has finished, or whose deletion is overdue, counts as an object only.
 * Source: Kubernetes v1.37, quota/v1/evaluator/core `PodUsageFunc`.
 */
export function podQuotaUsage(pod: Pod, now: Micros): ResourceList {
  const usage = new Map<string, ParsedQuantity>([['count/pods', ONE]])
  if (!usesCompute(pod, now)) return usage
  const requests = aggregateRequests(pod, { useStatus: true })
  const limits = aggregateLimits(pod, { useStatus: true })
  for (const [resource, amount] of computeUsage(requests, limits)) usage.set(resource, amount)
  return usage
}

function usesCompute({ metadata, status }: Pod, now: Micros): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {}
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  const deletedAt = Date.parse(deletionTimestamp) * MILLISECOND
  return now <= deletedAt + deletionGracePeriodSeconds * SECOND
}

/**
 * Requests and limits under the names that quotas give them.
 *
 * Source: Kubernetes v1.37, quota/v1/evaluator/core `podComputeUsageHelper`.
 */
export function computeUsage(requests: ResourceList, limits: ResourceList): Map<string, ParsedQuantity> {
  const usage = new Map<string, ParsedQuantity>([['pods', ONE]])
  for (const resource of ['cpu', 'memory', 'ephemeral-storage']) {
    const request = requests.get(resource)
    if (request !== undefined) usage.set(resource, request).set(`requests.${resource}`, request)
    const limit = limits.get(resource)
    if (limit !== undefined) usage.set(`limits.${resource}`, limit)
  }
  for (const [resource, request] of requests) {
    if (resource.startsWith('hugepages-')) usage.set(resource, request).set(`requests.${resource}`, request)
    else if (!isNative(resource)) usage.set(`requests.${resource}`, request)
  }
  return usage
}

/**
 * What containers fail to name of the resources that a quota bounds, as the API server words it; undefined when they name all.
 * Nothing is demanded of pods with pod-level amounts.
 *
 * Source: Kubernetes v1.37, quota/v1/evaluator/core `podEvaluator.Constraints`.
 */
export function unnamedResources(bounded: Iterable<string>, { spec }: Pod): string | undefined {
  const { requests, limits } = spec?.resources ?? {}
  if (Object.keys({ ...requests, ...limits }).some(isPodLevelResource)) return undefined
  const demanded = [...bounded].filter((resource) => DEMANDED.has(resource)).sort()
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const missing = demanded.flatMap((resource) => {
    const names = containers.filter((container) => !namedBy(container).has(resource)).map(({ name }) => name)
    return names.length === 0 ? [] : [`${resource} for: ${[...new Set(names)].sort().join(',')}`]
  })
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`
}

function namedBy({ resources }: Container): ReadonlyMap<string, ParsedQuantity> {
  return computeUsage(resourceList(resources?.requests), resourceList(resources?.limits))
}
