import type { NodeIndex } from './framework/node-columns.ts'

/** How many of the newest are kept. */
const KEPT = 8192

/** Nodes that may take pods they did not take before: a pod left them, or the node itself changed; the newest ones. */
export class GrownNodes {
  readonly #nodes = new Int32Array(KEPT)
  #count = 0

  /** How often a node has grown. */
  get count(): number {
    return this.#count
  }

  add(node: NodeIndex): void {
    this.#nodes[this.#count % KEPT] = node
    this.#count += 1
  }

  /** Whether the nodes that grew since the count was this are all still known. */
  covers(count: number): boolean {
    return this.#count - count <= KEPT
  }

  /** The node that grew as the count went from this to one more. */
  at(count: number): NodeIndex {
    return this.#nodes[count % KEPT] ?? 0
  }
}
