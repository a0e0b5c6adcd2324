import {
  PASS,
  definePlugin,
  signRequests,
  unresolvable,
  unschedulable,
} from '../src/scheduler/framework/index.ts'
import type {
  FitKernel,
  NodeIndex,
  PluginFactory,
  PodShape,
  SchedulerPlugin,
} from '../src/scheduler/framework/index.ts'
import { DeviceCounts, delegatedResources } from './device-allocation/device-counts.ts'
import type { DelegatedResources } from './device-allocation/device-counts.ts'
import type { Labels } from '../src/api/selectors.ts'
import { mostAllocated, readScoringStrategy } from './fit-scoring-strategy.ts'
import type { ScoringStrategy } from './fit-scoring-strategy.ts'
import { scorePlacement } from './fit-placement-score.ts'
import { readArguments } from './plugin-arguments.ts'
import {
  RESOURCE_COLUMNS,
  allocatableOf,
  isScalar,
  nonZeroRequestedOf,
  requestOf,
  requestedOf,
} from './resource-columns.ts'
import type { ResourceColumns } from './resource-columns.ts'
import { RETRY_EVENTS, isWorthRetry } from './resources-hint.ts'
import type { Request } from './resources-hint.ts'

const FULL = unschedulable()
const NEVER_FITS = unresolvable()

const TOO_MANY_PODS = 'Too many pods'

/** What a pod asks for: requests above 0, and what scoring takes for each resource of the strategy. */
interface FitTerm {
  /** Without the resources that the arguments ignore. */
  readonly requests: readonly Request[]
  /** With them: queueing hints know of no arguments. */
  readonly asked: readonly Request[]
  readonly scored: readonly number[]
  /** Extended resources that it asks for, whether the plugin ignores them or not. */
  readonly extended: readonly string[]
}

/** Resources that devices stand for where the node does not have them itself; undefined when there are none. */
type FitState = DelegatedResources | undefined

type FitColumns = ResourceColumns & {
  allocatablePods(node: NodeIndex): number
  podCount(node: NodeIndex): number
  name(node: NodeIndex): string
  labels(node: NodeIndex): Labels
}

const NO_DEVICES = { count: 0, allocated: 0 }

/**
 * Keeps pods off nodes without room for their requests, and scores nodes by how full they would be.
 *
 * A request above what the node has at all is not cured by preemption. Score: by `scoringStrategy`, LeastAllocated over
 * cpu and memory by default; containers without requests count as 100 millicores and 200 MiB. Extended resources that a
 * DeviceClass stands for are left to DynamicResources on nodes that have none, and scored by the devices. Behind
 * TopologyAwareWorkloadScheduling it scores placements of PodGroups by MostAllocated over the strategy's resources.
 * Source: Kubernetes v1.37, scheduler plugins/noderesources `fit.go` and `resource_allocation.go`.
 */
export const nodeResourcesFit: PluginFactory = (args, context) => {
  const read = readArguments(args, context, ['ignoredResources', 'ignoredResourceGroups', 'scoringStrategy'])
  const ignored = new Set((read['ignoredResources'] as readonly string[] | undefined) ?? [])
  const groups = new Set((read['ignoredResourceGroups'] as readonly string[] | undefined) ?? [])
  const isIgnored = (resource: string): boolean =>
    isExtended(resource) && (ignored.has(resource) || groups.has(resource.split('/')[0] ?? ''))
  const hasDevices = context.gates.get('DRAExtendedResource') ?? true
  const strategy = readScoringStrategy(read['scoringStrategy'], `${context.path}.scoringStrategy`)
  const plugin = build({ isIgnored, strategy, hasDevices })
  if (context.gates.get('TopologyAwareWorkloadScheduling') !== true) return plugin
  const packing = mostAllocated(strategy.resources)
  return definePlugin({
    ...plugin,
    placementScore: ({ cluster }, assignment) => scorePlacement(packing, cluster.nodes, assignment),
  })
}

interface FitSettings {
  readonly isIgnored: (resource: string) => boolean
  readonly strategy: ScoringStrategy
  /** Whether devices may stand for extended resources: the feature gate DRAExtendedResource. */
  readonly hasDevices: boolean
}

function build({ isIgnored, strategy, hasDevices }: FitSettings): SchedulerPlugin {
  return definePlugin({
    name: 'NodeResourcesFit',
    reads: [...RESOURCE_COLUMNS, 'allocatablePods', 'podCount', 'name', 'labels'],

    compile: (pod): FitTerm => ({
      requests: requestsOf(pod).filter(({ resource }) => !isIgnored(resource)),
      asked: requestsOf(pod),
      scored: strategy.resources.map(({ name }) => requestOf(name, pod, true)),
      extended: hasDevices ? [...pod.requests.scalars.keys()] : [],
    }),

    sign: signRequests,

    isStateless: (term, cluster) => delegatedResources(term.extended, cluster) === undefined,

    prepare: (term, cluster) => ({ state: delegatedResources(term.extended, cluster) }),

    filter(term, node, nodes, state: FitState) {
      let verdict = nodes.podCount(node) + 1 > nodes.allocatablePods(node) ? FULL : PASS
      for (const { resource, amount } of term.requests) {
        const allocatable = allocatableOf(resource, node, nodes)
        if (amount <= allocatable - requestedOf(resource, node, nodes)) continue
        if (allocatable === 0 && state?.has(resource) === true) continue
        if (amount > allocatable) return NEVER_FITS
        verdict = FULL
      }
      return verdict
    },

    explain: (term, node, nodes, state) => reasonsOf(term, node, nodes, state),

    prepareScore(_term, cluster, _found, _pod, state) {
      return { state: state === undefined ? undefined : new DeviceCounts(state, cluster) }
    },

    score(term, node, nodes, counts: DeviceCounts | undefined) {
      return strategy.score((index) => {
        const resource = strategy.resources[index]?.name ?? ''
        const request = term.scored[index] ?? 0
        if (request === 0 && isScalar(resource)) return undefined
        const allocatable = allocatableOf(resource, node, nodes)
        if (allocatable === 0) {
          const { count, allocated } = counts?.of(resource, node, nodes) ?? NO_DEVICES
          return count === 0 ? undefined : { allocatable: count, requested: allocated + request }
        }
        return { allocatable, requested: nonZeroRequestedOf(resource, node, nodes) + request }
      })
    },

    kernel: (term) => ({
      fit: fitKernel(term),
      ...(strategy.isDefault
        ? { score: { kind: 'least-allocated', cpu: term.scored[0] ?? 0, memory: term.scored[1] ?? 0 } }
        : {}),
    }),

    events: RETRY_EVENTS,

    hint(term, change, cluster) {
      if (change.type === 'object-changed' && !hasDevices) return false
      return isWorthRetry(term.asked, change, () => delegatedResources(term.extended, cluster))
    },
  })
}

/** Source: Kubernetes v1.37, apis/core/v1/helper `IsExtendedResourceName`: only these can be ignored. */
function isExtended(resource: string): boolean {
  return resource.includes('/') && !resource.includes('kubernetes.io/') && !resource.startsWith('requests.')
}

function requestsOf(pod: PodShape): readonly Request[] {
  const { cpu, memory, ephemeralStorage, scalars } = pod.requests
  const all = [
    { resource: 'cpu', amount: cpu },
    { resource: 'memory', amount: memory },
    { resource: 'ephemeral-storage', amount: ephemeralStorage },
    ...[...scalars].map(([resource, amount]) => ({ resource, amount })),
  ]
  return all.filter(({ amount }) => amount > 0)
}

function fitKernel(term: FitTerm): FitKernel {
  const amountOf = (wanted: string): number =>
    term.requests.find(({ resource }) => resource === wanted)?.amount ?? 0
  const others = term.requests.filter(({ resource }) => resource !== 'cpu' && resource !== 'memory')
  return { cpu: amountOf('cpu'), memory: amountOf('memory'), others }
}

function reasonsOf(term: FitTerm, node: NodeIndex, nodes: FitColumns, state: FitState): string[] {
  const reasons: string[] = []
  if (nodes.podCount(node) + 1 > nodes.allocatablePods(node)) reasons.push(TOO_MANY_PODS)
  for (const { resource, amount } of term.requests) {
    const allocatable = allocatableOf(resource, node, nodes)
    if (allocatable === 0 && state?.has(resource) === true) continue
    const free = allocatable - requestedOf(resource, node, nodes)
    if (amount > free) reasons.push(`Insufficient ${resource}`)
  }
  return reasons
}
