import { assert } from '../base/assert.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { KubeletNodes } from './kubelet-nodes.ts'
import type { KubeletPods } from './kubelet-pods.ts'

/** Hears whenever the memory in use on a node changes. */
export type WorkingSetListener = (node: NodeRow) => void

/** Hears whenever the memory in use on a node changes and is above a bound. */
export interface WorkingSetAlarm {
  /** The bound in bytes; asked once a node, when its use first changes. */
  readonly boundOf: (node: NodeRow) => number
  readonly hear: WorkingSetListener
}

/** What the running pods of each node use now: memory as they do, cpu as they asked for it. */
export class NodeUsage {
  readonly #pods: KubeletPods
  readonly #nodes: KubeletNodes
  readonly #listeners: WorkingSetListener[] = []
  #alarm: WorkingSetAlarm | undefined
  #cpuListener: ((node: NodeRow) => void) | undefined

  constructor(pods: KubeletPods, nodes: KubeletNodes) {
    this.#pods = pods
    this.#nodes = nodes
  }

  /** Registers who wants to know when the memory in use on a node changes. */
  onMemory(listener: WorkingSetListener): void {
    this.#listeners.push(listener)
  }

  /** Registers who wants to know when a node uses much memory; before the others, and there can be one. */
  onMuchMemory(alarm: WorkingSetAlarm): void {
    assert(this.#alarm === undefined, 'two alarms for memory in use')
    this.#alarm = alarm
  }

  /** Registers who wants to know when what running pods asked of a watched node's cpu changes; there can be one. */
  onCpu(listener: (node: NodeRow) => void): void {
    assert(this.#cpuListener === undefined, 'two listeners for cpu in use')
    this.#cpuListener = listener
  }

  setCpu(pod: PodRow, node: NodeRow, milli: number): void {
    this.#nodes.addCpu(node, milli - this.#pods.cpu(pod))
    this.#pods.setCpu(pod, milli)
    if (this.#nodes.isCpuWatched(node)) this.#cpuListener?.(node)
  }

  setMemory(pod: PodRow, node: NodeRow, bytes: number): void {
    const before = this.#pods.memory(pod)
    if (before === bytes) return
    this.#pods.setMemory(pod, bytes)
    const inUse = this.#nodes.memory(node) + bytes - before
    this.#nodes.setMemory(node, inUse)
    // A bound that is not known is not a number, which is below nothing.
    if (!(inUse <= this.#nodes.memoryBound(node))) this.#much(node, inUse)
    for (const listener of this.#listeners) listener(node)
  }

  #much(node: NodeRow, inUse: number): void {
    if (this.#alarm === undefined) return
    let bound = this.#nodes.memoryBound(node)
    if (Number.isNaN(bound)) {
      bound = this.#alarm.boundOf(node)
      this.#nodes.setMemoryBound(node, bound)
    }
    if (inUse > bound) this.#alarm.hear(node)
  }
}
