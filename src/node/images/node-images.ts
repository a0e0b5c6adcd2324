import type { ContainerImage } from '../../api/types.generated.ts'
import type { Micros } from '../../base/time.ts'
import type { ImageLayer } from './image-options.ts'

/** An image that a node has. */
interface KeptImage {
  readonly layers: readonly ImageLayer[]
  readonly since: Micros
  usedAt: Micros
  /** Containers that run with it. */
  users: number
}

/** The images of one node and the layers that they share. */
export class NodeImages {
  readonly #images = new Map<string, KeptImage>()
  /** How many images have each layer. */
  readonly #layers = new Map<string, number>()
  #bytes = 0

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes
  }

  has(image: string): boolean {
    return this.#images.has(image)
  }

  /** Full names, in the order in which they came. */
  names(): readonly string[] {
    return [...this.#images.keys()]
  }

  /** The images as a node's status lists them. */
  list(): readonly ContainerImage[] {
    return [...this.#images].map(([name, { layers }]) => ({
      names: [name],
      sizeBytes: layers.reduce((sum, { size }) => sum + size, 0),
    }))
  }

  /** Bytes that have to come for an image of these layers. */
  missing(layers: readonly ImageLayer[]): number {
    return layers.reduce((sum, { digest, size }) => sum + (this.#layers.has(digest) ? 0 : size), 0)
  }

  /** The image is there from now on. */
  add(image: string, layers: readonly ImageLayer[], now: Micros): void {
    if (this.#images.has(image)) return
    this.#images.set(image, { layers, since: now, usedAt: now, users: 0 })
    for (const { digest, size } of layers) {
      const count = this.#layers.get(digest) ?? 0
      if (count === 0) this.#bytes += size
      this.#layers.set(digest, count + 1)
    }
  }

  /** A container runs with the image from now on, or does not any more. */
  use(image: string, isUsed: boolean, now: Micros): void {
    const kept = this.#images.get(image)
    if (kept === undefined) return
    kept.users = Math.max(0, kept.users + (isUsed ? 1 : -1))
    kept.usedAt = now
  }

  /** No container runs any more. */
  release(): void {
    for (const kept of this.#images.values()) kept.users = 0
  }

  /**
   * Removes images that nobody uses, those first that were used longest ago, until so many bytes are free, but none younger
   * than `minAge`; returns the bytes. Source: kubelet v1.37, images/image_gc_manager.go `freeSpace`.
   */
  free(bytes: number, now: Micros, minAge: Micros): number {
    const before = this.#bytes
    const unused = [...this.#images].filter(([, { users }]) => users === 0)
    const oldest = unused.toSorted(
      ([, one], [, other]) => one.usedAt - other.usedAt || one.since - other.since,
    )
    for (const [image, kept] of oldest) {
      if (before - this.#bytes >= bytes) break
      if (kept.usedAt >= now || now - kept.since < minAge) continue
      this.#remove(image, kept)
    }
    return before - this.#bytes
  }

  #remove(image: string, { layers }: KeptImage): void {
    this.#images.delete(image)
    for (const { digest, size } of layers) {
      const count = (this.#layers.get(digest) ?? 1) - 1
      if (count > 0) this.#layers.set(digest, count)
      else {
        this.#layers.delete(digest)
        this.#bytes -= size
      }
    }
  }
}
