import type { ContainerImage } from '../api/types.generated.ts'
import type { NodeImage, NodeIndex } from './framework/node-columns.ts'

/** An image by one of its names, on all nodes that hold it. */
interface KnownImage extends NodeImage {
  nodeCount: number
}

/**
 * Container images by node and name, and on how many nodes each name is. Its size is what the first of these nodes said,
 * for all of them, as long as one holds it.
 *
 * Source: Kubernetes v1.37, scheduler backend/cache `addNodeImageStates`.
 */
export class ImageIndex {
  readonly #byNode = new Map<NodeIndex, ReadonlySet<string>>()
  readonly #known = new Map<string, KnownImage>()

  image(node: NodeIndex, name: string): NodeImage | undefined {
    return this.#byNode.get(node)?.has(name) === true ? this.#known.get(name) : undefined
  }

  /** Number of nodes that hold an image under this name. */
  nodesWith(name: string): number {
    return this.#known.get(name)?.nodeCount ?? 0
  }

  set(node: NodeIndex, images: readonly ContainerImage[]): void {
    this.remove(node)
    if (images.length === 0) return
    const names = new Set<string>()
    for (const image of images) {
      for (const name of image.names ?? []) {
        if (names.has(name)) continue
        names.add(name)
        const known = this.#known.get(name)
        if (known === undefined) {
          this.#known.set(name, { sizeBytes: Number(image.sizeBytes ?? 0), nodeCount: 1 })
        } else known.nodeCount += 1
      }
    }
    this.#byNode.set(node, names)
  }

  remove(node: NodeIndex): void {
    for (const name of this.#byNode.get(node) ?? []) {
      const known = this.#known.get(name)
      if (known === undefined) continue
      known.nodeCount -= 1
      if (known.nodeCount === 0) this.#known.delete(name)
    }
    this.#byNode.delete(node)
  }
}
