import { assert } from '../base/assert.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { KubeletNodes } from './kubelet-nodes.ts'
import type { KubeletPods } from './kubelet-pods.ts'

/** Hears whenever the memory in use on a node changes. */
export type WorkingSetListener = (node: NodeRow) => void

/** Hears whenever the memory in use on a node changes and is above a bound. */
export interface WorkingSetAlarm {
  /** The bound in bytes; asked when the use of a node first changes, and when it is above some alarm's bound. */
  readonly boundOf: (node: NodeRow) => number
  readonly hear: WorkingSetListener
}

/** What the running pods of each node use now: memory as they do, cpu as they asked for it. */
export class NodeUsage {
  readonly #pods: KubeletPods
  readonly #nodes: KubeletNodes
  readonly #listeners: WorkingSetListener[] = []
  readonly #alarms: WorkingSetAlarm[] = []
  #cpuListener: ((node: NodeRow) => void) | undefined

  constructor(pods: KubeletPods, nodes: KubeletNodes) {
    this.#pods = pods
    this.#nodes = nodes
  }

  /** Registers who wants to know when the memory in use on a node changes. */
  onMemory(listener: WorkingSetListener): void {
    this.#listeners.push(listener)
  }

  /** Registers who wants to know when a node uses much memory; before the others, and before anything is in use. */
  onMuchMemory(alarm: WorkingSetAlarm): void {
    this.#alarms.push(alarm)
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
    this.#addMemory(node, bytes - before)
  }

  /** What a pod uses is nobody's from now on: the node goes on counting it until it is released. */
  leave(pod: PodRow): { readonly cpu: number; readonly memory: number } {
    const left = { cpu: this.#pods.cpu(pod), memory: this.#pods.memory(pod) }
    this.#pods.setCpu(pod, 0)
    this.#pods.setMemory(pod, 0)
    return left
  }

  /** What a pod had left is free. */
  release(node: NodeRow, cpu: number, memory: number): void {
    this.#nodes.addCpu(node, -cpu)
    if (this.#nodes.isCpuWatched(node)) this.#cpuListener?.(node)
    if (memory !== 0) this.#addMemory(node, -memory)
  }

  #addMemory(node: NodeRow, bytes: number): void {
    const inUse = this.#nodes.memory(node) + bytes
    this.#nodes.setMemory(node, inUse)
    // A bound that is not known is not a number, which is below nothing.
    if (!(inUse <= this.#nodes.memoryBound(node))) this.#much(node, inUse)
    for (const listener of this.#listeners) listener(node)
  }

  #much(node: NodeRow, inUse: number): void {
    if (Number.isNaN(this.#nodes.memoryBound(node))) {
      const bounds = this.#alarms.map((alarm) => alarm.boundOf(node))
      this.#nodes.setMemoryBound(node, Math.min(Number.POSITIVE_INFINITY, ...bounds))
    }
    if (inUse <= this.#nodes.memoryBound(node)) return
    for (const alarm of this.#alarms) if (inUse > alarm.boundOf(node)) alarm.hear(node)
  }
}
