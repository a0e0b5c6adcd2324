import type { ContainerImage } from '../api/types.generated.ts'
import { widened } from '../base/widen.ts'
import type { NodeImage, NodeIndex } from './framework/node-columns.ts'

/** An image by one of its names, on all nodes that hold it. */
class KnownImage implements NodeImage {
  readonly sizeBytes: number
  nodeCount = 0
  /** A bit a node: whether it holds the image. */
  #holders = new Uint32Array(4)

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes
  }

  isOn(node: NodeIndex): boolean {
    return (((this.#holders[node >> 5] ?? 0) >>> (node & 31)) & 1) === 1
  }

  /** Does nothing when the node is known to hold it, or known not to. */
  setOn(node: NodeIndex, isOn: boolean): void {
    if (this.isOn(node) === isOn) return
    const word = node >> 5
    if (word >= this.#holders.length) this.#holders = widened(this.#holders, word * 2)
    this.#holders[word] = (this.#holders[word] as number) ^ (1 << (node & 31))
    this.nodeCount += isOn ? 1 : -1
  }
}

/**
 * Container images by node and name, and on how many nodes each name is. Its size is what the first of these nodes said,
 * for all of them, as long as one holds it.
 *
 * Source: Kubernetes v1.37, scheduler backend/cache `addNodeImageStates`.
 */
export class ImageIndex {
  readonly #namesOf = new Map<NodeIndex, readonly string[]>()
  readonly #known = new Map<string, KnownImage>()

  image(node: NodeIndex, name: string): NodeImage | undefined {
    const known = this.#known.get(name)
    return known?.isOn(node) === true ? known : undefined
  }

  /** Number of nodes that hold an image under this name. */
  nodesWith(name: string): number {
    return this.#known.get(name)?.nodeCount ?? 0
  }

  set(node: NodeIndex, images: readonly ContainerImage[]): void {
    this.remove(node)
    if (images.length === 0) return
    for (const image of images) {
      for (const name of image.names ?? []) {
        let known = this.#known.get(name)
        if (known === undefined) {
          known = new KnownImage(Number(image.sizeBytes ?? 0))
          this.#known.set(name, known)
        }
        known.setOn(node, true)
      }
    }
    this.#namesOf.set(
      node,
      images.flatMap(({ names = [] }) => names),
    )
  }

  remove(node: NodeIndex): void {
    for (const name of this.#namesOf.get(node) ?? []) {
      const known = this.#known.get(name)
      if (known === undefined) continue
      known.setOn(node, false)
      if (known.nodeCount === 0) this.#known.delete(name)
    }
    this.#namesOf.delete(node)
  }
}
