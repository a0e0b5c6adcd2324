import type { Node } from '../../api/types.generated.ts'
import { NEVER } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { packingProblem } from './asks.ts'
import type { AskingPods } from './asks.ts'
import type { StaticPod } from './static-workload.ts'

/** Some equal pods that exist from one instant to just before another. */
export interface TimedTask {
  readonly from: Micros
  /** `NEVER` for one that stays. */
  readonly until: Micros
  readonly count: number
  /** One of them, named as the task. */
  readonly pod: StaticPod
}

/**
 * The first instant at which pods ask for most: for the largest share of what all nodes have, of the resource of which that is. 0 for
 * no pods. O(tasks · log tasks).
 */
export function peakOf(
  tasks: readonly TimedTask[],
  { nodes, ...asking }: Omit<AskingPods, 'pods'> & { readonly nodes: readonly Node[] },
): Micros {
  const { resources, machines, groups, groupOf } = packingProblem(
    { ...asking, pods: tasks.map(({ pod }) => pod) },
    nodes,
  )
  const whole = resources.map((_, resource) =>
    machines.reduce((sum, machine) => sum + (machine.amounts[resource] ?? 0) * machine.nodes.length, 0),
  )
  // Ends before arrivals at one instant: a pod is gone at its end.
  const changes = tasks.flatMap(({ from, until, count }, index) => [
    { at: from, index, change: count },
    ...(until === NEVER ? [] : [{ at: until, index, change: -count }]),
  ])
  changes.sort((one, other) => one.at - other.at || one.change - other.change || one.index - other.index)
  const sums = resources.map(() => 0)
  let peak = -1
  let peakAt = 0
  changes.forEach(({ at, index, change }, place) => {
    const amounts = groups[groupOf[index] ?? -1]?.amounts ?? []
    amounts.forEach((amount, resource) => (sums[resource] = (sums[resource] ?? 0) + change * amount))
    if (changes[place + 1]?.at === at) return
    const share = Math.max(...sums.map((sum, resource) => sum / Math.max(1, whole[resource] ?? 0)))
    if (share > peak) [peak, peakAt] = [share, at]
  })
  return peakAt
}
