import { nodeAmounts } from '../src/api/node-amounts.ts'
import type { AmountsByResource } from '../src/api/node-amounts.ts'
import type { ClusterView, NamespaceUse, PodShape } from '../src/scheduler/framework/index.ts'

/** An ElasticQuota of `scheduling.x-k8s.io/v1alpha1`. */
interface ElasticQuota {
  readonly metadata?: { readonly namespace?: string }
  readonly spec?: {
    readonly min?: Readonly<Record<string, string | number>>
    readonly max?: Readonly<Record<string, string | number>>
  }
}

/** What a namespace is guaranteed, what it may have at most, and what its pods on nodes ask for now. */
export interface NamespaceQuota {
  readonly namespace: string
  readonly min: AmountsByResource
  readonly max: AmountsByResource
  /** Follows the cluster, on trial too. */
  readonly use: NamespaceUse
}

/** The quotas of all namespaces that have one. */
export type ElasticQuotas = ReadonlyMap<string, NamespaceQuota>

/** Amounts of cpu, memory and extended resources: what a quota is about. */
export interface QuotaAmounts {
  readonly cpu: number
  readonly memory: number
  readonly scalars: ReadonlyMap<string, number>
}

/** A pod that asks for nothing. */
const NOTHING: QuotaAmounts = { cpu: 0, memory: 0, scalars: new Map() }

/** The quotas of the cluster; of several in one namespace the first counts. */
export function elasticQuotas(cluster: ClusterView): ElasticQuotas {
  const quotas = new Map<string, NamespaceQuota>()
  for (const object of cluster.objects('ElasticQuota')) {
    const { metadata, spec } = object as ElasticQuota
    const namespace = metadata?.namespace ?? 'default'
    if (quotas.has(namespace)) continue
    const min = nodeAmounts(spec?.min)
    quotas.set(namespace, {
      namespace,
      min,
      max: nodeAmounts(spec?.max),
      use: cluster.namespaceUse(namespace),
    })
  }
  return quotas
}

/** What a pod is charged with. */
export function chargeOf({ requests }: PodShape): QuotaAmounts {
  return { cpu: requests.cpu, memory: requests.memory, scalars: requests.scalars }
}

/** Whether a namespace would have more than its max; what the max does not name has no bound. */
export function isOverMax({ use, max }: NamespaceQuota, charge: QuotaAmounts): boolean {
  for (const [resource, bound] of max) {
    if (amountOf(use, resource) + amountOf(charge, resource) > bound) return true
  }
  return false
}

/** Whether a namespace has more than its min, with this charge besides; what the min does not name is 0. */
export function isOverMin(quota: NamespaceQuota, charge: QuotaAmounts = NOTHING): boolean {
  return exceeds([quota], charge)
}

/** Whether all namespaces with quotas would together have more than all their mins: nothing is left to borrow. */
export function isOverAllMins(quotas: ElasticQuotas, charge: QuotaAmounts): boolean {
  return exceeds([...quotas.values()], charge)
}

function exceeds(quotas: readonly NamespaceQuota[], charge: QuotaAmounts): boolean {
  const resources = new Set(['cpu', 'memory', ...charge.scalars.keys()])
  for (const { use } of quotas) for (const resource of use.scalars.keys()) resources.add(resource)
  for (const resource of resources) {
    let used = amountOf(charge, resource)
    let guaranteed = 0
    for (const { use, min } of quotas) {
      used += amountOf(use, resource)
      guaranteed += min.get(resource) ?? 0
    }
    if (used > guaranteed) return true
  }
  return false
}

function amountOf({ cpu, memory, scalars }: QuotaAmounts, resource: string): number {
  if (resource === 'cpu') return cpu
  return resource === 'memory' ? memory : (scalars.get(resource) ?? 0)
}
