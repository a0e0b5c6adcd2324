import { formatQuantity } from '../quantity.ts'
import { aggregateLimits, aggregateRequests, isPodLevelResource } from '../resources.ts'
import type { Pod, PodSpec, Quantity, ResourceRequirements } from '../types.generated.ts'
import type { Amounts } from './amounts.ts'
import { withChanged } from './fields.ts'
import { defaultPod } from './pods.ts'

/** Sums over containers alone. */
const CONTAINERS = { skipPodLevel: true, excludeOverhead: true }

/**
 * The spec of a new pod with the pod-level amounts that follow from its containers, where it has some of its own: limits of huge
 * pages from the containers' limits; where there are limits, requests of cpu and memory from the containers' requests, else
 * from the limits; where there are only requests, limits of cpu and memory if every container has one.
 *
 * The API server does this after the admission plugins that change pods, before those that refuse them.
 * Source: Kubernetes v1.37, `DefaultPodLevelResources` (huge pages, then requests, then limits).
 */
export function defaultPodLevelResources(spec: PodSpec): PodSpec {
  const given = spec.resources
  if (Object.keys(given?.requests ?? {}).length + Object.keys(given?.limits ?? {}).length === 0) return spec
  const withPages = { ...given, ...someOf('limits', hugePageLimits(spec, given ?? {})) }
  const withRequests = { ...withPages, ...someOf('requests', podRequests(spec, withPages)) }
  return { ...spec, resources: { ...withRequests, ...someOf('limits', podLimits(spec, withRequests)) } }
}

/** A pod as the API server keeps it once it is created: defaulted, with its pod-level amounts. */
export function defaultCreatedPod(pod: Pod): Pod {
  const defaulted = defaultPod(pod)
  return withChanged(defaulted, 'spec', defaultPodLevelResources)
}

function someOf<Part extends 'limits' | 'requests'>(
  part: Part,
  amounts: Amounts,
): { [Key in Part]?: Amounts } {
  return Object.keys(amounts).length === 0 ? {} : ({ [part]: amounts } as { [Key in Part]: Amounts })
}

function hugePageLimits(spec: PodSpec, { requests, limits }: ResourceRequirements): Amounts {
  const filled: Record<string, Quantity> = { ...limits }
  for (const [resource, amount] of aggregateLimits({ spec }, CONTAINERS)) {
    if (!resource.startsWith('hugepages-') || requests?.[resource] !== undefined) continue
    filled[resource] ??= formatQuantity(amount)
  }
  return filled
}

function podRequests(spec: PodSpec, { requests = {}, limits = {} }: ResourceRequirements): Amounts {
  if (Object.keys(limits).length === 0) return requests
  const filled: Record<string, Quantity> = { ...requests }
  for (const [resource, amount] of aggregateRequests({ spec }, CONTAINERS)) {
    if (isOvercommitted(resource)) filled[resource] ??= formatQuantity(amount)
  }
  for (const [resource, amount] of Object.entries(limits)) {
    if (isPodLevelResource(resource)) filled[resource] ??= amount
  }
  return filled
}

function podLimits(spec: PodSpec, { requests = {}, limits = {} }: ResourceRequirements): Amounts {
  const hasLimits = Object.keys(limits).some(isPodLevelResource)
  if (hasLimits || !Object.keys(requests).some(isPodLevelResource)) return limits
  const filled: Record<string, Quantity> = { ...limits }
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  for (const [resource, amount] of aggregateLimits({ spec }, CONTAINERS)) {
    if (!isOvercommitted(resource)) continue
    const isLimitedThroughout = containers.every(
      ({ resources }) => resources?.limits?.[resource] !== undefined,
    )
    if (isLimitedThroughout) filled[resource] ??= formatQuantity(amount)
  }
  return filled
}

/** Pods may have more of it limited than the node has: cpu and memory, not huge pages. */
function isOvercommitted(resource: string): boolean {
  return resource === 'cpu' || resource === 'memory'
}
