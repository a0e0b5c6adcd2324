import type { NodeColumns, NodeIndex } from './node-columns.ts'
import type { PodGroupLister } from './pod-groups.ts'
import type { PodShape } from './pod-shape.ts'
import type { AffinityPods, PairSums, PairWeigher, PodMatcher, Topology } from './topology.ts'

/** Follows the objects of one kind. */
export interface ChangedKeys {
  /** Keys of the objects that changed since the last call; undefined for the first, and when they are too many: look at all. */
  take(): ReadonlySet<string> | undefined
}

/** A pod that is nominated to a node: room was made for it there. */
export interface NominatedPod {
  /** `namespace/name`. */
  readonly key: string
  readonly shape: PodShape
  readonly priority: number
}

/** What pods on nodes ask for together; changes with them, on trial too. */
export interface NamespaceUse {
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  /** Bytes. */
  readonly ephemeralStorage: number
  /** Extended resources, in units. */
  readonly scalars: ReadonlyMap<string, number>
}

/**
 * The cluster as `prepare` sees it: all nodes, and other objects by kind, with what bindings that are under way will
 * make of them. A state may hold it until the scheduling cycle ends.
 */
export interface ClusterView {
  readonly nodes: NodeColumns
  /** Numbers of the nodes in the order in which the scheduler's snapshot lists them. */
  readonly order: readonly NodeIndex[]
  readonly groups: PodGroupLister
  /** Pods that are nominated to nodes that are there. */
  nominatedPods(): readonly NominatedPod[]
  /** Number of a node by name. */
  nodeNamed(name: string): NodeIndex | undefined
  /** Object of a kind by `name` or `namespace/name`, as stored in the API server. */
  object(kind: string, key: string): unknown
  /** All objects of a kind in order of creation. */
  objects(kind: string): Iterable<unknown>
  /** Number of stored objects of a kind. */
  count(kind: string): number
  /** Changes whenever an object of the kind is written. */
  revisionOf(kind: string): number
  /** Tells from now on which objects of a kind change, for a view that follows them one by one. */
  follow(kind: string): ChangedKeys
  /** Changes whenever a Node comes or goes, or its labels or its spec change: its taints, or that it takes no pods. */
  readonly nodeLabelsRevision: number
  /** The most that any node has allocatable of a resource, in millicores, bytes or units; 0 when none has it. */
  mostAllocatable(resource: string): number
  /** What the pods of a namespace that are on nodes, bound or assumed, ask for; O(pods) when it is asked for the first time. */
  namespaceUse(namespace: string): NamespaceUse
  /** The values of a node label, numbered. */
  topology(key: string): Topology
  /** How many pods each node holds that a matcher matches; brought up to date by the call. The matcher is known by identity. */
  podCounts(matcher: PodMatcher): Readonly<Int32Array>
  /** What pods on nodes add to topology pairs; brought up to date by the call. The weigher is known by identity. */
  pairSums(weigher: PairWeigher): PairSums
  /** Pods on nodes that have terms of pod affinity or anti-affinity, by shape. */
  affinityPods(): Iterable<AffinityPods>
  /** Number of such shapes. */
  readonly affinityShapeCount: number
  /** Number of nodes that hold an image under this name. */
  nodesWithImage(name: string): number
}
