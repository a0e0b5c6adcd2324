import { assert } from '../base/assert.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { GpuRequest } from '../api/gpu-request.ts'

const WHOLE_GPU_MILLI = 1000
/** Most devices of a node: a pod's devices are bits of one word. */
const DEVICES_MAX = 32

/** The GPUs of one node: what is free on each, and which pod has which. */
export class GpuDevices {
  readonly #free: Float64Array
  readonly #taken = new Map<PodRow, { readonly mask: number; readonly milli: number }>()

  constructor(gpuMilli: number) {
    const count = Math.floor(gpuMilli / WHOLE_GPU_MILLI)
    assert(count <= DEVICES_MAX, () => `a node has ${count} GPUs; the report takes ${DEVICES_MAX}`)
    this.#free = new Float64Array(count).fill(WHOLE_GPU_MILLI)
  }

  /** Thousandths free on each device. */
  get free(): ArrayLike<number> {
    return this.#free
  }

  /** Whether no pod has any of them. */
  get isIdle(): boolean {
    return this.#taken.size === 0
  }

  /** Takes the devices of the mask, or, when nobody assigned any, the first ones with enough left. */
  take(pod: PodRow, request: GpuRequest, assigned: number): void {
    const mask = assigned === 0 ? this.#firstFit(request) : assigned
    this.#taken.set(pod, { mask, milli: request.milli })
    this.#change(mask, -request.milli)
  }

  /** Gives back what the pod has; does nothing for a pod without devices. */
  release(pod: PodRow): void {
    const taken = this.#taken.get(pod)
    if (taken === undefined) return
    this.#taken.delete(pod)
    this.#change(taken.mask, taken.milli)
  }

  #firstFit(request: GpuRequest): number {
    let mask = 0
    let wanted = request.count
    for (let i = 0; i < this.#free.length && wanted > 0; i++) {
      if ((this.#free[i] ?? 0) < request.milli) continue
      mask |= 1 << i
      wanted -= 1
    }
    return mask
  }

  #change(mask: number, milli: number): void {
    for (let i = 0; i < this.#free.length; i++) {
      if ((mask & (1 << i)) !== 0) this.#free[i] = (this.#free[i] ?? 0) + milli
    }
  }
}
