import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { NO_POD } from './pod-notes.ts'
import type { PodNotes } from './pod-notes.ts'

/**
 * Which pods are on which node.
 *
 * Only a run with failures asks. Until the first question a pod is numbered as it joins, which touches nothing but its
 * own notes; then all are sorted into lists, one a node, linked over rows, and joining and leaving stays O(1).
 */
export class PodsByNode {
  readonly #notes: PodNotes
  /** The last pod to join each node, once there are lists. */
  #first: number[] | undefined
  #joined = 0

  constructor(notes: PodNotes) {
    this.#notes = notes
  }

  /** The pod is not on any node yet. */
  join(pod: PodRow, node: NodeRow): void {
    const notes = this.#notes
    notes.setNode(pod, node)
    if (this.#first === undefined) notes.setJoined(pod, ++this.#joined)
    else this.#link(this.#first, pod, node)
  }

  /** The pod is on a node. */
  leave(pod: PodRow): void {
    const notes = this.#notes
    if (this.#first !== undefined) this.#unlink(this.#first, pod)
    notes.setNode(pod, NO_NODE)
  }

  /** Pods on the node, the last to join first; a copy, so that they may leave meanwhile. */
  on(node: NodeRow): readonly PodRow[] {
    const first = (this.#first ??= this.#makeLists())
    const pods: PodRow[] = []
    let pod = first[node] ?? NO_POD
    for (; pod !== NO_POD; pod = this.#notes.next(pod as PodRow)) pods.push(pod as PodRow)
    return pods
  }

  #makeLists(): number[] {
    const notes = this.#notes
    const pods: PodRow[] = []
    for (let index = 0; index < notes.rowsUsed; index++) {
      const pod = index as PodRow
      if (notes.node(pod) !== NO_NODE) pods.push(pod)
    }
    pods.sort((one, other) => notes.joined(one) - notes.joined(other))
    const first: number[] = []
    for (const pod of pods) this.#link(first, pod, notes.node(pod))
    return first
  }

  #link(first: number[], pod: PodRow, node: NodeRow): void {
    const notes = this.#notes
    while (first.length <= node) first.push(NO_POD)
    const next = first[node] as number
    notes.setNext(pod, next)
    notes.setPrevious(pod, NO_POD)
    if (next !== NO_POD) notes.setPrevious(next as PodRow, pod)
    first[node] = pod
  }

  #unlink(first: number[], pod: PodRow): void {
    const notes = this.#notes
    const next = notes.next(pod)
    const previous = notes.previous(pod)
    if (next !== NO_POD) notes.setPrevious(next as PodRow, previous)
    if (previous === NO_POD) first[notes.node(pod)] = next
    else notes.setNext(previous as PodRow, next)
  }
}
