import type { PodGroup } from '../src/api/types.generated.ts'
import { PASS, definePlugin, unresolvable } from '../src/scheduler/framework/index.ts'
import type { PluginFactory, PodShape, SchedulerPlugin } from '../src/scheduler/framework/index.ts'

/** How long a pod of a gang waits with its node for the others, in microseconds (kube-scheduler v1.37). */
const PERMIT_TIMEOUT = 5 * 60 * 1_000_000

const TOO_FEW = unresolvable('waiting for minCount pods from a gang to appear in scheduling queue')

/** The PodGroup that a pod names; undefined for a pod of none. */
interface GangTerm {
  readonly namespace: string
  readonly group: string | undefined
}

/**
 * Schedules the pods of a PodGroup with a gang policy together: none enters the queue before `minCount` are there, and
 * none is bound before `minCount` have a node. Pods of a basic policy only wait for their PodGroup.
 *
 * Behind the feature gate GangScheduling.
 * Source: Kubernetes v1.37, scheduler plugins/gangscheduling, without the cycle that schedules a group as a whole.
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
      return state.podCount < minCountOf(state.group) ? TOO_FEW : PASS
    },

    permit(term, groups) {
      if (term.group === undefined) return undefined
      const state = groups.podGroup(term.namespace, term.group)
      if (state === undefined || state.scheduledCount >= minCountOf(state.group)) return undefined
      return { timeout: PERMIT_TIMEOUT, group: `${term.namespace}/${term.group}` }
    },

    hint(term, change) {
      if (change.type === 'assigned-pod-added') {
        return term.group !== undefined && isOf(term, change.pod.namespace, groupOf(change.pod))
      }
      if (change.type !== 'object-changed' || change.kind !== 'PodGroup' || change.verb === 'DELETED')
        return false
      const group = change.object as PodGroup
      if (!isOf(term, group.metadata?.namespace ?? 'default', group.metadata?.name)) return false
      return change.verb === 'ADDED' || minCountOf(group) < minCountOf(change.old as PodGroup)
    },
  })
}

function groupOf(pod: PodShape): string | undefined {
  return pod.spec.schedulingGroup?.podGroupName
}

function isOf(term: GangTerm, namespace: string, group: string | undefined): boolean {
  return term.group === group && term.namespace === namespace
}

/** Pods that a gang is made of at least; 0 for a basic policy. */
function minCountOf(group: PodGroup): number {
  return group.spec.schedulingPolicy.gang?.minCount ?? 0
}
