import { widened } from '../base/widen.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { PlacedShape } from './pod-shapes.ts'

/** What was counted for a pod on its node. */
export interface Placement {
  /** The shape of its template. */
  readonly base: PlacedShape
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  /** Mask of the devices set aside for it. */
  readonly devices: number
}

/** Where the scheduler's view has each pod, and what was counted for it there. */
export class Placements {
  #node = new Int32Array(1024).fill(NO_NODE)
  #devices = new Uint32Array(1024)
  #cpu = new Float64Array(1024)
  #memory = new Float64Array(1024)
  readonly #base: (PlacedShape | undefined)[] = []

  nodeOf(pod: PodRow): NodeRow {
    return (this.#node[pod] ?? NO_NODE) as NodeRow
  }

  /** Shape of the template of a placed pod. */
  baseOf(pod: PodRow): PlacedShape | undefined {
    return this.#base[pod]
  }

  /** Millicores that were counted for a placed pod. */
  cpuOf(pod: PodRow): number {
    return this.#cpu[pod] ?? 0
  }

  /** Bytes that were counted for a placed pod. */
  memoryOf(pod: PodRow): number {
    return this.#memory[pod] ?? 0
  }

  /** Mask of the devices set aside for a placed pod. */
  devicesOf(pod: PodRow): number {
    return this.#devices[pod] ?? 0
  }

  place(pod: PodRow, node: NodeRow, placement: Placement): void {
    while (pod >= this.#node.length) this.#grow()
    this.#node[pod] = node
    this.#devices[pod] = placement.devices
    this.#cpu[pod] = placement.cpu
    this.#memory[pod] = placement.memory
    this.#base[pod] = placement.base
  }

  unplace(pod: PodRow): void {
    this.#node[pod] = NO_NODE
    this.#base[pod] = undefined
  }

  #grow(): void {
    const capacity = this.#node.length * 2
    this.#node = widened(this.#node, capacity, NO_NODE)
    this.#devices = widened(this.#devices, capacity)
    this.#cpu = widened(this.#cpu, capacity)
    this.#memory = widened(this.#memory, capacity)
  }
}
