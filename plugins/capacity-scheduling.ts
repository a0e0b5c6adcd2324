import { PASS, definePlugin, signRequests, unschedulable } from '../src/scheduler/framework/index.ts'
import type {
  PlacedPod,
  PluginFactory,
  PostFilterContext,
  Rejection,
} from '../src/scheduler/framework/index.ts'
import { chargeOf, elasticQuotas, isOverAllMins, isOverMax, isOverMin } from './elastic-quotas.ts'
import type { ElasticQuotas, NamespaceQuota, QuotaAmounts } from './elastic-quotas.ts'
import { readArguments } from './plugin-arguments.ts'
import { preempt } from './preemption-search.ts'
import { isMoreImportantVictim, startOf } from './preemption-victims.ts'
import type { Victim } from './preemption-victims.ts'
import { ineligible } from './preemption-message.ts'

/** What a pod is charged with, and to whom. */
interface QuotaTerm {
  readonly namespace: string
  readonly charge: QuotaAmounts
  readonly mayPreempt: boolean
}

/** The quotas as they stand, for a pod in a namespace that has one. */
interface QuotaState {
  readonly quotas: ElasticQuotas
  readonly own: NamespaceQuota
  readonly overMax: Rejection
  readonly overMins: Rejection
}

/**
 * Shares a cluster by ElasticQuotas (`scheduling.x-k8s.io/v1alpha1`): a namespace has its `min` for sure, may borrow what others
 * leave of theirs, and never has more than its `max`.
 *
 * A pod is rejected when its namespace would have more than its max, or all namespaces with quotas together more than the sum
 * of their mins. One that is within its min takes back what was borrowed: pods of namespaces that are over their min are
 * preempted, whatever their priority, as few as will do. One that borrows itself preempts pods of lower priority of its
 * own namespace, and one without a quota pods of lower priority without one. It is to take the place of `DefaultPreemption`.
 *
 * Departs from the real one: a max that names no cpu or memory does not bound it, where it counts as 0 there; requests of pods
 * that are nominated to a node are not charged until they are on it.
 * Source: kubernetes-sigs/scheduler-plugins, pkg/capacityscheduling.
 */
export const capacityScheduling: PluginFactory = (args, context) => {
  readArguments(args, context, [])
  return definePlugin<QuotaTerm, never, QuotaState>({
    name: 'CapacityScheduling',
    reads: [],

    compile: (pod) => ({
      namespace: pod.namespace,
      charge: chargeOf(pod),
      mayPreempt: pod.spec.preemptionPolicy !== 'Never',
    }),

    sign: (pod) => ({ ...signRequests(pod), namespace: pod.namespace }),

    isIdle: (_term, cluster) => cluster.count('ElasticQuota') === 0,

    prepare(term, cluster, { key }) {
      const quotas = elasticQuotas(cluster)
      const own = quotas.get(term.namespace)
      if (own === undefined) return { skip: true }
      const rejected = `Pod ${key} is rejected in PreFilter because`
      return {
        state: {
          quotas,
          own,
          overMax: unschedulable(`${rejected} ElasticQuota ${term.namespace} is more than Max`),
          overMins: unschedulable(`${rejected} total ElasticQuota used is more than min`),
        },
      }
    },

    // Not in `prepare`: preemption asks again, with pods gone.
    filter(term, _node, _nodes, { quotas, own, overMax, overMins }) {
      if (isOverMax(own, term.charge)) return overMax
      return isOverAllMins(quotas, term.charge) ? overMins : PASS
    },

    postFilter(term, postFilterContext) {
      if (!term.mayPreempt) return ineligible('not eligible due to preemptionPolicy=Never.')
      const quotas = elasticQuotas(postFilterContext.cluster)
      const isVictim = victimRule(term, quotas, postFilterContext.pod.priority)
      if (isWaitingForVictims(postFilterContext, isVictim)) {
        return ineligible('not eligible due to a terminating pod on the nominated node.')
      }
      return preempt(postFilterContext, {
        limits: { percentage: 100, absolute: 0 },
        victimsOf: (pods) => victimsAmong(pods, quotas, isVictim),
        looksBeyondNode: true,
      })
    },

    events: ['assigned-pod-deleted', 'object-changed'],

    hint: (_term, change) =>
      change.type === 'assigned-pod-deleted' ||
      (change.type === 'object-changed' && change.kind === 'ElasticQuota'),
  })
}

/** Whether a pod on a node may have to go; it asks of a quota whether its namespace has more than its min. */
type VictimRule = (pod: PlacedPod, isBorrowing: (quota: NamespaceQuota) => boolean) => boolean

function victimRule(term: QuotaTerm, quotas: ElasticQuotas, priority: number): VictimRule {
  const own = quotas.get(term.namespace)
  if (own === undefined) return (pod) => pod.priority < priority && !quotas.has(pod.shape.namespace)
  if (isOverMin(own, term.charge)) {
    return (pod) => pod.priority < priority && pod.shape.namespace === term.namespace
  }
  return (pod, isBorrowing) => {
    const quota = quotas.get(pod.shape.namespace)
    return quota !== undefined && quota !== own && isBorrowing(quota)
  }
}

/** The pods that may have to go, the least important first; of a namespace that borrows only until it does not any more. */
function victimsAmong(pods: readonly PlacedPod[], quotas: ElasticQuotas, isVictim: VictimRule): Victim[] {
  const all = pods.map((pod): Victim & { readonly pod: PlacedPod } => ({
    pod,
    pods: [pod],
    priority: pod.priority,
    isOfGroup: false,
    start: startOf(pod),
  }))
  all.sort((one, other) => (isMoreImportantVictim(one, other) ? 1 : -1))
  const freed = new Map<NamespaceQuota, QuotaAmounts>()
  return all.filter(({ pod }) => {
    if (!isVictim(pod, (quota) => isOverMin(quota, freed.get(quota)))) return false
    const quota = quotas.get(pod.shape.namespace)
    if (quota !== undefined) freed.set(quota, less(freed.get(quota), chargeOf(pod.shape)))
    return true
  })
}

/** What is charged, without this pod. */
function less(from: QuotaAmounts | undefined, pod: QuotaAmounts): QuotaAmounts {
  const scalars = new Map(from?.scalars)
  for (const [resource, amount] of pod.scalars) scalars.set(resource, (scalars.get(resource) ?? 0) - amount)
  return { cpu: (from?.cpu ?? 0) - pod.cpu, memory: (from?.memory ?? 0) - pod.memory, scalars }
}

/** Whether victims of an earlier preemption still end on the node that the pod is nominated to. */
function isWaitingForVictims(context: PostFilterContext, isVictim: VictimRule): boolean {
  const node = context.nominatedNode
  if (node === undefined || context.rejection(node)?.code !== 'Unschedulable') return false
  return context.cluster.nodes
    .pods(node)
    .some((pod) => pod.endingForPreemption && isVictim(pod, (quota) => isOverMin(quota)))
}
