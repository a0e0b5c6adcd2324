import { compareQuantities } from './quantity.ts'
import { addToList, resourceList } from './resource-list.ts'
import type { ParsedQuantity } from './quantity.ts'
import type { Pod } from './types.generated.ts'

/** Quality of service class of a pod. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

/**
 * The class of a pod: Guaranteed when every container has limits of cpu and memory equal to its requests, BestEffort
 * when no container has any, Burstable otherwise; pod-level resources decide where they are set.
 *
 * Source: Kubernetes v1.37, apis/core/v1/helper/qos `ComputePodQOS`.
 */
export function qosClassOf(pod: Pod): QosClass {
  const requests = new Map<string, ParsedQuantity>()
  const limits = new Map<string, ParsedQuantity>()
  let isGuaranteed = true
  const podLevel = pod.spec?.resources
  if (podLevel?.requests !== undefined || podLevel?.limits !== undefined) {
    addPositive(requests, podLevel.requests)
    addPositive(limits, podLevel.limits)
    if (!(limits.has('cpu') && limits.has('memory'))) isGuaranteed = false
  } else {
    for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
      addPositive(requests, container.resources?.requests)
      const own = addPositive(limits, container.resources?.limits)
      if (!(own.has('cpu') && own.has('memory'))) isGuaranteed = false
    }
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  if (!isGuaranteed || requests.size !== limits.size) return 'Burstable'
  for (const [resource, request] of requests) {
    const limit = limits.get(resource)
    if (limit === undefined || compareQuantities(limit, request) !== 0) return 'Burstable'
  }
  return 'Guaranteed'
}

/** Adds the positive amounts of cpu and memory to the sums; returns which there were. */
function addPositive(
  sums: Map<string, ParsedQuantity>,
  amounts: Parameters<typeof resourceList>[0],
): ReadonlySet<string> {
  const positive = [...resourceList(amounts)].filter(
    ([resource, amount]) => (resource === 'cpu' || resource === 'memory') && amount.nano > 0n,
  )
  addToList(sums, new Map(positive))
  return new Set(positive.map(([resource]) => resource))
}
