import type { NodeIndex } from './node-columns.ts'
import type { PodShape } from './pod-shape.ts'

/** The value of one label on every node, as numbers from 0; the empty text is 0. */
export interface Topology {
  readonly key: string
  /** Number of the node's value; -1 when the node does not have the label, or is not there. */
  valueAt(node: NodeIndex): number
  /** The same by node, for loops over many nodes; replaced when nodes come. */
  readonly values: Readonly<Int32Array>
  /** All numbers that were given are below it. */
  readonly valueCount: number
}

/** Which pods on nodes to count; asked once for each shape. */
export interface PodMatcher {
  matches(pod: PodShape): boolean
  /** Whether pods that are being deleted count. */
  readonly countsTerminating: boolean
}

/** What a pod adds to the pair of a node label and the value that the pod's node has of it. */
export interface PairWeight {
  readonly topologyKey: string
  /** An integer. */
  readonly weight: number
}

/** What pods on nodes add to topology pairs; asked once for each shape. */
export interface PairWeigher {
  weigh(pod: PodShape): readonly PairWeight[]
  /** Whether pods that are being deleted count. */
  readonly countsTerminating: boolean
  /** Whether only pods with terms of pod affinity add anything. */
  readonly isOfAffinityPods: boolean
  /** By node, whether its pods count; all do when left out. */
  readonly nodes?: Readonly<Uint8Array> | undefined
  /** Changes whenever `nodes` does. */
  readonly nodesRevision?: number
  /** Whether a node without the label counts as of its empty value; otherwise it does not count. */
  readonly takesUnlabelled?: boolean
}

/** What was added to the pairs of one label. */
export interface PairColumn {
  readonly topology: Topology
  /** By number of the value. */
  readonly sums: Readonly<Float64Array>
}

/** What a weigher's pods add, by topology pair: as it stands, and changed when they are. */
export interface PairSums {
  readonly columns: readonly PairColumn[]
  /** How many weights were added, whatever they were. */
  readonly count: number
  /** Sum of all that was added. */
  readonly total: number
}

/** A filter in terms of pairs: a node passes when the sum of its pair is from `least` to `most`. */
export interface PairCheck {
  readonly topology: Topology
  /** By number of the value. */
  readonly sums: ArrayLike<number>
  readonly least: number
  readonly most: number
  /** Whether a node without the label passes. */
  readonly passesWithout: boolean
}

/** What one label gives a node: `amount × factor + offset`, nothing when the node does not have it. */
export interface PairPart {
  readonly topology: Topology
  /** By node where `isByNode`, else by number of the value. */
  readonly amounts: ArrayLike<number>
  readonly isByNode: boolean
  readonly factor: number
  readonly offset: number
}

/** A raw score in terms of pairs: the sum of the parts, rounded; 0 for nodes without a label, where all are needed. */
export interface PairScore {
  readonly parts: readonly PairPart[]
  readonly needsAllLabels: boolean
}

/** The nodes that hold pods of one shape with terms of pod affinity, and how many each: equal places belong together. */
export interface AffinityPods {
  readonly shape: PodShape
  readonly nodes: readonly NodeIndex[]
  readonly counts: readonly number[]
}
