import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { plugins } from '../../plugins/index.ts'
import { InputError } from '../../src/base/errors.ts'
import { parseConfiguration } from '../../src/scheduler/configuration/parse.ts'
import type { ParseSetting } from '../../src/scheduler/configuration/parse.ts'
import type { ResolvedConfiguration } from '../../src/scheduler/configuration/resolved.ts'

const known = new Set([...plugins.keys(), 'MyPlugin'])

function read(text: string, setting: ParseSetting = {}): ResolvedConfiguration {
  return parseConfiguration(parse(text), '', { known, ...setting })
}

/** Every problem as `field: message`. */
function problemsOf(text: string, setting: ParseSetting = {}): readonly string[] {
  try {
    read(text, setting)
    return []
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.problems.map(({ field = '', message }) => `${field}: ${message}`)
  }
}

function argsOf(plugin: string, args: string): string {
  return `profiles: [{ pluginConfig: [{ name: ${plugin}, args: ${args} }] }]`
}

const AT = 'profiles[0].pluginConfig[0].args'

/** What is wrong, and what kube-scheduler says. */
const WRONG: readonly (readonly [what: string, text: string, ...problems: readonly string[]])[] = [
  [
    'an old version',
    'apiVersion: kubescheduler.config.k8s.io/v1beta3',
    'apiVersion: no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v1beta3"',
  ],
  [
    'another kind',
    'kind: Policy',
    'kind: no kind "Policy" is registered for version "kubescheduler.config.k8s.io/v1"',
  ],
  ['an unknown field', 'paralelism: 4', 'paralelism: strict decoding error: unknown field "paralelism"'],
  [
    'an unknown field deep inside',
    'profiles: [{ plugins: { score: { enable: [] } } }]',
    'profiles[0].plugins.score.enable: strict decoding error: unknown field "profiles[0].plugins.score.enable"',
  ],
  [
    'a field of versions before v1',
    'healthzBindAddress: 0.0.0.0:10251',
    'healthzBindAddress: strict decoding error: unknown field "healthzBindAddress"',
  ],
  [
    'a text for a number',
    'parallelism: many',
    'parallelism: json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
  ],
  [
    'a fraction',
    'podMaxBackoffSeconds: 1.5',
    'podMaxBackoffSeconds: json: cannot unmarshal number 1.5 into Go struct field KubeSchedulerConfiguration.podMaxBackoffSeconds of type int64',
  ],
  [
    'a weight that overflows',
    'profiles: [{ plugins: { score: { enabled: [{ name: ImageLocality, weight: 3000000000 }] } } }]',
    'profiles[0].plugins.score.enabled[0].weight: json: cannot unmarshal number 3000000000 into Go struct field Plugin.profiles.plugins.score.enabled.weight of type int32',
  ],
  [
    'an object for a list',
    'profiles: {}',
    'profiles: json: cannot unmarshal object into Go struct field KubeSchedulerConfiguration.profiles of type []v1.KubeSchedulerProfile',
  ],
  [
    'a number for a duration',
    'extenders: [{ urlPrefix: "http://localhost", httpTimeout: 5 }]',
    'extenders[0].httpTimeout: json: cannot unmarshal number into Go value of type string',
  ],
  [
    'a duration without unit',
    'leaderElection: { leaseDuration: "15" }',
    'leaderElection.leaseDuration: time: missing unit in duration "15"',
  ],
  [
    'parallelism 0',
    'parallelism: 0',
    'parallelism: Invalid value: 0: should be an integer value greater than zero',
  ],
  [
    'a percentage over 100',
    'percentageOfNodesToScore: 101',
    'percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]',
  ],
  [
    'a percentage of a profile below 0',
    'profiles: [{ percentageOfNodesToScore: -1 }]',
    'profiles[0].percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100]',
  ],
  [
    'no back-off, and a maximum below it',
    'podInitialBackoffSeconds: 0\npodMaxBackoffSeconds: -1',
    'podInitialBackoffSeconds: Invalid value: 0: must be greater than 0',
    'podMaxBackoffSeconds: Invalid value: -1: must be greater than or equal to PodInitialBackoffSeconds',
  ],
  [
    'a lease that ends before it is renewed',
    'leaderElection: { leaderElect: true, leaseDuration: 5s }',
    'leaderElection.leaseDuration: Invalid value: "10s": must be greater than `RenewDeadline`',
  ],
  [
    'another lock than leases',
    'leaderElection: { resourceLock: endpoints }',
    'leaderElection.resourceLock: Invalid value: "endpoints": resourceLock value must be "leases"',
  ],
  [
    'a burst below 0',
    'clientConnection: { burst: -1 }',
    'clientConnection.burst: Invalid value: -1: must be non-negative',
  ],
  [
    'two profiles of one name',
    'profiles: [{ schedulerName: a }, { schedulerName: a }]',
    'profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
  ],
  [
    'a profile without a name beside another',
    'profiles: [{ schedulerName: a }, {}]',
    'profiles[1].schedulerName: Required value',
  ],
  [
    'an unknown plugin',
    'profiles: [{ plugins: { filter: { enabled: [{ name: NodePort }] } } }]',
    'profiles[0].plugins.filter.enabled[0]: FilterPlugin "NodePort" does not exist',
  ],
  [
    'an unknown plugin at every point',
    'profiles: [{ plugins: { multiPoint: { enabled: [{ name: Nonsense }] } } }]',
    'profiles[0].plugins.multiPoint.enabled[0]: PreFilterPlugin "Nonsense" does not exist',
  ],
  [
    'a plugin where it does not act',
    'profiles: [{ plugins: { score: { enabled: [{ name: NodeName }] } } }]',
    'profiles[0].plugins.score.enabled[0]: plugin "NodeName" does not extend ScorePlugin plugin',
  ],
  [
    'a plugin twice',
    'profiles: [{ plugins: { score: { enabled: [{ name: ImageLocality }, { name: ImageLocality }] } } }]',
    'profiles[0].plugins.score.enabled[1]: plugin "ImageLocality" already registered as "ScorePlugin"',
  ],
  [
    'a plugin without a name',
    'profiles: [{ plugins: { filter: { enabled: [{ weight: 1 }] } } }]',
    'profiles[0].plugins.filter.enabled[0]: FilterPlugin "" does not exist',
  ],
  [
    'nothing in a list',
    'profiles: [{ plugins: { filter: { enabled: [null] } } }]',
    'profiles[0].plugins.filter.enabled[0]: null is no v1.Plugin',
  ],
  [
    'a removed plugin',
    'profiles: [{ plugins: { filter: { enabled: [{ name: EBSLimits }] } } }]',
    'profiles[0].plugins.filter.enabled[0]: Invalid value: "EBSLimits": was invalid in version "v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")',
  ],
  [
    'no queue sort plugin',
    'profiles: [{ plugins: { queueSort: { disabled: [{ name: "*" }] } } }]',
    'profiles[0].plugins.queueSort: only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0',
  ],
  [
    'no bind plugin',
    'profiles: [{ plugins: { multiPoint: { disabled: [{ name: DefaultBinder }] } } }]',
    'profiles[0].plugins.bind: at least one bind plugin is needed for profile with scheduler name "default-scheduler"',
  ],
  [
    'profiles that sort differently',
    'profiles: [{ schedulerName: a }, { schedulerName: b, plugins: { queueSort: { enabled: [{ name: PrioritySort }] } } }]',
    'profiles[1].plugins.queueSort: Invalid value: {"Enabled":[{"Name":"PrioritySort","Weight":0}],"Disabled":[]}: must be the same for all profiles',
  ],
  [
    'arguments twice',
    'profiles: [{ pluginConfig: [{ name: NodeAffinity }, { name: NodeAffinity }] }]',
    'profiles[0].pluginConfig[1]: Duplicate value: "NodeAffinity"',
  ],
  [
    'arguments of another plugin',
    argsOf('NodeAffinity', '{ kind: InterPodAffinityArgs }'),
    `${AT}.kind: args for plugin NodeAffinity were not of type NodeAffinityArgs.kubescheduler.config.k8s.io, got InterPodAffinityArgs.kubescheduler.config.k8s.io`,
  ],
  [
    'arguments of another version',
    argsOf('NodeAffinity', '{ apiVersion: kubescheduler.config.k8s.io/v1beta3, kind: NodeAffinityArgs }'),
    `${AT}.apiVersion: decoding args for plugin NodeAffinity: no kind "NodeAffinityArgs" is registered for version "kubescheduler.config.k8s.io/v1beta3"`,
  ],
  [
    'an unknown argument',
    argsOf('InterPodAffinity', '{ hardPodAffinityWeigth: 1 }'),
    `${AT}.hardPodAffinityWeigth: decoding args for plugin InterPodAffinity: strict decoding error: unknown field "hardPodAffinityWeigth"`,
  ],
  [
    'an argument of a wrong type',
    argsOf('InterPodAffinity', '{ hardPodAffinityWeight: "1" }'),
    `${AT}.hardPodAffinityWeight: decoding args for plugin InterPodAffinity: json: cannot unmarshal string into Go struct field InterPodAffinityArgs.hardPodAffinityWeight of type int32`,
  ],
  [
    'a hard weight over 100',
    argsOf('InterPodAffinity', '{ hardPodAffinityWeight: 101 }'),
    `${AT}.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]`,
  ],
  [
    'no candidates at all',
    argsOf('DefaultPreemption', '{ minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 }'),
    `${AT}.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute`,
    `${AT}.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage`,
  ],
  [
    'candidates out of range',
    argsOf('DefaultPreemption', '{ minCandidateNodesPercentage: 101, minCandidateNodesAbsolute: -1 }'),
    `${AT}.minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]`,
    `${AT}.minCandidateNodesAbsolute: Invalid value: -1: not in valid range [0, inf)`,
  ],
  [
    'resources to balance, weighed and twice',
    argsOf(
      'NodeResourcesBalancedAllocation',
      '{ resources: [{ name: cpu, weight: 2 }, { name: cpu, weight: 1 }] }',
    ),
    `${AT}.resources[0].weight: Invalid value: 2: must be 1`,
    `${AT}.resources[1].name: Duplicate value: "cpu"`,
  ],
  [
    'an unknown strategy',
    argsOf('NodeResourcesFit', '{ scoringStrategy: { type: Best } }'),
    `${AT}.scoringStrategy.type: Unsupported value: "Best": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"`,
  ],
  [
    'a resource weight out of range',
    argsOf(
      'NodeResourcesFit',
      '{ scoringStrategy: { type: MostAllocated, resources: [{ name: cpu, weight: 101 }] } }',
    ),
    `${AT}.scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]`,
  ],
  [
    'a ratio without its shape',
    argsOf('NodeResourcesFit', '{ scoringStrategy: { type: RequestedToCapacityRatio } }'),
    `${AT}.scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio`,
  ],
  [
    'a shape for another strategy',
    argsOf('NodeResourcesFit', '{ scoringStrategy: { type: LeastAllocated, requestedToCapacityRatio: {} } }'),
    `${AT}.scoringStrategy.requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio`,
  ],
  [
    'a shape that is empty',
    argsOf(
      'NodeResourcesFit',
      '{ scoringStrategy: { type: RequestedToCapacityRatio, requestedToCapacityRatio: { shape: [] } } }',
    ),
    `${AT}.scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified`,
  ],
  [
    'a shape that is not sorted, and scores too high',
    argsOf(
      'VolumeBinding',
      '{ shape: [{ utilization: 50, score: 11 }, { utilization: 50, score: 1 }, { utilization: 101, score: 0 }] }',
    ),
    `${AT}.shape[1].utilization: Invalid value: 50: values must be sorted in increasing order`,
    `${AT}.shape[0].score: Invalid value: 11: not in valid range [0, 10]`,
    `${AT}.shape[2].utilization: Invalid value: 101: not in valid range [0, 100]`,
  ],
  [
    'a time to bind volumes below 0',
    argsOf('VolumeBinding', '{ bindTimeoutSeconds: -1 }'),
    `${AT}.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value`,
  ],
  [
    'a group of resources with a slash',
    argsOf('NodeResourcesFit', '{ ignoredResourceGroups: ["example.com/a"] }'),
    `${AT}.ignoredResourceGroups[0]: Invalid value: "example.com/a": resource group name can't contain '/'`,
  ],
  [
    'default constraints of the system and a list',
    argsOf(
      'PodTopologySpread',
      '{ defaultConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway }] }',
    ),
    `${AT}.defaultingType: Invalid value: "System": when .defaultConstraints are not empty`,
  ],
  [
    'constraints that are wrong',
    argsOf(
      'PodTopologySpread',
      '{ defaultingType: List, defaultConstraints: [{ maxSkew: 0, whenUnsatisfiable: Never, labelSelector: {} }] }',
    ),
    `${AT}.defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)`,
    `${AT}.defaultConstraints[0].topologyKey: Required value: can not be empty`,
    `${AT}.defaultConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"`,
    `${AT}.defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod`,
  ],
  [
    'an unknown way of defaulting',
    argsOf('PodTopologySpread', '{ defaultingType: Mine }'),
    `${AT}.defaultingType: Unsupported value: "Mine": supported values: "List", "System"`,
  ],
  [
    'an affinity with an unknown operator',
    argsOf(
      'NodeAffinity',
      '{ addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: Is }] }] } } }',
    ),
    `${AT}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator`,
  ],
  [
    'a time to bind devices below a second',
    argsOf('DynamicResources', '{ bindingTimeout: 500ms, filterTimeout: -1s }'),
    `${AT}.filterTimeout: Invalid value: "-1s": must be zero or positive`,
    `${AT}.bindingTimeout: Invalid value: "500ms": must be at least 1 second`,
  ],
  [
    'an extender that scores without weight',
    'extenders: [{ urlPrefix: "http://localhost:1", prioritizeVerb: p, weight: -1 }]',
    'extenders[0].weight: Invalid value: -1: must have a positive weight applied to it',
  ],
  [
    'two extenders that bind',
    'extenders: [{ urlPrefix: "http://localhost:1", bindVerb: b }, { urlPrefix: "http://localhost:2", bindVerb: b }]',
    'extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind',
  ],
  [
    'managed resources that are none, or twice',
    'extenders: [{ urlPrefix: "http://localhost:1", filterVerb: f, managedResources: [{ name: cpu }, { name: a.com/x }, { name: a.com/x }] }]',
    'extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name',
    'extenders[0].managedResources[2].name: Invalid value: "a.com/x": duplicate extender managed resource name',
  ],
  [
    'an extender on another host',
    'extenders: [{ urlPrefix: "http://extender.example:8888/", filterVerb: f }]',
    'extenders[0].urlPrefix: Invalid value: "http://extender.example:8888/": another host is not called',
  ],
]

describe('a KubeSchedulerConfiguration', () => {
  it.each(WRONG)('is refused for %s', (_what, text, ...problems) => {
    expect(problemsOf(text)).toEqual(problems)
  })

  it('is refused for all that is wrong, in the order of kube-scheduler', () => {
    const problems = problemsOf(`
extenders: [{ urlPrefix: "http://localhost", prioritizeVerb: score }]
podMaxBackoffSeconds: 1
podInitialBackoffSeconds: 2
percentageOfNodesToScore: 101
profiles: [{ schedulerName: a }, { schedulerName: a }]
parallelism: -1
leaderElection: { resourceLock: endpoints }
clientConnection: { burst: -1 }
`)
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
      'clientConnection.burst',
      'leaderElection.resourceLock',
      'parallelism',
      'profiles[1].schedulerName',
      'percentageOfNodesToScore',
      'podMaxBackoffSeconds',
      'extenders[0].weight',
    ])
  })

  it('tells the nearest name of an unknown field', () => {
    expect(() => read('podMaxBackofSeconds: 1')).toThrow('did you mean podMaxBackoffSeconds?')
  })

  it('needs a kind and a version in a file of its own', () => {
    expect(problemsOf('profiles: []', { needsType: true })).toEqual([
      ": Object 'Kind' is missing",
      ": Object 'apiVersion' is missing",
    ])
  })

  it('has the defaults of kube-scheduler when it is empty', () => {
    const { profiles, extenders, warnings, ...rest } = read('{}')
    expect(rest).toEqual({
      percentageOfNodesToScore: undefined,
      podInitialBackoff: 1_000_000,
      podMaxBackoff: 10_000_000,
    })
    expect(extenders).toEqual([])
    expect(warnings).toEqual([])
    expect(profiles.map(({ schedulerName }) => schedulerName)).toEqual(['default-scheduler'])
    expect(profiles[0]?.points.queueSort).toEqual(['PrioritySort'])
    expect(profiles[0]?.weights.get('TaintToleration')).toBe(3)
  })

  it('takes weight 0 for 1 and replaces a default in place', () => {
    const { profiles } = read(
      'profiles: [{ plugins: { multiPoint: { enabled: [{ name: TaintToleration, weight: 0 }, { name: MyPlugin }] } } }]',
    )
    const [profile] = profiles
    expect(profile?.weights.get('TaintToleration')).toBe(1)
    expect(profile?.points.score[0]).toBe('TaintToleration')
    expect(profile?.points.score.at(-1)).toBe('MyPlugin')
  })

  it('weighs scores of placements by themselves', () => {
    const { profiles } = read(`
profiles:
- plugins:
    multiPoint: { enabled: [{ name: NodeResourcesFit, weight: 2 }] }
    placementScore: { enabled: [{ name: PodGroupPodsCount, weight: 5 }] }
`)
    const [profile] = profiles
    expect(profile?.points.placementScore).toEqual(['PodGroupPodsCount', 'NodeResourcesFit'])
    expect(profile?.placementWeights.get('PodGroupPodsCount')).toBe(5)
    expect(profile?.placementWeights.get('NodeResourcesFit')).toBe(2)
    expect(profile?.weights.get('PodGroupPodsCount')).toBe(1)
  })

  it('warns of what has no meaning here, with its path', () => {
    const { warnings } = read(`
parallelism: 8
leaderElection: { leaderElect: false }
clientConnection: { qps: 50 }
enableProfiling: true
enableContentionProfiling: false
delayCacheUntilActive: true
percentageOfPlacementsToScore: 50
profiles:
- pluginConfig: [{ name: MyCoscheduling, args: { permitWaitingTimeSeconds: 10 } }]
extenders: [{ urlPrefix: "http://127.0.0.1:8888", enableHTTPS: true, tlsConfig: { insecure: true } }]
`)
    expect(warnings.map(({ path }) => path).sort()).toEqual([
      'clientConnection',
      'delayCacheUntilActive',
      'enableContentionProfiling',
      'enableProfiling',
      'extenders[0]',
      'extenders[0].enableHTTPS',
      'extenders[0].tlsConfig',
      'leaderElection',
      'parallelism',
      'percentageOfPlacementsToScore',
      'profiles[0].pluginConfig[0]',
    ])
  })

  it('reads every field of an extender', () => {
    const { extenders } = read(`
extenders:
- urlPrefix: http://[::1]:8888/scheduler
  filterVerb: filter
  prioritizeVerb: prioritize
  preemptVerb: preempt
  bindVerb: bind
  weight: 2
  httpTimeout: 1m0.5s
  nodeCacheCapable: true
  managedResources: [{ name: a.com/x, ignoredByScheduler: true }, { name: a.com/y }]
  ignorable: true
  tlsConfig: { serverName: extender.example, certFile: a.pem, keyData: YQ==, caFile: ca.pem, caData: Yg== }
- urlPrefix: https://localhost
  enableHTTPS: true
  filterVerb: filter
`)
    expect(extenders[0]).toEqual({
      urlPrefix: 'http://[::1]:8888/scheduler',
      filterVerb: 'filter',
      prioritizeVerb: 'prioritize',
      preemptVerb: 'preempt',
      bindVerb: 'bind',
      weight: 2,
      httpTimeoutMs: 60_500,
      nodeCacheCapable: true,
      managedResources: ['a.com/x', 'a.com/y'],
      ignoredByScheduler: ['a.com/x'],
      ignorable: true,
      tls: {
        insecure: false,
        serverName: 'extender.example',
        ca: { field: 'caData', pem: 'b' },
        client: { cert: { field: 'certFile', file: 'a.pem' }, key: { field: 'keyData', pem: 'a' } },
      },
    })
    expect(extenders[1]?.tls?.insecure).toBe(true)
    expect(extenders[1]?.httpTimeoutMs).toBe(5000)
  })

  it('refuses a shape of volumes where the feature gate is off', () => {
    const gates = new Map([['StorageCapacityScoring', false]])
    const [problem] = problemsOf(argsOf('VolumeBinding', '{ shape: [{ utilization: 0, score: 0 }] }'), {
      gates,
    })
    expect(problem).toContain('unexpected field `shape`')
  })
})
