import { definePlugin, signRequests } from '../src/scheduler/framework/index.ts'
import type { NodeColumns, NodeIndex, PluginFactory } from '../src/scheduler/framework/index.ts'
import { DeviceCounts, delegatedResources } from './device-allocation/device-counts.ts'
import { isCpuAndMemory, readArguments, readResources } from './plugin-arguments.ts'
import type { WeightedResource } from './plugin-arguments.ts'
import { RESOURCE_COLUMNS, allocatableOf, isScalar, requestOf, requestedOf } from './resource-columns.ts'
import type { ResourceColumns } from './resource-columns.ts'

/** What a pod asks of each weighed resource. */
interface BalanceTerm {
  readonly requests: readonly number[]
}

/** Devices that stand for resources which a node does not have itself. */
type BalanceState = DeviceCounts | undefined

type BalanceColumns = ResourceColumns & Pick<NodeColumns, 'name' | 'labels'>

/**
 * Prefers nodes whose resources would be used more evenly with the pod than without.
 *
 * Score: 50 + (50 + balance with the pod - balance without) / 2, where balance is 100 × (1 - standard deviation of the
 * used shares), each step rounded towards zero; real requests, shares capped at 1. Pods without requests are not ranked.
 * Source: Kubernetes v1.37 (the form since 1.36), scheduler plugins/noderesources `balanced_allocation.go`.
 */
export const nodeResourcesBalancedAllocation: PluginFactory = (args, context) => {
  const read = readArguments(args, context, ['resources'])
  const resources = readResources(read['resources'], `${context.path}.resources`)
  const hasDevices = context.gates.get('DRAExtendedResource') ?? true
  const names = hasDevices ? resources.map(({ name }) => name) : []
  return definePlugin({
    name: 'NodeResourcesBalancedAllocation',
    reads: [...RESOURCE_COLUMNS, 'name', 'labels'],

    compile: (pod): BalanceTerm => ({ requests: resources.map(({ name }) => requestOf(name, pod, false)) }),

    sign: signRequests,

    ranks: (term) => term.requests.some((request) => request > 0),

    isStateless: (_term, cluster) => delegatedResources(names, cluster) === undefined,

    prepareScore(_term, cluster) {
      const delegated = delegatedResources(names, cluster)
      return { state: delegated === undefined ? undefined : new DeviceCounts(delegated, cluster) }
    },

    score(term, node, nodes, counts: BalanceState) {
      const after = balance(resources, term, { node, nodes, counts, withPod: true })
      const before = balance(resources, term, { node, nodes, counts, withPod: false })
      return 50 + Math.trunc((50 + after - before) / 2)
    },

    kernel: (term) =>
      isCpuAndMemory(resources)
        ? { score: { kind: 'balanced', cpu: term.requests[0] ?? 0, memory: term.requests[1] ?? 0 } }
        : {},

    hint: () => false,
  })
}

/** 100 × (1 - standard deviation of the used shares), rounded towards zero. */
function balance(
  resources: readonly WeightedResource[],
  term: BalanceTerm,
  at: {
    readonly node: NodeIndex
    readonly nodes: BalanceColumns
    readonly counts: BalanceState
    readonly withPod: boolean
  },
): number {
  const { node, nodes, counts, withPod } = at
  let count = 0
  let sum = 0
  let first = 0
  let second = 0
  const shares: number[] = []
  for (let i = 0; i < resources.length; i++) {
    const resource = resources[i]?.name ?? ''
    const request = term.requests[i] ?? 0
    if (request === 0 && isScalar(resource)) continue
    let allocatable = allocatableOf(resource, node, nodes)
    let taken = requestedOf(resource, node, nodes)
    if (allocatable === 0 && counts !== undefined) {
      const devices = counts.of(resource, node, nodes)
      allocatable = devices.count
      taken = devices.allocated
    }
    if (allocatable === 0) continue
    const requested = taken + (withPod ? request : 0)
    const share = Math.min(requested / allocatable, 1)
    sum += share
    if (count === 0) first = share
    else if (count === 1) second = share
    if (resources.length > 2) shares.push(share)
    count += 1
  }
  if (count < 2) return 100
  if (count === 2) return Math.trunc((1 - Math.abs((first - second) / 2)) * 100)
  const mean = sum / count
  let squares = 0
  for (const share of shares) squares += (share - mean) * (share - mean)
  return Math.trunc((1 - Math.sqrt(squares / count)) * 100)
}
