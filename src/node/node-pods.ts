import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { KubeletNodes } from './kubelet-nodes.ts'
import { NO_POD } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'

/** The pods of each node, in order of arrival: lists linked through the pods' rows, joined and left in O(1). */
export class NodePods {
  readonly #pods: KubeletPods
  readonly #nodes: KubeletNodes

  constructor(pods: KubeletPods, nodes: KubeletNodes) {
    this.#pods = pods
    this.#nodes = nodes
  }

  /** Puts a pod at the end of its node's list. */
  add(pod: PodRow, node: NodeRow): void {
    const last = this.#nodes.lastPod(node)
    this.#pods.setPrevious(pod, last)
    if (last === NO_POD) this.#nodes.setFirstPod(node, pod)
    else this.#pods.setNext(last, pod)
    this.#nodes.setLastPod(node, pod)
  }

  /** Takes a pod off its node's list. */
  remove(pod: PodRow, node: NodeRow): void {
    const previous = this.#pods.previous(pod)
    const next = this.#pods.next(pod)
    if (previous === NO_POD) this.#nodes.setFirstPod(node, next)
    else this.#pods.setNext(previous, next)
    if (next === NO_POD) this.#nodes.setLastPod(node, previous)
    else this.#pods.setPrevious(next, previous)
  }

  /** The pods of a node in order of arrival; a copy, so that the body may change the list. */
  on(node: NodeRow): PodRow[] {
    const pods: PodRow[] = []
    this.#nodes.cover(node)
    for (let pod = this.#nodes.firstPod(node); pod !== NO_POD; pod = this.#pods.next(pod)) pods.push(pod)
    return pods
  }
}
