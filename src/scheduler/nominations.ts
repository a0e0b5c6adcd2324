import { widened } from '../base/widen.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { NodeLog } from './node-log.ts'
import type { PodShapes } from './pod-shapes.ts'

/** Changes that are kept in mind: a power of two. */
const LOGGED = 4096
const NOBODY: readonly PodRow[] = Object.freeze([])

/** What a nominated pod was counted with. */
interface Nominated {
  readonly node: NodeRow
  readonly priority: number
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
}

/** Pods that are nominated to nodes: room that preemption made and that they wait for. */
export class Nominations {
  readonly #shapes: PodShapes
  readonly #byNode = new Map<NodeRow, PodRow[]>()
  readonly #nominated = new Map<PodRow, Nominated>()
  readonly #byPriority = new Map<number, number>()
  /** What the nominated pods of each node ask for together: millicores, bytes and places. */
  cpu = new Float64Array(64)
  memory = new Float64Array(64)
  pods = new Int32Array(64)
  /** Changes whenever the nominations to the node do. */
  revision = new Int32Array(64)
  /** Nodes at each change of the nominations to them. */
  readonly changed = new NodeLog(LOGGED)

  constructor(shapes: PodShapes) {
    this.#shapes = shapes
  }

  get size(): number {
    return this.#nominated.size
  }

  /** Nodes that pods are nominated to. */
  nodes(): IterableIterator<NodeRow> {
    return this.#byNode.keys()
  }

  /** Whether all nominated pods have this priority or a higher one. */
  areAllFrom(priority: number): boolean {
    for (const other of this.#byPriority.keys()) if (other < priority) return false
    return true
  }

  /** Node that the pod is nominated to, or `NO_NODE`. */
  nodeOf(pod: PodRow): NodeRow {
    return this.#of(pod)?.node ?? NO_NODE
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
    while (node >= this.pods.length) this.#grow()
    this.#put(pod, node)
  }

  remove(pod: PodRow): void {
    const nominated = this.#of(pod)
    if (nominated === undefined) return
    const { node } = nominated
    this.#take(pod, nominated)
    const left = (this.#byNode.get(node) ?? []).filter((other) => other !== pod)
    if (left.length === 0) this.#byNode.delete(node)
    else this.#byNode.set(node, left)
  }

  /** The pod asks for something else now. */
  updated(pod: PodRow): void {
    const nominated = this.#of(pod)
    if (nominated === undefined) return
    this.#take(pod, nominated)
    this.#put(pod, nominated.node)
  }

  #of(pod: PodRow): Nominated | undefined {
    return this.#nominated.size === 0 ? undefined : this.#nominated.get(pod)
  }

  #put(pod: PodRow, node: NodeRow): void {
    const { cpu, memory } = this.#shapes.countedSize(pod)
    const nominated = { node, priority: this.#shapes.priorityOf(pod), cpu, memory }
    this.#nominated.set(pod, nominated)
    this.#count(nominated, 1)
  }

  #take(pod: PodRow, nominated: Nominated): void {
    this.#nominated.delete(pod)
    this.#count(nominated, -1)
  }

  #count({ node, priority, cpu, memory }: Nominated, sign: 1 | -1): void {
    this.cpu[node] = (this.cpu[node] as number) + sign * cpu
    this.memory[node] = (this.memory[node] as number) + sign * memory
    this.pods[node] = (this.pods[node] as number) + sign
    this.revision[node] = (this.revision[node] as number) + 1
    this.changed.add(node)
    const count = (this.#byPriority.get(priority) ?? 0) + sign
    if (count === 0) this.#byPriority.delete(priority)
    else this.#byPriority.set(priority, count)
  }

  #grow(): void {
    const capacity = this.pods.length * 2
    this.cpu = widened(this.cpu, capacity)
    this.memory = widened(this.memory, capacity)
    this.pods = widened(this.pods, capacity)
    this.revision = widened(this.revision, capacity)
  }
}
