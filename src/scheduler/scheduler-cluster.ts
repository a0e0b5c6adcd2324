import type { ApiServer } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import type { ChangedKeys, ClusterView, NamespaceUse, NominatedPod } from './framework/cluster-view.ts'
import type { AffinityPods, PairSums, PairWeigher, PodMatcher } from './framework/topology.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { AssumedObjects } from './assumed-objects.ts'
import { LargestNodes } from './largest-nodes.ts'
import { NamespaceRequests } from './namespace-requests.ts'
import { Nominations } from './nominations.ts'
import { NodeView } from './node-view.ts'
import { ObjectChanges } from './object-changes.ts'
import { PairSumsByWeigher } from './pair-sums.ts'
import { PodCounts } from './pod-counts.ts'
import { PodGroups } from './pod-groups.ts'
import { PodShapes } from './pod-shapes.ts'
import { TopologyColumn } from './topology-columns.ts'

const NOBODY: readonly NominatedPod[] = Object.freeze([])

/** All that a scheduling cycle looks at: the node view, nominated pods, and the other objects of the API server. */
export class SchedulerCluster implements ClusterView {
  readonly api: ApiServer
  readonly shapes: PodShapes
  readonly nodes: NodeView
  readonly nominations: Nominations
  /** Pods of each PodGroup, as the scheduler knows them. */
  readonly groups: PodGroups
  readonly assumed = new AssumedObjects()
  readonly #counts: PodCounts
  #placement: readonly NodeIndex[] | undefined
  readonly #pairSums: PairSumsByWeigher
  readonly #largest: LargestNodes
  #fixesSums = false
  readonly #topologies = new Map<string, TopologyColumn>()

  constructor(api: ApiServer) {
    this.api = api
    this.shapes = new PodShapes(api.pods)
    this.nominations = new Nominations(this.shapes)
    this.nodes = new NodeView(this.shapes)
    this.groups = new PodGroups(api, (row) => ({
      pod: this.shapes.shapeOf(row),
      node: this.nodes.placementOf(row),
    }))
    this.#counts = new PodCounts(this.nodes)
    this.#largest = new LargestNodes(this.nodes)
    this.#pairSums = new PairSumsByWeigher(this.nodes, (key) => this.topology(key))
  }

  get order(): readonly NodeIndex[] {
    return this.nodes.order
  }

  /** The nodes that pods are tried on, in order: all of them, unless they are restricted. */
  get searchOrder(): readonly NodeIndex[] {
    return this.#placement ?? this.nodes.order
  }

  /** Whether pods are tried on some of the nodes only: those of a placement of their group. */
  get isRestricted(): boolean {
    return this.#placement !== undefined
  }

  /** Restricts the search to these nodes, in this order; undefined for all. Plugins see all nodes all the same. */
  restrictTo(nodes: readonly NodeIndex[] | undefined): void {
    this.#placement = nodes
  }

  /** Whether a node is there, and pods are tried on it; O(nodes of the placement) while they are restricted. */
  searches(node: NodeIndex): boolean {
    return this.nodes.has(node) && (this.#placement === undefined || this.#placement.includes(node))
  }

  nodeNamed(name: string): NodeIndex | undefined {
    const row = this.api.nodeRows.rowOf(name)
    return row !== undefined && this.nodes.has(row) ? row : undefined
  }

  nominatedPods(): readonly NominatedPod[] {
    const { nominations, shapes } = this
    if (nominations.size === 0) return NOBODY
    return [...nominations.nodes()]
      .filter((node) => this.nodes.has(node))
      .flatMap((node) => nominations.on(node))
      .map((row) => ({
        key: shapes.keyOf(row),
        shape: shapes.shapeOf(row),
        priority: shapes.priorityOf(row),
      }))
  }

  object(kind: string, key: string): unknown {
    return this.assumed.get(kind, key) ?? this.api.collection<StoredObject>(kind).get(key)
  }

  objects(kind: string): Iterable<unknown> {
    return this.assumed.list(kind, this.api.collection<StoredObject>(kind))
  }

  count(kind: string): number {
    return this.api.collection<StoredObject>(kind).size
  }

  revisionOf(kind: string): number {
    return this.api.collection<StoredObject>(kind).writes + this.assumed.logOf(kind).count
  }

  follow(kind: string): ChangedKeys {
    return new ObjectChanges(this.api.collection<StoredObject>(kind), this.assumed)
  }

  get nodeLabelsRevision(): number {
    return this.nodes.labelEpoch
  }

  mostAllocatable(resource: string): number {
    return this.#largest.of(resource)
  }

  namespaceUse(namespace: string): NamespaceUse {
    this.nodes.namespaceRequests ??= new NamespaceRequests(this.nodes)
    return this.nodes.namespaceRequests.of(namespace)
  }

  /** Counts all that a plugin may look at to say whether it is idle: equal means that it says the same. */
  get idleChanges(): number {
    const { nodes, assumed, api } = this
    return api.objectWrites + assumed.changes + nodes.staticEpoch + nodes.affinity.changes
  }

  topology(key: string): TopologyColumn {
    let column = this.#topologies.get(key)
    if (column === undefined) {
      column = new TopologyColumn(key, this.nodes)
      this.#topologies.set(key, column)
    }
    column.refresh()
    return column
  }

  podCounts(matcher: PodMatcher): Int32Array {
    return this.#counts.of(matcher)
  }

  pairSums(weigher: PairWeigher): PairSums {
    const sums = this.#pairSums.of(weigher)
    return this.#fixesSums ? copyOf(sums) : sums
  }

  /** Runs the body with sums that do not follow the view: for states that are asked again when others were made since. */
  withFixedSums<Result>(body: () => Result): Result {
    this.#fixesSums = true
    const result = body()
    this.#fixesSums = false
    return result
  }

  affinityPods(): Iterable<AffinityPods> {
    return this.nodes.affinity.list()
  }

  get affinityShapeCount(): number {
    return this.nodes.affinity.size
  }

  nodesWithImage(name: string): number {
    return this.nodes.images.nodesWith(name)
  }
}

function copyOf({ columns, count, total }: PairSums): PairSums {
  return { columns: columns.map(({ topology, sums }) => ({ topology, sums: sums.slice() })), count, total }
}
