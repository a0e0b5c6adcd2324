import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

const NONE = -1
const FIRST_CAPACITY = 1024

/**
 * Which pods are on which node, as linked lists over rows: joining and leaving is O(1) and allocates nothing.
 */
export class PodsByNode {
  #next = new Int32Array(FIRST_CAPACITY).fill(NONE)
  #previous = new Int32Array(FIRST_CAPACITY).fill(NONE)
  #node = new Int32Array(FIRST_CAPACITY).fill(NO_NODE)
  readonly #first: number[] = []

  /** The pod is not on any node yet. */
  join(pod: PodRow, node: NodeRow): void {
    while (pod >= this.#next.length) this.#grow()
    while (this.#first.length <= node) this.#first.push(NONE)
    const first = this.#first[node] ?? NONE
    this.#next[pod] = first
    this.#previous[pod] = NONE
    this.#node[pod] = node
    if (first !== NONE) this.#previous[first] = pod
    this.#first[node] = pod
  }

  leave(pod: PodRow): void {
    const next = this.#next[pod] ?? NONE
    const previous = this.#previous[pod] ?? NONE
    if (next !== NONE) this.#previous[next] = previous
    if (previous === NONE) this.#first[this.#node[pod] ?? 0] = next
    else this.#next[previous] = next
    this.#node[pod] = NO_NODE
  }

  /** Pods on the node, the last to join first; a copy, so that they may leave meanwhile. */
  on(node: NodeRow): readonly PodRow[] {
    const pods: PodRow[] = []
    for (let pod = this.#first[node] ?? NONE; pod !== NONE; pod = this.#next[pod] ?? NONE)
      pods.push(pod as PodRow)
    return pods
  }

  #grow(): void {
    this.#next = doubled(this.#next)
    this.#previous = doubled(this.#previous)
    this.#node = doubled(this.#node)
  }
}

function doubled(old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(old.length * 2).fill(NONE)
  grown.set(old)
  return grown
}
