import type { NodeIndex } from './framework/node-columns.ts'
import type { AffinityPods } from './framework/topology.ts'
import type { PlacedShape } from './pod-shapes.ts'

/** Nodes with pods of one shape; a node that loses its last one leaves the list. */
class ShapeNodes implements AffinityPods {
  readonly shape: PlacedShape
  readonly nodes: NodeIndex[] = []
  readonly counts: number[] = []
  readonly #places = new Map<NodeIndex, number>()

  constructor(shape: PlacedShape) {
    this.shape = shape
  }

  add(node: NodeIndex, sign: 1 | -1): void {
    const place = this.#places.get(node)
    if (place === undefined) {
      this.#places.set(node, this.nodes.length)
      this.nodes.push(node)
      this.counts.push(sign)
      return
    }
    const count = (this.counts[place] ?? 0) + sign
    this.counts[place] = count
    if (count === 0) this.#drop(node, place)
  }

  #drop(node: NodeIndex, place: number): void {
    this.#places.delete(node)
    const lastNode = this.nodes.pop()
    const lastCount = this.counts.pop()
    if (lastNode === undefined || lastCount === undefined || lastNode === node) return
    this.nodes[place] = lastNode
    this.counts[place] = lastCount
    this.#places.set(lastNode, place)
  }
}

/** The pods on nodes that have terms of pod affinity or anti-affinity, by shape. */
export class AffinityShapes {
  readonly #byShape = new Map<PlacedShape, ShapeNodes>()
  #changes = 0

  /** Shapes with pods on some node, in order of appearance. */
  list(): Iterable<AffinityPods & { readonly shape: PlacedShape }> {
    return this.#byShape.values()
  }

  get size(): number {
    return this.#byShape.size
  }

  /** How often a shape came or went. */
  get changes(): number {
    return this.#changes
  }

  /** A pod of the shape joined the node (1) or left it (-1). */
  count(shape: PlacedShape, node: NodeIndex, sign: 1 | -1): void {
    let nodes = this.#byShape.get(shape)
    if (nodes === undefined) {
      nodes = new ShapeNodes(shape)
      this.#changes += 1
      this.#byShape.set(shape, nodes)
    }
    nodes.add(node, sign)
    if (nodes.nodes.length > 0) return
    this.#byShape.delete(shape)
    this.#changes += 1
  }
}
