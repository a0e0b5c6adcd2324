import { PASS, definePlugin, unschedulable } from '../src/scheduler/framework/index.ts'
import type { NodeColumns, NodeIndex } from '../src/scheduler/framework/index.ts'

const NO_DEVICE = unschedulable("node(s) didn't have a GPU with enough free")

/** What a pod asks of devices: so many, each with so many thousandths free. */
interface DeviceTerm {
  readonly count: number
  readonly milli: number
}

type DeviceNodes = Pick<NodeColumns, 'deviceCount' | 'deviceFree'>

/**
 * Keeps pods that share a GPU, or want whole ones, on nodes where single devices have enough free, and sets devices
 * aside: those that fit most tightly, lowest number first.
 *
 * Pods say what they want by the annotations `stowage.dev/gpu-count` and `stowage.dev/gpu-milli-per-device`.
 * Source: ours, docs/design/0005-gpu-devices.md; the model of Alibaba's openb trace (Weng et al., ATC '23).
 */
export const gpuShare = definePlugin({
  name: 'GpuShare',
  reads: ['deviceCount', 'deviceFree'],
  sized: false,

  compile: (pod): DeviceTerm => ({
    count: Number(pod.annotations['stowage.dev/gpu-count'] ?? 0),
    milli: Number(pod.annotations['stowage.dev/gpu-milli-per-device'] ?? 0),
  }),

  sign: (pod) => ({
    gpuCount: pod.annotations['stowage.dev/gpu-count'] ?? '',
    gpuMilli: pod.annotations['stowage.dev/gpu-milli-per-device'] ?? '',
  }),

  screen: (term) => (term.count === 0 || term.milli === 0 ? { skip: true } : undefined),

  filter(term, node, nodes) {
    let missing = term.count
    const count = nodes.deviceCount(node)
    for (let device = 0; device < count && missing > 0; device++)
      if (nodes.deviceFree(node, device) >= term.milli) missing -= 1
    return missing <= 0 ? PASS : NO_DEVICE
  },

  reserve(term, node, nodes) {
    let devices = 0
    for (let taken = 0; taken < term.count; taken++) {
      const device = tightestDevice(term, node, nodes, devices)
      if (device === undefined) return undefined
      devices |= 1 << device
    }
    return { devices }
  },
})

/** The device with the least free that is enough, not among those taken already; the first of equals. */
function tightestDevice(
  term: DeviceTerm,
  node: NodeIndex,
  nodes: DeviceNodes,
  taken: number,
): number | undefined {
  let best: number | undefined
  let bestFree = Number.POSITIVE_INFINITY
  for (let device = 0; device < nodes.deviceCount(node); device++) {
    const free = nodes.deviceFree(node, device)
    if ((taken & (1 << device)) !== 0 || free < term.milli || free >= bestFree) continue
    best = device
    bestFree = free
  }
  return best
}
