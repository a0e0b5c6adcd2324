import type { PluginFactory } from '../src/scheduler/framework/index.ts'
import { bestFit } from './best-fit.ts'
import { capacityScheduling } from './capacity-scheduling.ts'
import { coscheduling } from './coscheduling.ts'
import { cosine } from './cosine.ts'
import { defaultBinder } from './default-binder.ts'
import { defaultPreemption } from './default-preemption.ts'
import { dotProduct } from './dot-product.ts'
import { dynamicResources } from './dynamic-resources.ts'
import { fgd } from './fgd.ts'
import { firstFit } from './first-fit.ts'
import { gangScheduling } from './gang-scheduling.ts'
import { gpuBestFit } from './gpu-best-fit.ts'
import { gpuClustering } from './gpu-clustering.ts'
import { gpuDotProduct } from './gpu-dot-product.ts'
import { gpuPacking } from './gpu-packing.ts'
import { gpuShare } from './gpu-share.ts'
import { imageLocality } from './image-locality.ts'
import { interPodAffinity } from './inter-pod-affinity.ts'
import { l2Norm } from './l2-norm.ts'
import { loadVariationRiskBalancing } from './load-variation-risk-balancing.ts'
import { nodeAffinity } from './node-affinity.ts'
import { nodeDeclaredFeatures } from './node-declared-features.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { nodeVolumeLimits } from './node-volume-limits.ts'
import { podTopologySpread } from './pod-topology-spread.ts'
import { podGroupPodsCount } from './pod-group-pods-count.ts'
import { prioritySort } from './priority-sort.ts'
import { random } from './random.ts'
import { schedulingGates } from './scheduling-gates.ts'
import { taintToleration } from './taint-toleration.ts'
import { targetLoadPacking } from './target-load-packing.ts'
import { topologyPlacementGenerator } from './topology-placement-generator.ts'
import { volumeBinding } from './volume-binding.ts'
import { volumeRestrictions } from './volume-restrictions.ts'
import { volumeZone } from './volume-zone.ts'
import { worstFit } from './worst-fit.ts'

/** All scheduler plugins that come with stowage, by the name that a configuration gives them. */
export const plugins: ReadonlyMap<string, PluginFactory> = new Map<string, PluginFactory>([
  ['SchedulingGates', () => schedulingGates],
  ['PrioritySort', () => prioritySort],
  ['NodeName', () => nodeName],
  ['NodeUnschedulable', () => nodeUnschedulable],
  ['TaintToleration', taintToleration],
  ['NodeAffinity', nodeAffinity],
  ['NodePorts', () => nodePorts],
  ['NodeResourcesFit', nodeResourcesFit],
  ['VolumeRestrictions', () => volumeRestrictions],
  ['NodeVolumeLimits', nodeVolumeLimits],
  ['VolumeBinding', volumeBinding],
  ['VolumeZone', () => volumeZone],
  ['DynamicResources', dynamicResources],
  ['PodTopologySpread', podTopologySpread],
  ['InterPodAffinity', interPodAffinity],
  ['DefaultPreemption', defaultPreemption],
  ['NodeResourcesBalancedAllocation', nodeResourcesBalancedAllocation],
  ['ImageLocality', () => imageLocality],
  ['DefaultBinder', () => defaultBinder],
  ['NodeDeclaredFeatures', () => nodeDeclaredFeatures],
  ['GangScheduling', gangScheduling],
  ['TopologyPlacementGenerator', topologyPlacementGenerator],
  ['PodGroupPodsCount', podGroupPodsCount],
  ['GpuShare', gpuShare],
  ['Random', random],
  ['GpuDotProduct', () => gpuDotProduct],
  ['GpuClustering', () => gpuClustering],
  ['GpuPacking', () => gpuPacking],
  ['GpuBestFit', () => gpuBestFit],
  ['FGD', fgd],
  ['BestFit', bestFit],
  ['WorstFit', worstFit],
  ['FirstFit', firstFit],
  ['DotProduct', dotProduct],
  ['L2Norm', l2Norm],
  ['Cosine', cosine],
  ['Coscheduling', coscheduling],
  ['CapacityScheduling', capacityScheduling],
  ['TargetLoadPacking', targetLoadPacking],
  ['LoadVariationRiskBalancing', loadVariationRiskBalancing],
])
