import { widened } from '../base/widen.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

const NONE = -1

/** The pods of each node, in order of arrival: lists linked through columns, joined and left in O(1). */
export class NodePods {
  #next = new Int32Array(1024).fill(NONE)
  #previous = new Int32Array(1024).fill(NONE)
  #node = new Int32Array(1024).fill(NO_NODE)
  readonly #head: number[] = []
  readonly #tail: number[] = []

  /** Node whose list the pod is on, or `NO_NODE`. */
  nodeOf(pod: PodRow): NodeRow {
    return (this.#node[pod] ?? NO_NODE) as NodeRow
  }

  add(pod: PodRow, node: NodeRow): void {
    while (pod >= this.#next.length) this.#grow()
    const tail = this.#tail[node] ?? NONE
    this.#node[pod] = node
    this.#previous[pod] = tail
    this.#next[pod] = NONE
    if (tail === NONE) this.#head[node] = pod
    else this.#next[tail] = pod
    this.#tail[node] = pod
  }

  remove(pod: PodRow): void {
    const node = this.nodeOf(pod)
    if (node === NO_NODE) return
    const previous = this.#previous[pod] ?? NONE
    const next = this.#next[pod] ?? NONE
    if (previous === NONE) this.#head[node] = next
    else this.#next[previous] = next
    if (next === NONE) this.#tail[node] = previous
    else this.#previous[next] = previous
    this.#node[pod] = NO_NODE
  }

  /** The pods of a node in order of arrival; a copy, so that the body may change the list. */
  on(node: NodeRow): PodRow[] {
    const pods: PodRow[] = []
    for (let pod = this.#head[node] ?? NONE; pod !== NONE; pod = this.#next[pod] ?? NONE)
      pods.push(pod as PodRow)
    return pods
  }

  #grow(): void {
    const capacity = this.#next.length * 2
    this.#next = widened(this.#next, capacity, NONE)
    this.#previous = widened(this.#previous, capacity, NONE)
    this.#node = widened(this.#node, capacity, NO_NODE)
  }
}
