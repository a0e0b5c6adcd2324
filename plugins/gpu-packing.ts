import { WHOLE_GPU_MILLI } from '../src/api/gpu-request.ts'
import { SCORE_MAX, definePlugin } from '../src/scheduler/framework/index.ts'
import { gpuTermOf, signGpus, tightestDevices } from './gpu-devices.ts'

/** Best score of a pod that begins a device on a node in use, and of one that begins a node. */
const BEGINS_DEVICE = 50
const BEGINS_NODE = 33

/**
 * Prefers devices that are in use, then free devices on nodes in use, then free nodes with few devices.
 *
 * Score of a pod with GPUs, 0 for others. A node of n devices that are all free: max(33 − n, n). Else, with the devices that hold
 * the pod most tightly: max(50 − f, 33) if f > 0 of them are wholly free, and max(100 − s, 50) if none is, where s is a tenth of
 * the sum of their free percents; all divisions round down.
 * Source: GpuPacking of Weng et al., USENIX ATC '23 (their simulator, pkg/simulator/plugin/gpu_packing_score.go), after
 * MLaaS in the Wild (NSDI '22).
 */
export const gpuPacking = definePlugin({
  name: 'GpuPacking',
  reads: ['deviceCount', 'deviceFree'],
  sized: false,
  compile: gpuTermOf,
  sign: signGpus,

  score(term, node, nodes) {
    if (term.count === 0) return 0
    const count = nodes.deviceCount(node)
    let idle = 0
    for (let device = 0; device < count; device++) {
      if (nodes.deviceFree(node, device) === WHOLE_GPU_MILLI) idle += 1
    }
    if (idle === count) return Math.max(BEGINS_NODE - count, count)
    const devices = tightestDevices(term, node, nodes) ?? 0
    let begun = 0
    let freePercents = 0
    for (let device = 0; device < count; device++) {
      if ((devices & (1 << device)) === 0) continue
      const free = nodes.deviceFree(node, device)
      if (free === WHOLE_GPU_MILLI) begun += 1
      freePercents += Math.floor((free * 100) / WHOLE_GPU_MILLI)
    }
    if (begun > 0) return Math.max(BEGINS_DEVICE - begun, BEGINS_NODE)
    return Math.max(SCORE_MAX - Math.floor(freePercents / 10), BEGINS_DEVICE)
  },
})
