import { nodeAmounts } from '../src/api/node-amounts.ts'
import type { Quantity } from '../src/api/types.generated.ts'
import type { ClusterView, NamespaceUse, PodShape } from '../src/scheduler/framework/index.ts'

type Amounts = Readonly<Record<string, Quantity>>

/** An ElasticQuota of `scheduling.x-k8s.io/v1alpha1`. */
interface ElasticQuota {
  readonly metadata?: { readonly namespace?: string }
  readonly spec?: { readonly min?: Amounts; readonly max?: Amounts }
}

/** Amounts of what a quota is about: millicores, bytes, bytes, and units of extended resources. */
export type QuotaAmounts = NamespaceUse

/** What a namespace is guaranteed, what it may have at most, and what its pods on nodes ask for now. */
export interface NamespaceQuota {
  readonly namespace: string
  readonly min: QuotaAmounts
  readonly max: QuotaAmounts
  /** Follows the cluster, on trial too. */
  readonly use: NamespaceUse
}

/** The quotas of all namespaces that have one. */
export type ElasticQuotas = ReadonlyMap<string, NamespaceQuota>

/** A pod that asks for nothing. */
const NOTHING: QuotaAmounts = { cpu: 0, memory: 0, ephemeralStorage: 0, scalars: new Map() }

/** The max of a quota that has none. */
const UNBOUNDED = { cpu: Infinity, memory: Infinity, ephemeralStorage: Infinity, scalars: new Map() }

/** The quotas of the cluster; of several in one namespace the first counts. */
export function elasticQuotas(cluster: ClusterView): ElasticQuotas {
  const quotas = new Map<string, NamespaceQuota>()
  for (const object of cluster.objects('ElasticQuota')) {
    const { metadata, spec } = object as ElasticQuota
    const namespace = metadata?.namespace ?? 'default'
    if (quotas.has(namespace)) continue
    const { min, max } = spec ?? {}
    quotas.set(namespace, {
      namespace,
      min: amountsOf(min ?? {}),
      max: max === undefined ? UNBOUNDED : amountsOf(max),
      use: cluster.namespaceUse(namespace),
    })
  }
  return quotas
}

/** What a pod is charged with. */
export function chargeOf({ requests }: PodShape): QuotaAmounts {
  return requests
}

/**
 * Whether a namespace would have more than its max. A max that names neither cpu, memory nor ephemeral storage bounds each of them by 0;
 * an extended resource that it does not name has no bound, and counts only where the charge has some.
 */
export function isOverMax({ use, max }: NamespaceQuota, charge: QuotaAmounts): boolean {
  return exceeds(charge, use, max, Infinity)
}

/** Whether a namespace has more than its min with this charge; of extended resources those count that are charged. */
export function isOverMinWith({ use, min }: NamespaceQuota, charge: QuotaAmounts): boolean {
  return exceeds(charge, use, min, 0)
}

/** Whether a namespace has more than its min, once these amounts have gone. */
export function isOverMin({ use, min }: NamespaceQuota, gone: QuotaAmounts = NOTHING): boolean {
  return exceeds(plus(use, gone, -1), NOTHING, min, 0)
}

/** Whether all namespaces with quotas would together have more than all their mins: nothing is left to borrow. */
export function isOverAllMins(quotas: ElasticQuotas, charge: QuotaAmounts): boolean {
  let used = charge
  let guaranteed = NOTHING
  for (const { use, min } of quotas.values()) {
    used = plus(used, use)
    guaranteed = plus(guaranteed, min)
  }
  return exceeds(used, NOTHING, guaranteed, 0)
}

/** The sum of two amounts; with -1 the second is taken away. */
export function plus(one: QuotaAmounts, other: QuotaAmounts, sign: 1 | -1 = 1): QuotaAmounts {
  let { scalars } = one
  if (other.scalars.size > 0) {
    const sums = new Map(scalars)
    for (const [name, amount] of other.scalars) sums.set(name, (sums.get(name) ?? 0) + sign * amount)
    scalars = sums
  }
  return {
    cpu: one.cpu + sign * other.cpu,
    memory: one.memory + sign * other.memory,
    ephemeralStorage: one.ephemeralStorage + sign * other.ephemeralStorage,
    scalars,
  }
}

const known = new WeakMap<Amounts, QuotaAmounts>()

/** Reads a min or a max; stored ones are frozen, and read once. */
function amountsOf(list: Amounts): QuotaAmounts {
  const before = known.get(list)
  if (before !== undefined) return before
  const amounts = nodeAmounts(list)
  const { cpu = 0, memory = 0, 'ephemeral-storage': storage = 0, ...others } = Object.fromEntries(amounts)
  const read = { cpu, memory, ephemeralStorage: storage, scalars: new Map(Object.entries(others)) }
  if (Object.isFrozen(list)) known.set(list, read)
  return read
}

/** Source: pkg/capacityscheduling `cmp2`: the extended resources of the first amounts are compared, no others. */
function exceeds(first: QuotaAmounts, second: QuotaAmounts, bound: QuotaAmounts, otherwise: number): boolean {
  if (first.cpu + second.cpu > bound.cpu) return true
  if (first.memory + second.memory > bound.memory) return true
  if (first.ephemeralStorage + second.ephemeralStorage > bound.ephemeralStorage) return true
  for (const [name, amount] of first.scalars) {
    if (amount + (second.scalars.get(name) ?? 0) > (bound.scalars.get(name) ?? otherwise)) return true
  }
  return false
}
