import type { NodeIndex } from './framework/node-columns.ts'

/** A node with what it was scored. */
export interface ScoredNode {
  readonly node: NodeIndex
  /** Sum of the weighted scores. */
  readonly total: number
  /** What each score plugin returned, by plugin number, before normalisation. */
  readonly raw: ReadonlyMap<number, number>
}

/**
 * Scored nodes as a binary heap, the highest total first; equals go by the order that building the heap leaves.
 *
 * The array is a complete binary tree: children of i at 2i+1 and 2i+2. Source: Go's container/heap, which kube-scheduler
 * v1.37 keeps its found nodes in.
 */
export class ScoredHeap {
  readonly #nodes: ScoredNode[]

  /** Builds the heap from nodes in the order in which they were found. O(count). */
  constructor(nodes: readonly ScoredNode[]) {
    this.#nodes = [...nodes]
    for (let i = Math.floor(nodes.length / 2) - 1; i >= 0; i--) this.#siftDown(i)
  }

  get size(): number {
    return this.#nodes.length
  }

  /** The array as it stands. */
  get nodes(): readonly ScoredNode[] {
    return this.#nodes
  }

  /** Takes the root: the last node goes there and is sifted down. */
  pop(): ScoredNode | undefined {
    const root = this.#nodes[0]
    const last = this.#nodes.pop()
    if (last === undefined || this.#nodes.length === 0) return root
    this.#nodes[0] = last
    this.#siftDown(0)
    return root
  }

  /** To the left child unless the right one is higher, and only to a child that is higher. */
  #siftDown(from: number): void {
    const nodes = this.#nodes
    for (let i = from; ;) {
      let child = 2 * i + 1
      const left = nodes[child]
      if (left === undefined) return
      const right = nodes[child + 1]
      if (right !== undefined && right.total > left.total) child += 1
      const higher = nodes[child]
      const own = nodes[i]
      if (higher === undefined || own === undefined || higher.total <= own.total) return
      nodes[i] = higher
      nodes[child] = own
      i = child
    }
  }
}
