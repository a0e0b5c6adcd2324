import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

const NOBODY: readonly PodRow[] = Object.freeze([])

/** Pods that are nominated to nodes: room that preemption made and that they wait for. */
export class Nominations {
  readonly #byNode = new Map<NodeRow, PodRow[]>()
  readonly #nodeOf = new Map<PodRow, NodeRow>()

  get size(): number {
    return this.#nodeOf.size
  }

  /** Node that the pod is nominated to, or `NO_NODE`. */
  nodeOf(pod: PodRow): NodeRow {
    return this.#nodeOf.get(pod) ?? NO_NODE
  }

  /** Pods that are nominated to the node, in order of nomination. */
  on(node: NodeRow): readonly PodRow[] {
    return this.#byNode.get(node) ?? NOBODY
  }

  add(pod: PodRow, node: NodeRow): void {
    this.remove(pod)
    const pods = this.#byNode.get(node)
    if (pods === undefined) this.#byNode.set(node, [pod])
    else pods.push(pod)
    this.#nodeOf.set(pod, node)
  }

  remove(pod: PodRow): void {
    const node = this.#nodeOf.get(pod)
    if (node === undefined) return
    this.#nodeOf.delete(pod)
    const left = (this.#byNode.get(node) ?? []).filter((other) => other !== pod)
    if (left.length === 0) this.#byNode.delete(node)
    else this.#byNode.set(node, left)
  }
}
