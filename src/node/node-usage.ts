import { widened } from '../base/widen.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

/** Hears whenever the memory in use on a node changes. */
export type WorkingSetListener = (node: NodeRow) => void

/** What the running pods of each node use now: memory as they do, cpu as they asked for it. */
export class NodeUsage {
  readonly #listeners: WorkingSetListener[] = []
  /** Bytes in use by each pod. */
  #memory = new Float64Array(1024)
  /** Millicores that each running pod asked for; 0 for others. */
  #cpu = new Float64Array(1024)
  #nodeMemory = new Float64Array(256)
  #nodeCpu = new Float64Array(256)

  /** Bytes in use by a pod. */
  memoryOf(pod: PodRow): number {
    return this.#memory[pod] ?? 0
  }

  /** Bytes in use by the pods of a node. */
  memoryOn(node: NodeRow): number {
    return this.#nodeMemory[node] ?? 0
  }

  /** Millicores that the running pods of a node asked for. */
  cpuOn(node: NodeRow): number {
    return this.#nodeCpu[node] ?? 0
  }

  /** Registers who wants to know when the memory in use on a node changes. */
  onMemory(listener: WorkingSetListener): void {
    this.#listeners.push(listener)
  }

  setCpu(pod: PodRow, node: NodeRow, milli: number): void {
    while (pod >= this.#memory.length) this.#growPods()
    while (node >= this.#nodeCpu.length) this.#growNodes()
    this.#nodeCpu[node] = (this.#nodeCpu[node] ?? 0) + milli - (this.#cpu[pod] ?? 0)
    this.#cpu[pod] = milli
  }

  setMemory(pod: PodRow, node: NodeRow, bytes: number): void {
    const before = this.#memory[pod] ?? 0
    if (before === bytes) return
    while (pod >= this.#memory.length) this.#growPods()
    while (node >= this.#nodeCpu.length) this.#growNodes()
    this.#memory[pod] = bytes
    this.#nodeMemory[node] = (this.#nodeMemory[node] ?? 0) + bytes - before
    for (const listener of this.#listeners) listener(node)
  }

  #growPods(): void {
    const capacity = this.#memory.length * 2
    this.#memory = widened(this.#memory, capacity)
    this.#cpu = widened(this.#cpu, capacity)
  }

  #growNodes(): void {
    const capacity = this.#nodeCpu.length * 2
    this.#nodeMemory = widened(this.#nodeMemory, capacity)
    this.#nodeCpu = widened(this.#nodeCpu, capacity)
  }
}
