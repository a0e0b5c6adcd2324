import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

const NONE = -1
const FIRST_CAPACITY = 1024

/** Numbers of a pod, side by side in memory: the pods after and before it on its node, and the node. */
const STRIDE = 4
const NEXT = 0
const PREVIOUS = 1
const NODE = 2

/**
 * Which pods are on which node, as linked lists over rows: joining and leaving is O(1) and allocates nothing.
 */
export class PodsByNode {
  #links = new Int32Array(FIRST_CAPACITY * STRIDE).fill(NONE)
  readonly #first: number[] = []

  /** The pod is not on any node yet. */
  join(pod: PodRow, node: NodeRow): void {
    while ((pod + 1) * STRIDE > this.#links.length) this.#grow()
    while (this.#first.length <= node) this.#first.push(NONE)
    const links = this.#links
    const first = this.#first[node] ?? NONE
    links[pod * STRIDE + NEXT] = first
    links[pod * STRIDE + PREVIOUS] = NONE
    links[pod * STRIDE + NODE] = node
    if (first !== NONE) links[first * STRIDE + PREVIOUS] = pod
    this.#first[node] = pod
  }

  /** The pod is on a node. */
  leave(pod: PodRow): void {
    const links = this.#links
    const next = links[pod * STRIDE + NEXT] ?? NONE
    const previous = links[pod * STRIDE + PREVIOUS] ?? NONE
    if (next !== NONE) links[next * STRIDE + PREVIOUS] = previous
    if (previous === NONE) this.#first[links[pod * STRIDE + NODE] ?? 0] = next
    else links[previous * STRIDE + NEXT] = next
    links[pod * STRIDE + NODE] = NO_NODE
  }

  /** Pods on the node, the last to join first; a copy, so that they may leave meanwhile. */
  on(node: NodeRow): readonly PodRow[] {
    const pods: PodRow[] = []
    let pod = this.#first[node] ?? NONE
    for (; pod !== NONE; pod = this.#links[pod * STRIDE + NEXT] ?? NONE) pods.push(pod as PodRow)
    return pods
  }

  #grow(): void {
    const grown = new Int32Array(this.#links.length * 2).fill(NONE)
    grown.set(this.#links)
    this.#links = grown
  }
}
