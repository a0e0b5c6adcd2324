import { SCORE_MAX, definePlugin } from '../src/scheduler/framework/index.ts'
import { freeMilli, gpuTermOf } from './gpu-devices.ts'
import type { GradientTerm } from './fragmentation-gradient.ts'

/** Largest node of the study: millicores, and thousandths of GPUs. */
const CPU_MAX = 128_000
const GPU_MAX = 8000

/**
 * Best fit over cpu and GPUs: prefers nodes on which the pod leaves little free.
 *
 * Score: 100 (1 − s), rounded down; s = ½ (L − c)/128000 + ½ (G − g)/8000 with L and G the free millicores and thousandths of
 * GPUs, c and g those that the pod asks for.
 * Source: BestFit of Weng et al., USENIX ATC '23 (their simulator, pkg/simulator/plugin/best_fit_score.go). It spreads the scores
 * of the nodes found over 0 to 100 afterwards; that moves no choice and is left out, so that a score stands while its node does.
 */
export const gpuBestFit = definePlugin({
  name: 'GpuBestFit',
  reads: ['allocatableCpu', 'requestedCpu', 'deviceCount', 'deviceFree'],
  compile: (pod): GradientTerm => ({ ...gpuTermOf(pod), cpu: pod.requests.cpu }),

  score(term, node, nodes) {
    const cpu = nodes.allocatableCpu(node) - nodes.requestedCpu(node) - term.cpu
    const gpus = freeMilli(node, nodes) - term.milli * term.count
    const score = Math.trunc((1 - ((cpu / CPU_MAX) * 0.5 + (gpus / GPU_MAX) * 0.5)) * 100)
    return Math.min(SCORE_MAX, Math.max(0, score))
  },
})
