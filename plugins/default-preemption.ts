import { definePlugin } from '../src/scheduler/framework/index.ts'
import type {
  ClusterView,
  PlacedPod,
  PluginFactory,
  PostFilterContext,
  PostFilterResult,
} from '../src/scheduler/framework/index.ts'
import { readArguments, readInteger } from './plugin-arguments.ts'
import { preemptForGroup } from './pod-group-preemption.ts'
import { preempt } from './preemption-search.ts'
import type { CandidateLimits } from './preemption-search.ts'
import { Victims, startOf } from './preemption-victims.ts'
import type { Victim } from './preemption-victims.ts'
import { ineligible } from './preemption-message.ts'

/**
 * Makes room for a pod that fits nowhere: finds nodes where removing pods of lower priority would help, spares all it
 * can, and takes the node where it hurts least. Behind the feature gate WorkloadAwarePreemption, which Kubernetes v1.37 has in
 * GenericWorkload, pods of a PodGroup count as it says, and a group of pods gets room in the whole cluster.
 *
 * Source: Kubernetes v1.37, scheduler plugins/defaultpreemption and framework/preemption.
 */
export const defaultPreemption: PluginFactory = (args, context) => {
  const read = readArguments(args, context, ['minCandidateNodesPercentage', 'minCandidateNodesAbsolute'])
  const limits: CandidateLimits = {
    percentage: readInteger(read, context, {
      field: 'minCandidateNodesPercentage',
      from: 0,
      to: 100,
      fallback: 10,
    }),
    absolute: readInteger(read, context, {
      field: 'minCandidateNodesAbsolute',
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
      fallback: 100,
    }),
  }
  const knowsGroups = context.gates.get('WorkloadAwarePreemption') === true
  const hasGroups = (cluster: ClusterView): boolean => knowsGroups && cluster.count('PodGroup') > 0
  return definePlugin({
    name: 'DefaultPreemption',
    reads: [],
    sized: false,

    compile: (pod) => ({ mayPreempt: pod.spec.preemptionPolicy !== 'Never' }),

    postFilterNeedsLowerPriority: true,
    postFilterNeedsLowerRoom: (cluster) => !hasGroups(cluster),
    ignoresIdentity: () => true,

    postFilter(term, postFilterContext) {
      if (!term.mayPreempt) return ineligible('not eligible due to preemptionPolicy=Never.')
      if (isWaitingForVictims(postFilterContext)) {
        return ineligible('not eligible due to a terminating pod on the nominated node.')
      }
      return makeRoom(postFilterContext, limits, hasGroups(postFilterContext.cluster))
    },

    ...(knowsGroups ? { podGroupPostFilter: preemptForGroup } : {}),

    hint: () => false,
  })
}

/** Whether victims of an earlier preemption still end on the node that the pod is nominated to. */
function isWaitingForVictims(context: PostFilterContext): boolean {
  const node = context.nominatedNode
  // A node that no filter looked at counts as one where nothing helps.
  if (node === undefined || context.rejection(node)?.code !== 'Unschedulable') return false
  return context.cluster.nodes
    .pods(node)
    .some((pod) => pod.endingForPreemption && pod.priority < context.pod.priority)
}

/** Removes pods of lower priority; with PodGroups, whole groups where they say so. */
function makeRoom(context: PostFilterContext, limits: CandidateLimits, hasGroups: boolean): PostFilterResult {
  const { priority } = context.pod
  const victims = new Victims(context.cluster)
  return preempt(context, {
    limits,
    victimsOf: hasGroups
      ? (pods) => victims.of(pods).filter((victim) => victim.priority < priority)
      : (pods) => onePodEach(pods, priority),
    looksBeyondNode: hasGroups,
  })
}

/** Every pod of lower priority by itself, with its own priority. */
function onePodEach(pods: readonly PlacedPod[], below: number): Victim[] {
  const victims: Victim[] = []
  for (const pod of pods) {
    const { priority } = pod
    if (priority < below) victims.push({ pods: [pod], priority, isOfGroup: false, start: startOf(pod) })
  }
  return victims
}
