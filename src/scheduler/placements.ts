import { widened } from '../base/widen.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { PlacedShape } from './pod-shapes.ts'

/** Where the scheduler's view has each pod, and what was counted for it there. */
export class Placements {
  #node = new Int32Array(1024).fill(NO_NODE)
  #devices = new Uint32Array(1024)
  readonly #shape: (PlacedShape | undefined)[] = []

  nodeOf(pod: PodRow): NodeRow {
    return (this.#node[pod] ?? NO_NODE) as NodeRow
  }

  /** Shape that was counted for a placed pod. */
  shapeOf(pod: PodRow): PlacedShape | undefined {
    return this.#shape[pod]
  }

  /** Mask of the devices set aside for a placed pod. */
  devicesOf(pod: PodRow): number {
    return this.#devices[pod] ?? 0
  }

  place(pod: PodRow, node: NodeRow, shape: PlacedShape, devices: number): void {
    while (pod >= this.#node.length) this.#grow()
    this.#node[pod] = node
    this.#devices[pod] = devices
    this.#shape[pod] = shape
  }

  unplace(pod: PodRow): void {
    this.#node[pod] = NO_NODE
    this.#shape[pod] = undefined
  }

  #grow(): void {
    const capacity = this.#node.length * 2
    this.#node = widened(this.#node, capacity, NO_NODE)
    this.#devices = widened(this.#devices, capacity)
  }
}
