import type { NamespaceUse } from './framework/cluster-view.ts'
import type { NodeView } from './node-view.ts'
import type { PlacedShape } from './pod-shapes.ts'

/** What pods of one namespace on nodes ask for together. */
class Use implements NamespaceUse {
  cpu = 0
  memory = 0
  ephemeralStorage = 0
  readonly scalars = new Map<string, number>()
}

/**
 * What the pods on nodes ask for, by namespace. Counted from the first time that somebody asks, and then at every pod that joins or
 * leaves a node, on trial too.
 */
export class NamespaceRequests {
  readonly #byNamespace = new Map<string, Use>()

  /** Counts the pods that are on nodes: O(pods). */
  constructor(nodes: NodeView) {
    for (const node of nodes.order) {
      for (const pod of nodes.podRows(node)) {
        const size = { cpu: nodes.countedCpu(pod), memory: nodes.countedMemory(pod) }
        this.count(nodes.placedBaseOf(pod), size, 1)
      }
    }
  }

  of(namespace: string): NamespaceUse {
    return this.#useOf(namespace)
  }

  /** A pod joined a node (1) or left it (-1). */
  count(shape: PlacedShape, size: { readonly cpu: number; readonly memory: number }, sign: 1 | -1): void {
    const use = this.#useOf(shape.namespace)
    use.cpu += sign * size.cpu
    use.memory += sign * size.memory
    use.ephemeralStorage += sign * shape.requests.ephemeralStorage
    for (const [resource, amount] of shape.requests.scalars) {
      use.scalars.set(resource, (use.scalars.get(resource) ?? 0) + sign * amount)
    }
  }

  #useOf(namespace: string): Use {
    let use = this.#byNamespace.get(namespace)
    if (use === undefined) {
      use = new Use()
      this.#byNamespace.set(namespace, use)
    }
    return use
  }
}
