import { NO_NODE } from '../cluster/rows.ts'
import type { RandomStream } from '../base/random.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { SCORE_MAX } from './framework/plugin.ts'
import type { GroupAssignment, GroupPlacement, PodGroupContext } from './framework/pod-groups.ts'
import { runPlugin } from './plugin-call.ts'
import type { GroupInCycle, GroupTry, PodGroupCycle } from './pod-group-cycle.ts'
import type { PodGroups } from './pod-groups.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

const NOBODY_FITS = 'no pods were schedulable'

/** A placement that will do, and the cycle of the group in it. */
interface Feasible {
  readonly placement: GroupPlacement
  readonly result: GroupTry
}

/**
 * Runs the scheduling cycle of a PodGroup in each of the placements that PlacementGenerate plugins make of the nodes, and
 * takes the one with the highest score; without such plugins, once in all nodes.
 *
 * Source: kube-scheduler v1.37, `podGroupSchedulingPlacementAlgorithm`. Equal scores are decided by a draw there as well.
 */
export class PodGroupPlacements {
  readonly #cluster: SchedulerCluster
  readonly #groups: PodGroups
  readonly #cycle: PodGroupCycle
  readonly #ties: RandomStream

  constructor(parts: {
    cluster: SchedulerCluster
    groups: PodGroups
    cycle: PodGroupCycle
    /** Draws between placements of equal score. */
    ties: RandomStream
  }) {
    this.#cluster = parts.cluster
    this.#groups = parts.groups
    this.#cycle = parts.cycle
    this.#ties = parts.ties
  }

  /**
   * The cycle of the group; `wantsVerdicts` says of which pods each node's verdict is to be kept. A group of which no pod
   * has been given a node is rejected, whatever PlacementFeasible says.
   */
  run(group: GroupInCycle, wantsVerdicts: (pod: QueuedPod) => boolean): GroupTry {
    const result = this.#run(group, wantsVerdicts)
    const isInVain = result.outcome === 'scheduled' && result.members.every(({ node }) => node === NO_NODE)
    return isInVain ? { ...result, outcome: 'rejected', message: NOBODY_FITS } : result
  }

  #run(group: GroupInCycle, wantsVerdicts: (pod: QueuedPod) => boolean): GroupTry {
    if (group.profile.placementGenerate.length === 0) return this.#cycle.run(group, wantsVerdicts)
    const context = this.#contextOf(group)
    const placements = this.#generate(group, context)
    if ('error' in placements) {
      return { outcome: 'error', message: placements.error, rejectedBy: [], members: [] }
    }
    let first: GroupTry | undefined
    const feasible: Feasible[] = []
    for (const placement of placements) {
      const nodes = placement.nodes.length === this.#cluster.order.length ? undefined : placement.nodes
      this.#cluster.restrictTo(nodes)
      const tried = this.#cycle.run(group, wantsVerdicts)
      this.#cluster.restrictTo(undefined)
      const result = nodes === undefined ? tried : { ...tried, nodes }
      if (result.outcome === 'error') return result
      first ??= result
      if (result.outcome === 'scheduled') feasible.push({ placement, result })
    }
    return this.#best(group, context, feasible) ?? rejected(first, placements.length)
  }

  #contextOf({ state }: GroupInCycle): PodGroupContext {
    const { nodes } = this.#cluster
    const { name = '', namespace = 'default' } = state.group.metadata ?? {}
    const scheduled = this.#groups.scheduledOf(`${namespace}/${name}`)
    const scheduledOn = [...scheduled].map((pod): NodeIndex => nodes.placementOf(pod))
    return {
      cluster: this.#cluster,
      group: state.group,
      scheduledOn: scheduledOn.filter((node) => node !== NO_NODE),
    }
  }

  #generate(
    { profile }: GroupInCycle,
    context: PodGroupContext,
  ): readonly GroupPlacement[] | { readonly error: string } {
    for (const index of profile.placementGenerate) {
      const plugin = profile.plugins[index]
      if (plugin === undefined) continue
      const made = runPlugin(plugin.name, 'placementGenerate', () => plugin.placementGenerate?.(context))
      if (made !== undefined) return made
    }
    return [{ name: '', nodes: this.#cluster.order }]
  }

  #best(
    { profile, state }: GroupInCycle,
    context: PodGroupContext,
    feasible: readonly Feasible[],
  ): GroupTry | undefined {
    if (feasible.length < 2) return feasible[0]?.result
    const assignments = feasible.map((one) => assignmentOf(one, state.scheduledCount))
    const totals = feasible.map(() => 0)
    for (const index of profile.placementScore) {
      const plugin = profile.plugins[index]
      if (plugin === undefined) continue
      const raw = assignments.map(
        (assignment) =>
          runPlugin(plugin.name, 'placementScore', () => plugin.placementScore?.(context, assignment)) ?? 0,
      )
      const scores = plugin.placementNormalize === 'max' ? byMaximum(raw) : raw
      scores.forEach((score, place) => {
        totals[place] = (totals[place] ?? 0) + score * (profile.placementWeights[index] ?? 1)
      })
    }
    const best = Math.max(...totals)
    const ties = feasible.filter((_, place) => totals[place] === best)
    return ties[ties.length === 1 ? 0 : this.#ties.integer(ties.length)]?.result
  }
}

function assignmentOf({ placement, result }: Feasible, scheduledBefore: number): GroupAssignment {
  const placed = result.members.filter(({ node }) => node !== NO_NODE)
  return { placement, pods: placed.map(({ pod }) => pod.shape), scheduled: scheduledBefore + placed.length }
}

function byMaximum(scores: readonly number[]): readonly number[] {
  const most = Math.max(...scores)
  return scores.map((score) => (most === 0 ? 0 : Math.floor((score * SCORE_MAX) / most)))
}

/** No placement will do: the first one's word stands for all. */
function rejected(first: GroupTry | undefined, count: number): GroupTry {
  if (first === undefined) {
    return { outcome: 'rejected', message: 'no placements are available', rejectedBy: [], members: [] }
  }
  return {
    ...first,
    message: `0/${count} placements are available, first placement status: ${first.message}`,
  }
}
