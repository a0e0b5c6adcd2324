import { firstUntolerated } from '../src/api/tolerations.ts'
import type { TolerationOptions } from '../src/api/tolerations.ts'
import type { NodePredicate } from '../src/api/selectors.ts'
import type { Toleration } from '../src/api/types.generated.ts'
import type { ClusterView, NodeIndex, Topology } from '../src/scheduler/framework/index.ts'
import type { SpreadConstraint } from './spread-constraints.ts'

/** What of a pod decides whether a node counts. */
export interface Inclusion {
  readonly requires: NodePredicate | undefined
  readonly tolerations: readonly Toleration[]
  readonly options: TolerationOptions
}

/** Which nodes count for a list of constraints, as long as no Node object changes. */
export interface SpreadDomains {
  readonly revision: number
  readonly topologies: readonly Topology[]
  /** By constraint and node: whether the node's pods count. */
  readonly counts: readonly Uint8Array[]
}

const known = new WeakMap<readonly SpreadConstraint[], SpreadDomains>()

/**
 * The nodes that count: those that node affinity and taints let in where a constraint honors them, and, with
 * `needsAllKeys`, that have the labels of all constraints.
 */
export function spreadDomains(
  constraints: readonly SpreadConstraint[],
  inclusion: Inclusion,
  cluster: ClusterView,
  needsAllKeys: boolean,
): SpreadDomains {
  const before = known.get(constraints)
  // Asking for a topology brings its column up to date.
  const topologies = constraints.map((constraint) => cluster.topology(constraint.topologyKey))
  if (before?.revision === cluster.nodeObjectsRevision) return before
  const size = Math.max(-1, ...cluster.order) + 1
  const counts = constraints.map(() => new Uint8Array(size))
  for (const node of cluster.order) {
    if (needsAllKeys && !hasAllKeys(topologies, node)) continue
    const isWanted = inclusion.requires?.(cluster.nodes.labels(node), cluster.nodes.name(node)) ?? true
    const taints = cluster.nodes.taints(node)
    const isTolerated =
      firstUntolerated(taints, inclusion.tolerations, ['NoSchedule', 'NoExecute'], inclusion.options) ===
      undefined
    constraints.forEach((constraint, place) => {
      if (constraint.honorsNodeAffinity && !isWanted) return
      if (constraint.honorsNodeTaints && !isTolerated) return
      const column = counts[place]
      if (column !== undefined) column[node] = 1
    })
  }
  const domains = { revision: cluster.nodeObjectsRevision, topologies, counts }
  known.set(constraints, domains)
  return domains
}

/** Whether the node has the labels of all the topologies. */
export function hasAllKeys(topologies: readonly Topology[], node: NodeIndex): boolean {
  return topologies.every((topology) => topology.valueAt(node) >= 0)
}
