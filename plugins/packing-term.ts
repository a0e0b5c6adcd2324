import { SCORE_MAX } from '../src/scheduler/framework/index.ts'
import type { ClusterView, NodeIndex, PluginContext, PodShape } from '../src/scheduler/framework/index.ts'
import { readArguments, readResources } from './plugin-arguments.ts'
import type { WeightedResource } from './plugin-arguments.ts'
import { allocatableOf, requestedOf } from './resource-columns.ts'
import type { RequestColumns } from './resource-columns.ts'

/** What a pod asks of one of the resources that a packing policy weighs. */
export interface Demand {
  readonly resource: string
  /** Millicores, bytes or units; 0 when it asks for none of a resource that is weighed for every pod. */
  readonly amount: number
  readonly weight: number
}

/** The dimensions of the vector packing problem, with the pod's demand in each. */
export interface PackingTerm {
  readonly demands: readonly Demand[]
}

/** The most that any node has, by the place of the demand: what residuals are measured in. */
export interface PackingScale {
  readonly largest: readonly number[]
}

/** Raw scores of packing policies go up to this: scaled by the highest, only nodes that agree to a millionth are equal. */
export const RAW_MAX = 10_000 * SCORE_MAX

/**
 * The argument `resources` of a packing policy: names with weights, `cpu` and `memory` with 1 by default.
 *
 * Throws `InputError` when it is wrong.
 */
export function readPackingResources(args: unknown, context: PluginContext): readonly WeightedResource[] {
  const read = readArguments(args, context, ['resources'])
  return readResources(read['resources'], `${context.path}.resources`)
}

/**
 * A pod in the packing problem: the resources of the arguments for every pod, and with weight 1 whatever else it asks
 * for, extended resources such as GPUs by name.
 */
export function packingTerm(resources: readonly WeightedResource[], pod: PodShape): PackingTerm {
  const { cpu, memory, ephemeralStorage, scalars } = pod.requests
  const amounts = new Map([
    ['cpu', cpu],
    ['memory', memory],
    ['ephemeral-storage', ephemeralStorage],
    ...scalars,
  ])
  const listed = new Set(resources.map(({ name }) => name))
  const others = [...amounts].filter(([name, amount]) => amount > 0 && !listed.has(name) && !BASIC.has(name))
  others.sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    demands: [
      ...resources.map(({ name, weight }) => ({ resource: name, amount: amounts.get(name) ?? 0, weight })),
      ...others.map(([resource, amount]) => ({ resource, amount, weight: 1 })),
    ],
  }
}

/** Arguments that leave one of these out mean it. */
const BASIC: ReadonlySet<string> = new Set(['cpu', 'memory'])

/** What the largest node has of each resource. */
export function packingScale({ demands }: PackingTerm, cluster: ClusterView): PackingScale {
  return { largest: demands.map(({ resource }) => cluster.mostAllocatable(resource)) }
}

/** What a node has free of a resource, not below 0. */
export function freeOf(resource: string, node: NodeIndex, nodes: RequestColumns): number {
  return Math.max(0, allocatableOf(resource, node, nodes) - requestedOf(resource, node, nodes))
}

/**
 * Weighted mean of what a node would have left, 0 to 1 of the largest node's amount, each raised to `power`: 1 for the mean
 * of the residuals, 2 for that of their squares. Resources that no node has do not count.
 */
export function meanResidual(
  { demands }: PackingTerm,
  { largest }: PackingScale,
  node: NodeIndex,
  nodes: RequestColumns,
  power: 1 | 2,
): number {
  let sum = 0
  let weights = 0
  for (let i = 0; i < demands.length; i++) {
    const whole = largest[i] ?? 0
    const demand = demands[i]
    if (demand === undefined || whole === 0) continue
    const left = Math.max(0, freeOf(demand.resource, node, nodes) - demand.amount) / whole
    sum += demand.weight * (power === 1 ? left : left * left)
    weights += demand.weight
  }
  return weights === 0 ? 0 : sum / weights
}
