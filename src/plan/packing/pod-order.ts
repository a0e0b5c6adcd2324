import { packingProblem } from './asks.ts'
import type { StaticWorkload } from './static-workload.ts'

/** In which order pods of one priority are created, and so packed. */
export type PodOrder = 'creation' | 'largest'

/**
 * The workload with its pods as they came, or the largest first: by the largest share that a pod asks of what the largest machine has of any
 * resource, as first fit decreasing packs; equal ones as they came.
 */
export function inOrder(workload: StaticWorkload, order: PodOrder): StaticWorkload {
  if (order === 'creation') return workload
  const { resources, machines, groups, groupOf } = packingProblem(workload, workload.nodes)
  const largest = resources.map((_, r) => Math.max(1e-9, ...machines.map(({ amounts }) => amounts[r] ?? 0)))
  const sizes = groups.map(({ amounts }) =>
    Math.max(...amounts.map((amount, r) => amount / (largest[r] ?? 1))),
  )
  const places = workload.pods.map((_, place) => place)
  const sizeOf = (place: number): number => sizes[groupOf[place] ?? -1] ?? 0
  places.sort((one, other) => sizeOf(other) - sizeOf(one) || one - other)
  return { ...workload, pods: places.flatMap((place) => workload.pods[place] ?? []) }
}
