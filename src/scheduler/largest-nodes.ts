import type { NodeIndex } from './framework/node-columns.ts'
import type { NodeView } from './node-view.ts'

/** The most that any node has of each resource; looked for again when a Node object has changed. */
export class LargestNodes {
  readonly #nodes: NodeView
  readonly #known = new Map<string, number>()
  #epoch = -1

  constructor(nodes: NodeView) {
    this.#nodes = nodes
  }

  /** O(1) while no Node object changes, O(nodes) after. */
  of(resource: string): number {
    const { staticEpoch, order } = this.#nodes
    if (this.#epoch !== staticEpoch) {
      this.#epoch = staticEpoch
      this.#known.clear()
    }
    let most = this.#known.get(resource)
    if (most === undefined) {
      most = 0
      for (const node of order) most = Math.max(most, this.#allocatable(resource, node))
      this.#known.set(resource, most)
    }
    return most
  }

  #allocatable(resource: string, node: NodeIndex): number {
    switch (resource) {
      case 'cpu':
        return this.#nodes.allocatableCpu(node)
      case 'memory':
        return this.#nodes.allocatableMemory(node)
      case 'ephemeral-storage':
        return this.#nodes.allocatableEphemeralStorage(node)
      default:
        return this.#nodes.allocatableScalar(node, resource)
    }
  }
}
