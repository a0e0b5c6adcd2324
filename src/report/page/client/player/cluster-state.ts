import type { Player } from '../../report-data.ts'
import { countText, shareText } from '../format.ts'
import type { Placement } from './placement.ts'
import { capacities, offeredResources } from './pod-columns.ts'
import type { PlayerResource, PodColumns } from './pod-columns.ts'

/** The cluster at an instant, in numbers. */
export interface ClusterState {
  readonly pods: number
  /** Pods without a node. */
  readonly waiting: number
  /** Bound, and not running yet. */
  readonly starting: number
  /** Nodes that are there, those down included. */
  readonly nodes: number
  readonly down: number
  readonly empty: number
  /** Parts of what the nodes that are up have; of pods on them. */
  readonly used: readonly (readonly [resource: PlayerResource, share: number])[]
}

/** Sums up a placement: O(nodes + pods on them). */
export function clusterState(player: Player, pods: PodColumns, placement: Placement): ClusterState {
  const resources = offeredResources(player)
  const totals = resources.map((resource) => capacities(player, resource))
  const requested = resources.map(() => 0)
  const available = resources.map(() => 0)
  const counts = { starting: 0, nodes: 0, down: 0, empty: 0 }
  for (let node = 0; node < player.nodes.length; node++) {
    const state = placement.stateOf(node)
    const rows = placement.podsOn(node)
    for (const row of rows) if (placement.isStarting(row)) counts.starting++
    if (state === 'absent') continue
    counts.nodes++
    if (state === 'down') {
      counts.down++
      continue
    }
    if (rows.length === 0) counts.empty++
    for (let index = 0; index < resources.length; index++) {
      const column = pods[resources[index] ?? 'cpu']
      available[index] = (available[index] ?? 0) + (totals[index]?.[node] ?? 0)
      for (const row of rows) requested[index] = (requested[index] ?? 0) + (column[row] ?? 0)
    }
  }
  return {
    ...counts,
    pods: placement.podCount,
    waiting: placement.waiting.count,
    used: resources.map((resource, index) => {
      const total = available[index] ?? 0
      return [resource, total === 0 ? 0 : (requested[index] ?? 0) / total]
    }),
  }
}

/** The state in a sentence. */
export function stateSentence(state: ClusterState): string {
  const parts = [
    `${countText(state.pods, 'pod')} on ${countText(state.nodes, 'node')}`,
    ...(state.waiting > 0 ? [`${countText(state.waiting, 'pod waits', 'pods wait')} for a node`] : []),
    ...(state.starting > 0 ? [`${state.starting} starting`] : []),
    ...state.used.map(([resource, share]) => `${RESOURCE_WORDS[resource]} ${shareText(share)} requested`),
    ...(state.down > 0 ? [`${countText(state.down, 'node')} down`] : []),
    ...(state.empty > 0 ? [`${countText(state.empty, 'node')} empty`] : []),
  ]
  return `${parts.join(', ')}.`
}

/** Resources as texts name them. */
export const RESOURCE_WORDS: Readonly<Record<PlayerResource, string>> = {
  cpu: 'CPU',
  memory: 'memory',
  gpu: 'GPU',
}
