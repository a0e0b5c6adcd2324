import type { ContainerImage } from '../api/types.generated.ts'
import type { NodeImage, NodeIndex } from './framework/node-columns.ts'

/** Container images by node and name, and on how many nodes each name is. */
export class ImageIndex {
  readonly #byNode = new Map<NodeIndex, ReadonlyMap<string, NodeImage>>()
  readonly #nodeCount = new Map<string, number>()

  image(node: NodeIndex, name: string): NodeImage | undefined {
    return this.#byNode.get(node)?.get(name)
  }

  /** Number of nodes that hold an image under this name. */
  nodesWith(name: string): number {
    return this.#nodeCount.get(name) ?? 0
  }

  set(node: NodeIndex, images: readonly ContainerImage[]): void {
    this.remove(node)
    if (images.length === 0) return
    const byName = new Map<string, NodeImage>()
    for (const image of images) {
      const sizeBytes = Number(image.sizeBytes ?? 0)
      for (const name of image.names ?? []) byName.set(name, { sizeBytes })
    }
    this.#byNode.set(node, byName)
    for (const name of byName.keys()) this.#nodeCount.set(name, this.nodesWith(name) + 1)
  }

  remove(node: NodeIndex): void {
    for (const name of this.#byNode.get(node)?.keys() ?? []) {
      const left = this.nodesWith(name) - 1
      if (left === 0) this.#nodeCount.delete(name)
      else this.#nodeCount.set(name, left)
    }
    this.#byNode.delete(node)
  }
}
