import { WHOLE_GPU_MILLI } from '../src/api/gpu-request.ts'
import { definePlugin } from '../src/scheduler/framework/index.ts'
import type { PodShape } from '../src/scheduler/framework/index.ts'
import { freeMilli, gpuTermOf, signGpus } from './gpu-devices.ts'

/** Thousandths of the GPUs of the largest node of the study. */
const GPU_MAX = 8000

/** Classes of the pods without GPUs, and of those that share one; a pod with n whole GPUs is of class n. */
const NO_GPU = -1
const SHARING = 0

/**
 * Keeps pods that ask for the same number of GPUs together.
 *
 * Score of a pod with GPUs, 0 for others: b on a node that holds pods of other classes only, 25 + b where no pod has a GPU,
 * 50 + b where its class is among others, 75 + b where it is alone; b = 25 (8000 − G) / 8000, rounded down, with G the
 * thousandths of GPUs that are free. A class is sharing one GPU, or a number of whole ones.
 * Source: GpuClustering of Weng et al., USENIX ATC '23 (their simulator, pkg/simulator/plugin/gpu_clustering_score.go), after
 * Gandiva (Xiao et al., OSDI '18).
 */
export const gpuClustering = definePlugin({
  name: 'GpuClustering',
  reads: ['deviceCount', 'deviceFree', 'pods'],
  sized: false,
  compile: (pod) => ({ gpuClass: classOf(pod) }),
  sign: signGpus,

  score({ gpuClass }, node, nodes) {
    if (gpuClass === NO_GPU) return 0
    const base = Math.max(0, Math.trunc((25 * (GPU_MAX - freeMilli(node, nodes))) / GPU_MAX))
    let isThere = false
    let areOthers = false
    for (const { shape } of nodes.pods(node)) {
      const other = classOf(shape)
      if (other === gpuClass) isThere = true
      else if (other !== NO_GPU) areOthers = true
    }
    if (isThere) return (areOthers ? 50 : 75) + base
    return (areOthers ? 0 : 25) + base
  },
})

/** Classes by annotations, which all pods of a template share. */
const classes = new WeakMap<PodShape['annotations'], number>()

function classOf(pod: PodShape): number {
  let gpuClass = classes.get(pod.annotations)
  if (gpuClass === undefined) {
    const { count, milli } = gpuTermOf(pod)
    if (count === 0) gpuClass = NO_GPU
    else gpuClass = count === 1 && milli < WHOLE_GPU_MILLI ? SHARING : count
    classes.set(pod.annotations, gpuClass)
  }
  return gpuClass
}
