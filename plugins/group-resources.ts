import { nodeAmounts } from '../src/api/node-amounts.ts'
import { formatQuantity } from '../src/api/quantity.ts'
import type { ClusterView, CoscheduledState, NodeIndex, PodShape } from '../src/scheduler/framework/index.ts'

/**
 * What all nodes together lack of a group's `minResources` and of places for `minMember` pods, as Go prints a map; undefined when they have it.
 * Its own pods on nodes count as free.
 *
 * Source: kubernetes-sigs/scheduler-plugins, pkg/coscheduling/core `CheckClusterResource`: what is there is taken off node by node, and a
 * resource of which enough was found is not looked at again.
 */
export function resourceGap(state: CoscheduledState, cluster: ClusterView): string | undefined {
  const { minMember = 0, minResources } = state.group.spec ?? {}
  const missing = new Map([...nodeAmounts(minResources), ['pods', minMember] as const])
  const own = new Map<NodeIndex, PodShape[]>()
  for (const { pod, node } of state.placed()) own.set(node, [...(own.get(node) ?? []), pod])
  for (const node of cluster.order) {
    for (const [resource, amount] of missing) {
      const free = freeOf(cluster, node, resource) + sumOf(own.get(node) ?? [], resource)
      if (amount <= free) missing.delete(resource)
      else missing.set(resource, amount - free)
    }
    if (missing.size === 0) return undefined
  }
  const sorted = [...missing].sort(([one], [other]) => (one < other ? -1 : 1))
  return `map[${sorted.map(([resource, amount]) => `${resource}:${quantityOf(resource, amount)}`).join(' ')}]`
}

/** What a node has free, in millicores, bytes or units. */
function freeOf({ nodes }: ClusterView, node: NodeIndex, resource: string): number {
  switch (resource) {
    case 'cpu':
      return nodes.allocatableCpu(node) - nodes.requestedCpu(node)
    case 'memory':
      return nodes.allocatableMemory(node) - nodes.requestedMemory(node)
    case 'ephemeral-storage':
      return nodes.allocatableEphemeralStorage(node) - nodes.requestedEphemeralStorage(node)
    case 'pods':
      return nodes.allocatablePods(node) - nodes.podCount(node)
    default:
      return nodes.allocatableScalar(node, resource) - nodes.requestedScalar(node, resource)
  }
}

function sumOf(pods: readonly PodShape[], resource: string): number {
  let sum = 0
  for (const { requests } of pods) {
    if (resource === 'pods') sum += 1
    else if (resource === 'ephemeral-storage') sum += requests.ephemeralStorage
    else if (resource === 'cpu' || resource === 'memory') sum += requests[resource]
    else sum += requests.scalars.get(resource) ?? 0
  }
  return sum
}

function quantityOf(resource: string, amount: number): string {
  const nano = resource === 'cpu' ? BigInt(amount) * 1_000_000n : BigInt(amount) * 1_000_000_000n
  return formatQuantity({ nano, format: resource === 'memory' ? 'BinarySI' : 'DecimalSI' })
}
