import type { PodGroup } from '../src/api/types.generated.ts'
import { PASS, definePlugin, unresolvable } from '../src/scheduler/framework/index.ts'
import type { PluginFactory, PodShape, SchedulerPlugin } from '../src/scheduler/framework/index.ts'

const TOO_FEW = unresolvable('waiting for minCount pods from a gang to appear in scheduling queue')

/** The PodGroup that a pod names; undefined for a pod of none. */
interface GangTerm {
  readonly namespace: string
  readonly group: string | undefined
}

/**
 * Schedules the pods of a PodGroup with a gang policy together: none enters the queue before `minCount` are there, and
 * none is bound before `minCount` have a node. Of a basic policy, one has to find a node.
 *
 * Behind the feature gate GangScheduling, which Kubernetes v1.37 has in GenericWorkload.
 * Source: Kubernetes v1.37, scheduler plugins/gangscheduling.
 */
export const gangScheduling: PluginFactory = (_args, { gates }) =>
  gates.get('GangScheduling') === true ? build() : ABSENT

/** What the plugin is while its gate is off: it acts at no extension point. */
const ABSENT = definePlugin({ name: 'GangScheduling', reads: [], sized: false, compile: () => ({}) })

function build(): SchedulerPlugin {
  return definePlugin<GangTerm, never>({
    name: 'GangScheduling',
    reads: [],
    sized: false,

    compile: (pod) => ({ namespace: pod.namespace, group: groupOf(pod) }),

    enqueue(term, groups) {
      if (term.group === undefined) return PASS
      const state = groups.podGroup(term.namespace, term.group)
      if (state === undefined) {
        return unresolvable(`waiting for pods's pod group "${term.group}" to appear in scheduling queue`)
      }
      return state.podCount < (minCountOf(state.group) ?? 0) ? TOO_FEW : PASS
    },

    placementFeasible(group, { remaining, scheduled }) {
      const minCount = minCountOf(group) ?? 1
      const progress = `${scheduled} scheduled, ${remaining} remaining`
      if (remaining + scheduled < minCount) {
        return { code: 'Unschedulable', message: `minCount (${minCount}) cannot be satisfied: ${progress}` }
      }
      if (scheduled >= minCount) return undefined
      return { code: 'Wait', message: `minCount (${minCount}) is not yet satisfied: ${progress}` }
    },

    hint(term, change) {
      if (change.type === 'assigned-pod-added') {
        return term.group !== undefined && isOf(term, change.pod.namespace, groupOf(change.pod))
      }
      if (change.type !== 'object-changed' || change.kind !== 'PodGroup' || change.verb === 'DELETED')
        return false
      const group = change.object as PodGroup
      if (!isOf(term, group.metadata?.namespace ?? 'default', group.metadata?.name)) return false
      if (change.verb === 'ADDED') return true
      return (minCountOf(group) ?? 0) < (minCountOf(change.old as PodGroup) ?? 0)
    },
  })
}

function groupOf(pod: PodShape): string | undefined {
  return pod.spec.schedulingGroup?.podGroupName
}

function isOf(term: GangTerm, namespace: string, group: string | undefined): boolean {
  return term.group === group && term.namespace === namespace
}

/** Pods that a gang is made of at least; undefined for a basic policy. */
function minCountOf(group: PodGroup): number | undefined {
  return group.spec.schedulingPolicy.gang?.minCount
}
