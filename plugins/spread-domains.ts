import { firstUntolerated } from '../src/api/tolerations.ts'
import type { TolerationOptions } from '../src/api/tolerations.ts'
import type { NodePredicate } from '../src/api/selectors.ts'
import type { Toleration } from '../src/api/types.generated.ts'
import type {
  ClusterView,
  NodeIndex,
  PairWeigher,
  PairWeight,
  PodMatcher,
  PodShape,
  Topology,
} from '../src/scheduler/framework/index.ts'
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
  /** Whether every node has the labels of all constraints. */
  readonly isComplete: boolean
  /** By constraint. */
  readonly parts: readonly DomainPart[]
}

/** The domains of one constraint. */
export interface DomainPart {
  readonly topology: Topology
  /** By node: whether its pods count. */
  readonly counts: Readonly<Uint8Array>
  /** Values that some node that counts has, in order. */
  readonly domains: Int32Array
  /** How many values nodes have, counted or not; no label is the empty one. */
  readonly valueCount: number
  /** The constraint's pods on nodes that count, by domain; the same one whatever happens to nodes. */
  readonly weigher: SpreadWeigher
}

/** Counts a constraint's pods in its domains. */
class SpreadWeigher implements PairWeigher {
  readonly countsTerminating: boolean
  readonly isOfAffinityPods = false
  readonly takesUnlabelled = true
  nodes: Readonly<Uint8Array> = new Uint8Array(0)
  nodesRevision = -1
  readonly #counted: PodMatcher
  readonly #weights: readonly PairWeight[]

  constructor({ counted, topologyKey }: SpreadConstraint) {
    this.countsTerminating = counted.countsTerminating
    this.#counted = counted
    this.#weights = [{ topologyKey, weight: 1 }]
  }

  weigh(pod: PodShape): readonly PairWeight[] {
    return this.#counted.matches(pod) ? this.#weights : NOTHING
  }
}

const NOTHING: readonly PairWeight[] = Object.freeze([])

/** By constraints, which pods may share that differ in what nodes they want, and what those want. */
const known = new WeakMap<readonly SpreadConstraint[], WeakMap<Inclusion, SpreadDomains>>()

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
  // Asking for a topology brings its column up to date.
  const topologies = constraints.map((constraint) => cluster.topology(constraint.topologyKey))
  const knownOnes = known.get(constraints) ?? new WeakMap<Inclusion, SpreadDomains>()
  const before = knownOnes.get(inclusion)
  const revision = cluster.nodeLabelsRevision
  if (before?.revision === revision) return before
  const counts = countedNodes(constraints, topologies, { inclusion, cluster, needsAllKeys })
  const domains: SpreadDomains = {
    revision,
    isComplete: cluster.order.every((node) => hasAllKeys(topologies, node)),
    parts: constraints.map((constraint, place) => {
      const topology = topologies[place] ?? cluster.topology(constraint.topologyKey)
      const weigher = before?.parts[place]?.weigher ?? new SpreadWeigher(constraint)
      weigher.nodes = counts[place] ?? weigher.nodes
      weigher.nodesRevision = revision
      return partOf(topology, weigher, cluster)
    }),
  }
  knownOnes.set(inclusion, domains)
  known.set(constraints, knownOnes)
  return domains
}

/** By constraint and node: whether the node's pods count. */
function countedNodes(
  constraints: readonly SpreadConstraint[],
  topologies: readonly Topology[],
  {
    inclusion,
    cluster,
    needsAllKeys,
  }: { readonly inclusion: Inclusion; readonly cluster: ClusterView; readonly needsAllKeys: boolean },
): readonly Uint8Array[] {
  const size = cluster.order.reduce((most, node) => Math.max(most, node), -1) + 1
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
  return counts
}

function partOf(topology: Topology, weigher: SpreadWeigher, cluster: ClusterView): DomainPart {
  const counts = weigher.nodes
  const isValue = new Uint8Array(topology.valueCount)
  const isDomain = new Uint8Array(topology.valueCount)
  for (const node of cluster.order) {
    const value = Math.max(0, topology.valueAt(node))
    isValue[value] = 1
    if (counts[node] === 1) isDomain[value] = 1
  }
  const domains: number[] = []
  isDomain.forEach((is, value) => void (is === 1 && domains.push(value)))
  const valueCount = isValue.reduce((count, is) => count + is, 0)
  return { topology, counts, domains: Int32Array.from(domains), valueCount, weigher }
}

/** Whether the node has the labels of all the topologies. */
export function hasAllKeys(topologies: readonly Topology[], node: NodeIndex): boolean {
  return topologies.every((topology) => topology.valueAt(node) >= 0)
}
