import { GPU_COUNT_ANNOTATION, GPU_MILLI_ANNOTATION } from '../src/api/gpu-request.ts'
import type { NodeColumns, NodeIndex, PodShape, SignatureParts } from '../src/scheduler/framework/index.ts'

/** What a pod asks of devices: so many, each with so many thousandths free. Count 0 asks for none. */
export interface GpuTerm {
  readonly count: number
  readonly milli: number
}

/** The columns that say what is free on the devices of a node. */
export type DeviceNodes = Pick<NodeColumns, 'deviceCount' | 'deviceFree'>

/** Reads the annotations of a pod. */
export function gpuTermOf(pod: PodShape): GpuTerm {
  const count = Number(pod.annotations[GPU_COUNT_ANNOTATION] ?? 0)
  const milli = Number(pod.annotations[GPU_MILLI_ANNOTATION] ?? 0)
  return count > 0 && milli > 0 ? { count, milli } : { count: 0, milli: 0 }
}

/** What `gpuTermOf` follows from. */
export function signGpus(pod: PodShape): SignatureParts {
  return {
    gpuCount: pod.annotations[GPU_COUNT_ANNOTATION] ?? '',
    gpuMilli: pod.annotations[GPU_MILLI_ANNOTATION] ?? '',
  }
}

/** Thousandths free on all devices of a node. */
export function freeMilli(node: NodeIndex, nodes: DeviceNodes): number {
  let free = 0
  const count = nodes.deviceCount(node)
  for (let device = 0; device < count; device++) free += nodes.deviceFree(node, device)
  return free
}

/**
 * The devices that hold the pod most tightly: each the one with the least free that is enough, the first of equals. One bit
 * a device; undefined where too few have enough.
 */
export function tightestDevices(term: GpuTerm, node: NodeIndex, nodes: DeviceNodes): number | undefined {
  let devices = 0
  for (let taken = 0; taken < term.count; taken++) {
    const device = tightestDevice(term, node, nodes, devices)
    if (device < 0) return undefined
    devices |= 1 << device
  }
  return devices
}

/** The device with the least free that is enough, not among those taken already; the first of equals, or -1. */
function tightestDevice({ milli }: GpuTerm, node: NodeIndex, nodes: DeviceNodes, taken: number): number {
  let best = -1
  let bestFree = Number.POSITIVE_INFINITY
  const count = nodes.deviceCount(node)
  for (let device = 0; device < count; device++) {
    const free = nodes.deviceFree(node, device)
    if ((taken & (1 << device)) !== 0 || free < milli || free >= bestFree) continue
    best = device
    bestFree = free
  }
  return best
}
