import type { GpuFragmentation } from '../src/api/gpu-fragmentation.ts'
import { GPU_MODEL_LABEL, WHOLE_GPU_MILLI } from '../src/api/gpu-request.ts'
import type { NodeColumns, NodeIndex } from '../src/scheduler/framework/index.ts'
import { tightestDevices } from './gpu-devices.ts'
import type { GpuTerm } from './gpu-devices.ts'

/** A pod's share of what the fragmentation of a node follows from. */
export interface GradientTerm extends GpuTerm {
  /** Millicores. */
  readonly cpu: number
}

/** The columns that the fragmentation of a node follows from. */
export const GRADIENT_COLUMNS = [
  'allocatableCpu',
  'requestedCpu',
  'labels',
  'deviceCount',
  'deviceFree',
] as const

/** Those columns. */
export type GradientNodes = Pick<NodeColumns, (typeof GRADIENT_COLUMNS)[number]>

/** What a node is worth to a pod, and the devices that it would have there. */
export interface GradientPlacement {
  /** 0 to 100: 50 where the fragmentation stays as it is, more where it falls. */
  readonly score: number
  /** One bit a device. */
  readonly devices: number
}

/** Lists of free thousandths, to work in, by their number. */
const DEVICES_MAX = 32

/**
 * How much a pod's placement lowers the fragmentation of a node, as a score.
 *
 * Score: 100 σ((F(before) − F(after)) / 1000), rounded down, σ the logistic function and F in thousandths of a GPU. A pod that
 * shares one device is tried on each that has enough, and the best score counts, the first device of equals; any other takes
 * the devices that hold it most tightly, which for whole GPUs are the first free ones.
 * Source: Weng et al., USENIX ATC '23, section 4, and their simulator (hkust-adsl/kubernetes-scheduler-simulator,
 * pkg/simulator/plugin/fgd_score.go).
 */
export class FragmentationGradient {
  readonly #fragmentation: GpuFragmentation
  readonly #free = Array.from({ length: DEVICES_MAX + 1 }, (_, count) => new Int32Array(count))

  constructor(fragmentation: GpuFragmentation) {
    this.#fragmentation = fragmentation
  }

  /** Undefined where too few devices have enough free. */
  place(term: GradientTerm, node: NodeIndex, nodes: GradientNodes): GradientPlacement | undefined {
    const count = nodes.deviceCount(node)
    const free = this.#free[count] as Int32Array
    for (let device = 0; device < count; device++) free[device] = nodes.deviceFree(node, device)
    const cpu = nodes.allocatableCpu(node) - nodes.requestedCpu(node)
    const model = nodes.labels(node)[GPU_MODEL_LABEL] ?? ''
    const before = this.#fragmentation.lost(cpu, free, count, model)
    const after = (): number => this.#fragmentation.lost(cpu - term.cpu, free, count, model)
    if (term.count !== 1 || term.milli >= WHOLE_GPU_MILLI) {
      const devices = tightestDevices(term, node, nodes)
      if (devices === undefined) return undefined
      for (let device = 0; device < count; device++) {
        if ((devices & (1 << device)) !== 0) free[device] = (free[device] as number) - term.milli
      }
      return { score: scoreOf(before - after()), devices }
    }
    let score = -1
    let best = -1
    for (let device = 0; device < count; device++) {
      const milli = free[device] as number
      // A device with as much free as an earlier one leaves the node in the same state.
      if (milli < term.milli || free.indexOf(milli) < device) continue
      free[device] = milli - term.milli
      const tried = scoreOf(before - after())
      free[device] = milli
      if (tried <= score) continue
      score = tried
      best = device
    }
    return best < 0 ? undefined : { score, devices: 1 << best }
  }
}

function scoreOf(fall: number): number {
  return Math.trunc((1 / (1 + Math.exp(-fall / 1000))) * 100)
}
