import type { GroupAssignment } from '../src/scheduler/framework/index.ts'
import type { ScoringStrategy } from './fit-scoring-strategy.ts'
import { allocatableOf, isScalar, nonZeroRequestedOf, requestOf } from './resource-columns.ts'
import type { ResourceColumns } from './resource-columns.ts'

/**
 * Score of the nodes of a placement as if they were one, with the pods that would come. A resource that is none of cpu,
 * memory and ephemeral storage counts when one of these pods asks for it; devices do not.
 *
 * Source: Kubernetes v1.37, scheduler plugins/noderesources `scorePlacement`.
 */
export function scorePlacement(
  strategy: ScoringStrategy,
  nodes: ResourceColumns,
  { placement, pods }: GroupAssignment,
): number {
  return strategy.score((index) => {
    const resource = strategy.resources[index]?.name ?? ''
    let requested = 0
    for (const pod of pods) requested += requestOf(resource, pod, true)
    if (requested === 0 && isScalar(resource)) return undefined
    let allocatable = 0
    for (const node of placement.nodes) {
      const has = allocatableOf(resource, node, nodes)
      if (has === 0) continue
      allocatable += has
      requested += nonZeroRequestedOf(resource, node, nodes)
    }
    return allocatable === 0 ? undefined : { allocatable, requested }
  })
}
