import { definePlugin, signRequests, unschedulable } from '../src/scheduler/framework/index.ts'
import type {
  ClusterView,
  PlacedPod,
  PluginFactory,
  PostFilterContext,
  Rejection,
} from '../src/scheduler/framework/index.ts'
import {
  chargeOf,
  elasticQuotas,
  isOverAllMins,
  isOverMax,
  isOverMin,
  isOverMinWith,
  plus,
} from './elastic-quotas.ts'
import type { ElasticQuotas, NamespaceQuota, QuotaAmounts } from './elastic-quotas.ts'
import { readArguments } from './plugin-arguments.ts'
import { ineligible } from './preemption-message.ts'
import { preempt } from './preemption-search.ts'
import { isMoreImportantVictim, startOf } from './preemption-victims.ts'
import type { Victim } from './preemption-victims.ts'

/** What a pod is charged with, and to whom. */
interface QuotaTerm {
  readonly namespace: string
  readonly priority: number
  readonly charge: QuotaAmounts
  readonly mayPreempt: boolean
}

/** The quotas as they stand, for a pod in a namespace that has one, and what it is charged with. */
interface QuotaState {
  readonly quotas: ElasticQuotas
  readonly own: NamespaceQuota
  /** With the nominated pods of its namespace that have its priority or a higher one. */
  readonly ownCharge: QuotaAmounts
  /** With those, and the nominated pods of other namespaces that do not borrow. */
  readonly wholeCharge: QuotaAmounts
}

const GLOBAL_MAX = 'global quota max exceeded'

/**
 * Shares a cluster by ElasticQuotas (`scheduling.x-k8s.io/v1alpha1`): a namespace has its `min` for sure, may borrow what others
 * leave of theirs, and never has more than its `max`.
 *
 * PreFilter rejects a pod when its namespace would have more than its max, or all namespaces with quotas together more than the
 * sum of their mins. Beside the pod itself nominated pods are charged: in its own namespace those of its priority and above, and
 * in the whole those of other namespaces that have no more than their min.
 *
 * PostFilter: a pod that with its charge is within the min of its namespace takes back what was borrowed: pods of namespaces that
 * are over their min are preempted, whatever their priority. One that borrows itself preempts pods of lower priority of its
 * own namespace, and one without a quota pods of lower priority without one; as few as will do. It is to take the place of
 * `DefaultPreemption`.
 *
 * Departs from the real one: pods that were there before the quota of their namespace count in it; those of restartable init
 * containers too; a victim that is taken for its quota, not for room, counts as violating a disruption budget.
 * Source: kubernetes-sigs/scheduler-plugins, pkg/capacityscheduling, as of 2024 (v0.28 to v0.30).
 */
export const capacityScheduling: PluginFactory = (args, context) => {
  readArguments(args, context, [])
  return definePlugin<QuotaTerm, never, QuotaState>({
    name: 'CapacityScheduling',
    reads: [],

    compile: (pod) => ({
      namespace: pod.namespace,
      priority: pod.priority,
      charge: chargeOf(pod),
      mayPreempt: pod.spec.preemptionPolicy !== 'Never',
    }),

    sign: (pod) => ({ ...signRequests(pod), namespace: pod.namespace, priority: pod.priority }),

    isIdle: (_term, cluster) => cluster.count('ElasticQuota') === 0,

    prepare(term, cluster, { key }) {
      const state = stateOf(term, cluster, key)
      return state === undefined ? { skip: true } : { state, reject: rejectionOf(state, key) }
    },

    postFilter(term, postFilterContext, state) {
      if (!term.mayPreempt) return ineligible('not eligible due to preemptionPolicy=Never.')
      const quotas = state?.quotas ?? elasticQuotas(postFilterContext.cluster)
      if (state === undefined && quotas.has(term.namespace)) {
        return ineligible('not eligible due to failed to read from cycleState')
      }
      const reclaims = state !== undefined && !isOverMinWith(state.own, state.ownCharge)
      if (isWaitingForVictims(postFilterContext, term, quotas, reclaims)) {
        return ineligible('not eligible due to a terminating pod on the nominated node.')
      }
      const isVictim = victimRule(term, quotas, reclaims)
      const { cluster, identity } = postFilterContext
      return preempt(postFilterContext, {
        limits: { percentage: 100, absolute: 0 },
        startsAtFirst: true,
        victimsOf: (pods) => victimsAmong(pods, quotas, isVictim),
        noVictims: (node) =>
          `No victims found on node ${cluster.nodes.name(node)} for preemptor pod ${identity.name}`,
        looksBeyondNode: true,
        ...(state === undefined ? {} : quotaChecks(term, state)),
      })
    },

    events: ['assigned-pod-deleted', 'object-changed'],

    hint: (_term, change) =>
      change.type === 'assigned-pod-deleted' ||
      (change.type === 'object-changed' && change.kind === 'ElasticQuota'),
  })
}

/** What PreFilter charges; undefined for a pod of a namespace without a quota. */
function stateOf(term: QuotaTerm, cluster: ClusterView, key: string): QuotaState | undefined {
  const quotas = elasticQuotas(cluster)
  const own = quotas.get(term.namespace)
  if (own === undefined) return undefined
  let ownCharge = term.charge
  let wholeCharge = term.charge
  for (const nominated of cluster.nominatedPods()) {
    const quota = quotas.get(nominated.shape.namespace)
    if (nominated.key === key || quota === undefined) continue
    const charge = chargeOf(nominated.shape)
    if (quota !== own && !isOverMin(quota)) wholeCharge = plus(wholeCharge, charge)
    if (quota !== own || nominated.priority < term.priority) continue
    ownCharge = plus(ownCharge, charge)
    wholeCharge = plus(wholeCharge, charge)
  }
  return { quotas, own, ownCharge, wholeCharge }
}

function rejectionOf(
  { quotas, own, ownCharge, wholeCharge }: QuotaState,
  key: string,
): Rejection | undefined {
  const rejected = `Pod ${key} is rejected in PreFilter because`
  if (isOverMax(own, ownCharge)) {
    return unschedulable(`${rejected} ElasticQuota ${own.namespace} is more than Max`)
  }
  if (!isOverAllMins(quotas, wholeCharge)) return undefined
  return unschedulable(`${rejected} total ElasticQuota used is more than min`)
}

/**
 * What quotas say on trial: with all victims gone the pod alone has to be within them, and a victim is spared where it is with
 * nominated pods, too. PreFilter is not run again.
 */
function quotaChecks(
  { charge }: QuotaTerm,
  { quotas, own, ownCharge, wholeCharge }: QuotaState,
): { readonly refusal: () => string | undefined; readonly spares: () => boolean } {
  return {
    refusal: () => (isOverMax(own, charge) || isOverAllMins(quotas, charge) ? GLOBAL_MAX : undefined),
    spares: () => !isOverMax(own, ownCharge) && !isOverAllMins(quotas, wholeCharge),
  }
}

/** Whether a pod on a node may have to go; it asks of a quota whether its namespace has more than its min. */
type VictimRule = (pod: PlacedPod, isBorrowing: (quota: NamespaceQuota) => boolean) => boolean

function victimRule(term: QuotaTerm, quotas: ElasticQuotas, reclaims: boolean): VictimRule {
  const own = quotas.get(term.namespace)
  return (pod, isBorrowing) => {
    const quota = quotas.get(pod.shape.namespace)
    if (reclaims) return quota !== undefined && quota !== own && isBorrowing(quota)
    return quota === own && pod.priority < term.priority
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
  const gone = new Map<NamespaceQuota, QuotaAmounts>()
  return all.filter(({ pod }) => {
    if (!isVictim(pod, (quota) => isOverMin(quota, gone.get(quota)))) return false
    const quota = quotas.get(pod.shape.namespace)
    const charge = chargeOf(pod.shape)
    const before = quota === undefined ? undefined : gone.get(quota)
    if (quota !== undefined) gone.set(quota, before === undefined ? charge : plus(before, charge))
    return true
  })
}

/** Whether pods that would be victims now still end on the node that the pod is nominated to. */
function isWaitingForVictims(
  context: PostFilterContext,
  term: QuotaTerm,
  quotas: ElasticQuotas,
  reclaims: boolean,
): boolean {
  const node = context.nominatedNode
  if (node === undefined || context.rejection(node)?.code !== 'Unschedulable') return false
  const own = quotas.get(term.namespace)
  return context.cluster.nodes.pods(node).some((pod) => {
    if (!pod.isTerminating) return false
    const quota = quotas.get(pod.shape.namespace)
    if (quota === own) return pod.priority < term.priority
    return quota !== undefined && reclaims && isOverMin(quota)
  })
}
