import { assert } from '../base/assert.ts'
import type { NodeIndex } from './framework/node-columns.ts'

/** Thousandths of one GPU. */
export const DEVICE_MILLI = 1000

/** Most devices that a node may have: a pod's devices are one bit each. */
export const DEVICES_MAX = 32

/**
 * What is free on each GPU of each node, in thousandths of a device.
 *
 * The model of Alibaba's openb trace: whole devices, or a share of one; a share is never split over two.
 */
export class DeviceColumns {
  /** Devices that the nodes have. */
  readonly #counts: (number | undefined)[] = []
  /** What is free of each device that a node has, or that a pod on it was given: what is taken stays taken whatever becomes of the node. */
  readonly #free: (Int16Array | undefined)[] = []

  count(node: NodeIndex): number {
    return this.#counts[node] ?? 0
  }

  /** Thousandths of a device that are free; 0 for a device the node does not have. */
  free(node: NodeIndex, device: number): number {
    return device < this.count(node) ? (this.#free[node]?.[device] ?? 0) : 0
  }

  /** Sets the number of devices from the node's allocatable thousandths. */
  setNode(node: NodeIndex, milli: number): void {
    const count = Math.floor(milli / DEVICE_MILLI)
    assert(count <= DEVICES_MAX, () => `a node has ${count} devices; the model takes ${DEVICES_MAX}`)
    if (count === this.count(node)) return
    this.#counts[node] = count
    this.#widen(node, count)
  }

  /** Takes `milli` of each device in the mask; gives back when negative. */
  take(node: NodeIndex, mask: number, milli: number): void {
    const free = this.#widen(node, DEVICES_MAX - Math.clz32(mask))
    for (let device = 0; device < free.length; device++) {
      if ((mask & (1 << device)) === 0) continue
      const left = (free[device] ?? 0) - milli
      assert(
        left >= 0 && left <= DEVICE_MILLI,
        () => `device ${device} of node ${node} is left with ${left} thousandths`,
      )
      free[device] = left
    }
  }

  /** What is free of so many devices at the least. */
  #widen(node: NodeIndex, count: number): Int16Array {
    const old = this.#free[node]
    if (old !== undefined && old.length >= count) return old
    const free = new Int16Array(count).fill(DEVICE_MILLI)
    if (old !== undefined) free.set(old)
    this.#free[node] = free
    return free
  }
}
