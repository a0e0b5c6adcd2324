import type { Node, Taint } from '../api/types.generated.ts'
import { assert } from '../base/assert.ts'
import type { NodeIndex } from './framework/node-columns.ts'

const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({})
const NO_TAINTS: readonly Taint[] = Object.freeze([])

/** Node objects of the view, and columns of what filters read of them most: reading those chases no pointers. */
export class NodeObjects {
  readonly #nodes: (Node | undefined)[] = []
  readonly #names: string[] = []
  readonly #labels: Readonly<Record<string, string>>[] = []
  readonly #taints: (readonly Taint[])[] = []
  readonly #unschedulable: boolean[] = []

  /** A Node came, changed, or went (undefined); returns the one before. */
  set(index: NodeIndex, node: Node | undefined): Node | undefined {
    const old = this.#nodes[index]
    while (this.#nodes.length < index) this.#put(this.#nodes.length, undefined)
    this.#put(index, node)
    return old
  }

  has(index: NodeIndex): boolean {
    return this.#nodes[index] !== undefined
  }

  object(index: NodeIndex): Node {
    const node = this.#nodes[index]
    assert(node !== undefined, () => `node ${index} is not in the scheduler's view`)
    return node
  }

  name(index: NodeIndex): string {
    return this.#names[index] ?? ''
  }

  labels(index: NodeIndex): Readonly<Record<string, string>> {
    return this.#labels[index] ?? NO_LABELS
  }

  annotations(index: NodeIndex): Readonly<Record<string, string>> {
    return this.object(index).metadata?.annotations ?? NO_LABELS
  }

  taints(index: NodeIndex): readonly Taint[] {
    return this.#taints[index] ?? NO_TAINTS
  }

  unschedulable(index: NodeIndex): boolean {
    return this.#unschedulable[index] === true
  }

  #put(index: NodeIndex, node: Node | undefined): void {
    this.#nodes[index] = node
    this.#names[index] = node?.metadata?.name ?? ''
    this.#labels[index] = node?.metadata?.labels ?? NO_LABELS
    this.#taints[index] = node?.spec?.taints ?? NO_TAINTS
    this.#unschedulable[index] = node?.spec?.unschedulable === true
  }
}
