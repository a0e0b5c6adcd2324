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
 * A plugin of the FGD study that scores alone: every node is scored, and the first of the best is taken, as its scheduler
 * does (Weng et al., USENIX ATC '23; docs/design/0034-fgd.md).
 */
function gpuStudy(
  description: string,
  plugin: string,
  deviceChoice: 'Tightest' | 'Random' | 'LeastFragmentation' = 'Tightest',
): SchedulingPolicy {
  const plugins = {
    preScore: { disabled: [{ name: '*' }], enabled: [{ name: plugin }] },
    score: { disabled: [{ name: '*' }], enabled: [{ name: plugin }] },
  }
  const pluginConfig = [{ name: 'GpuShare', args: { deviceChoice } }]
  return {
    description,
    configuration: {
      percentageOfNodesToScore: 100,
      profiles: [{ plugins, ...(deviceChoice === 'Tightest' ? {} : { pluginConfig }) }],
    },
    tieBreak: 'first',
  }
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
  Random: gpuStudy('any node that fits, and any device, as likely', 'Random', 'Random'),
  GpuDotProduct: gpuStudy("DotProd of FGD's study: nearly full nodes by cpu and GPUs", 'GpuDotProduct'),
  GpuClustering: gpuStudy('pods that ask for as many GPUs together', 'GpuClustering'),
  GpuPacking: gpuStudy('GPUs in use first, then nodes in use', 'GpuPacking'),
  GpuBestFit: gpuStudy("BestFit of FGD's study: the least cpu and GPUs left", 'GpuBestFit'),
  FGD: gpuStudy('the least GPU fragmentation for the pods of the workload', 'FGD', 'LeastFragmentation'),
}
