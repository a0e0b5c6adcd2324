import type { NodeIndex } from './framework/node-columns.ts'

/** How many of the newest are kept: a power of two. */
const KEPT = 8192
const MASK = KEPT - 1

/** Nodes in the order in which something happened to them; the newest ones. */
export class NodeLog {
  readonly #nodes = new Int32Array(KEPT)
  #count = 0

  /** How often it happened. */
  get count(): number {
    return this.#count
  }

  add(node: NodeIndex): void {
    this.#nodes[this.#count & MASK] = node
    this.#count += 1
  }

  /** Whether all nodes since the count was this are still known. */
  covers(count: number): boolean {
    return this.#count - count <= KEPT
  }

  /** The node to which it happened as the count went from this to one more. */
  at(count: number): NodeIndex {
    return this.#nodes[count & MASK] as NodeIndex
  }
}
