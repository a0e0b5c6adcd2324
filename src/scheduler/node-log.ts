import type { TemplateId } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'

/** How many of the newest are kept, unless somebody says so: a power of two. */
const KEPT = 65_536

/** What happened was about the node itself, not about a pod on it. */
export const NO_TEMPLATE = -1 as TemplateId

/** Nodes in the order in which something happened to them; the newest ones. */
export class NodeLog {
  readonly #nodes: Int32Array
  readonly #templates: Int32Array
  readonly #mask: number
  #count = 0

  /** Keeps so many of the newest, a power of two. */
  constructor(kept = KEPT) {
    this.#nodes = new Int32Array(kept)
    this.#templates = new Int32Array(kept)
    this.#mask = kept - 1
  }

  /** How often it happened. */
  get count(): number {
    return this.#count
  }

  /** `template`: of the pod that came to the node, or left it. */
  add(node: NodeIndex, template = NO_TEMPLATE): void {
    this.#nodes[this.#count & this.#mask] = node
    this.#templates[this.#count & this.#mask] = template
    this.#count += 1
  }

  /** Whether all nodes since the count was this are still known. */
  covers(count: number): boolean {
    return this.#count - count <= this.#nodes.length
  }

  /** The node to which it happened as the count went from this to one more. */
  at(count: number): NodeIndex {
    return this.#nodes[count & this.#mask] as NodeIndex
  }

  /** The template of the pod with which it happened then. */
  templateAt(count: number): TemplateId {
    return this.#templates[count & this.#mask] as TemplateId
  }
}
