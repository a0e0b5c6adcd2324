import { definePlugin } from '../src/scheduler/framework/index.ts'
import { freeMilli, gpuTermOf } from './gpu-devices.ts'
import type { GradientTerm } from './fragmentation-gradient.ts'

/** Largest node of the study: millicores, and thousandths of GPUs. */
const CPU_MAX = 128_000
const GPU_MAX = 8000

/**
 * Tetris' alignment turned round, over cpu and GPUs: prefers nodes whose free amounts, as a vector, have a small dot product
 * with what the pod asks for, which are those that are nearly full.
 *
 * Score: 100 (1 − d), rounded down; d = (L/128000 · c/128000 + G/8000 · g/8000) / 2 with L and G the free millicores and
 * thousandths of GPUs, c and g those that the pod asks for.
 * Source: DotProd of Weng et al., USENIX ATC '23 (their simulator, pkg/simulator/plugin/dot_product_score.go, with `merge` and
 * `max`), after Grandl et al., "Multi-resource packing for cluster schedulers", SIGCOMM '14.
 */
export const gpuDotProduct = definePlugin({
  name: 'GpuDotProduct',
  reads: ['allocatableCpu', 'requestedCpu', 'deviceCount', 'deviceFree'],
  compile: (pod): GradientTerm => ({ ...gpuTermOf(pod), cpu: pod.requests.cpu }),

  score(term, node, nodes) {
    const cpu = Math.max(0, nodes.allocatableCpu(node) - nodes.requestedCpu(node))
    const ofCpu = (cpu / CPU_MAX) * (term.cpu / CPU_MAX)
    const ofGpus = (freeMilli(node, nodes) / GPU_MAX) * ((term.milli * term.count) / GPU_MAX)
    return Math.max(0, Math.trunc(100 * (1 - (ofCpu + ofGpus) / 2)))
  },
})
