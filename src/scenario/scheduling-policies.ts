/** A ready-made way to choose among the nodes that fit. */
export interface SchedulingPolicy {
  /** What it does, in one line. */
  readonly description: string
  /** The KubeSchedulerConfiguration that it stands for, as `spec.scheduler.config` would have it. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** Which of equal nodes is taken, where the scenario does not say. */
  readonly tieBreak?: 'heap' | 'random' | 'name'
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
function scoredBy(plugin: string, description: string): SchedulingPolicy {
  const alone = { disabled: [{ name: '*' }], enabled: [{ name: plugin }] }
  const profile = { percentageOfNodesToScore: 100, plugins: { preScore: alone, score: alone } }
  return { description, configuration: { profiles: [profile] } }
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
  Coscheduling: {
    description: 'the default profile; pods of a PodGroup of scheduling.x-k8s.io together',
    configuration: { profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'Coscheduling' }] } } }] },
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
