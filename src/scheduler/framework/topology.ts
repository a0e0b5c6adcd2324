import type { NodeIndex } from './node-columns.ts'
import type { PodShape } from './pod-shape.ts'

/** The value of one label on every node, as numbers from 0; the empty text is 0. */
export interface Topology {
  readonly key: string
  /** Number of the node's value; -1 when the node does not have the label, or is not there. */
  valueAt(node: NodeIndex): number
  /** All numbers that were given are below it. */
  readonly valueCount: number
}

/** Which pods on nodes to count; asked once for each shape. */
export interface PodMatcher {
  matches(pod: PodShape): boolean
  /** Whether pods that are being deleted count. */
  readonly countsTerminating: boolean
}

/** The nodes that hold pods of one shape with terms of pod affinity, and how many each: equal places belong together. */
export interface AffinityPods {
  readonly shape: PodShape
  readonly nodes: readonly NodeIndex[]
  readonly counts: readonly number[]
}
