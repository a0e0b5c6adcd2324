/** Which of equal nodes is taken, by name. */
export const TIE_BREAKS = ['heap', 'random', 'name', 'first'] as const

/** One of them. */
export type TieBreakName = (typeof TIE_BREAKS)[number]

/** A ready-made way to choose among the nodes that fit. */
export interface SchedulingPolicy {
  /** What it does, in one line. */
  readonly description: string
  /** The KubeSchedulerConfiguration that it stands for, as `spec.scheduler.config` would have it. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** Which of equal nodes is taken, where the scenario does not say. */
  readonly tieBreak?: TieBreakName
}

/** The default profile with another scoring strategy of NodeResourcesFit. */
function fitStrategy(
  description: string,
  scoringStrategy: Readonly<Record<string, unknown>>,
): SchedulingPolicy {
  const pluginConfig = [{ name: 'NodeResourcesFit', args: { scoringStrategy } }]
  return { description, configuration: { profiles: [{ pluginConfig }] } }
}

/**
 * A plugin of the literature that scores alone, over all nodes: what a paper says of the best node is said of the best of all,
 * while kube-scheduler looks at a part of a large cluster.
 */
function scoredBy(
  plugin: string,
  description: string,
  pluginConfig?: readonly Readonly<Record<string, unknown>>[],
): SchedulingPolicy {
  const alone = { disabled: [{ name: '*' }], enabled: [{ name: plugin }] }
  const profile = { percentageOfNodesToScore: 100, plugins: { preScore: alone, score: alone } }
  const profiles = [pluginConfig === undefined ? profile : { ...profile, pluginConfig }]
  return { description, configuration: { profiles } }
}

/**
 * A plugin of the FGD study: of equal nodes the first is taken, as its scheduler does (Weng et al., USENIX ATC '23;
 * docs/design/0034-fgd.md).
 */
function gpuStudy(
  plugin: string,
  description: string,
  deviceChoice?: 'Random' | 'LeastFragmentation',
): SchedulingPolicy {
  const devices = deviceChoice === undefined ? undefined : [{ name: 'GpuShare', args: { deviceChoice } }]
  return { ...scoredBy(plugin, description, devices), tieBreak: 'first' }
}

const CPU_AND_MEMORY = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]

/**
 * Policies by name: those of kube-scheduler are its default profile with a setting changed; those of the literature are one
 * plugin that scores alone, while every filter of the default profile stays.
 */
export const SCHEDULING_POLICIES: Readonly<Record<string, SchedulingPolicy>> = {
  default: { description: "kube-scheduler's default profile", configuration: {} },
  LeastAllocated: fitStrategy('the default profile; emptier nodes first', {
    type: 'LeastAllocated',
    resources: CPU_AND_MEMORY,
  }),
  MostAllocated: fitStrategy('the default profile; fuller nodes first', {
    type: 'MostAllocated',
    resources: CPU_AND_MEMORY,
  }),
  RequestedToCapacityRatio: fitStrategy('the default profile; fuller nodes first, by a shape', {
    type: 'RequestedToCapacityRatio',
    resources: CPU_AND_MEMORY,
    requestedToCapacityRatio: {
      shape: [
        { utilization: 0, score: 0 },
        { utilization: 100, score: 10 },
      ],
    },
  }),
  BestFit: scoredBy('BestFit', 'the node that is left with least'),
  WorstFit: scoredBy('WorstFit', 'the node that is left with most'),
  FirstFit: scoredBy('FirstFit', 'the first node that fits'),
  DotProduct: scoredBy('DotProduct', 'the node with most free of what the pod asks most of (Tetris)'),
  L2Norm: scoredBy('L2Norm', 'the node whose vector of what is left is shortest'),
  Cosine: scoredBy('Cosine', 'the node whose free resources are in the proportion that the pod asks for'),
  Random: gpuStudy('Random', 'any node that fits, and any device, as likely', 'Random'),
  GpuDotProduct: gpuStudy('GpuDotProduct', "DotProd of FGD's study: nearly full nodes by cpu and GPUs"),
  GpuClustering: gpuStudy('GpuClustering', 'pods that ask for as many GPUs together'),
  GpuPacking: gpuStudy('GpuPacking', 'GPUs in use first, then nodes in use'),
  GpuBestFit: gpuStudy('GpuBestFit', "BestFit of FGD's study: the least cpu and GPUs left"),
  FGD: gpuStudy('FGD', 'the least GPU fragmentation for the pods of the workload', 'LeastFragmentation'),
  TargetLoadPacking: scoredBy('TargetLoadPacking', 'nodes up to 40 % of measured cpu first (Trimaran)'),
  LoadVariationRiskBalancing: scoredBy(
    'LoadVariationRiskBalancing',
    'the node with least measured load and variation of it (Trimaran)',
    [{ name: 'LoadVariationRiskBalancing', args: { metricProvider: { type: 'Prometheus' } } }],
  ),
  Coscheduling: {
    description: 'the default profile; pods of a PodGroup of scheduling.x-k8s.io together',
    configuration: {
      profiles: [
        {
          plugins: {
            multiPoint: { enabled: [{ name: 'Coscheduling' }] },
            queueSort: { disabled: [{ name: '*' }], enabled: [{ name: 'Coscheduling' }] },
          },
        },
      ],
    },
  },
  CapacityScheduling: {
    description: 'the default profile; namespaces share the cluster by ElasticQuotas',
    configuration: {
      profiles: [
        {
          plugins: {
            multiPoint: { enabled: [{ name: 'CapacityScheduling' }] },
            postFilter: { disabled: [{ name: '*' }], enabled: [{ name: 'CapacityScheduling' }] },
          },
        },
      ],
    },
  },
}
