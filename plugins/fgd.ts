import { GpuFragmentation } from '../src/api/gpu-fragmentation.ts'
import { definePlugin } from '../src/scheduler/framework/index.ts'
import type { PluginFactory } from '../src/scheduler/framework/index.ts'
import { FragmentationGradient, GRADIENT_COLUMNS } from './fragmentation-gradient.ts'
import type { GradientTerm } from './fragmentation-gradient.ts'
import { gpuTermOf, signGpus } from './gpu-devices.ts'
import { readArguments } from './plugin-arguments.ts'
import { readTypicalPods } from './typical-pods.ts'

/** What a node without devices, or with too few, is worth: placing the pod there changes no fragmentation. */
const UNCHANGED = 50

/**
 * Fragmentation gradient descent: prefers the node on which the pod leaves the least more GPU capacity that a pod of the
 * workload could not use.
 *
 * Score: 100 σ((F(before) − F(after)) / 1000), rounded down; F and the devices tried are those of `FragmentationGradient`.
 * Argument `typicalPods`: the pods that fragmentation is measured against, those of the run's workload by default.
 * Source: Weng, Yang, Yu et al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient
 * Descent", USENIX ATC '23.
 */
export const fgd: PluginFactory = (args, context) => {
  const typical = readTypicalPods(readArguments(args, context, ['typicalPods']), context)
  const gradient = new FragmentationGradient(new GpuFragmentation(typical))
  return definePlugin({
    name: 'FGD',
    reads: GRADIENT_COLUMNS,
    compile: (pod): GradientTerm => ({ ...gpuTermOf(pod), cpu: pod.requests.cpu }),
    sign: (pod) => ({ ...signGpus(pod), cpu: pod.requests.cpu }),
    score: (term, node, nodes) => gradient.place(term, node, nodes)?.score ?? UNCHANGED,
  })
}
