import { PASS, definePlugin, unschedulable } from '../src/scheduler/framework/index.ts'
import type { ClusterChange, PluginFactory, PodGroupLister } from '../src/scheduler/framework/index.ts'
import { readArguments, readInteger } from './plugin-arguments.ts'

const GROUP_LABEL = 'scheduling.x-k8s.io/pod-group'
const SECOND = 1_000_000

/** A PodGroup of `scheduling.x-k8s.io/v1alpha1`. */
interface CoscheduledGroup {
  readonly metadata?: { readonly name?: string; readonly namespace?: string }
  readonly spec?: {
    readonly minMember?: number
    readonly scheduleTimeoutSeconds?: number
  }
}

/** The PodGroup that the label of a pod names; undefined for a pod of none. */
interface GroupTerm {
  readonly namespace: string
  readonly group: string | undefined
}

/**
 * Schedules the pods of a PodGroup of `scheduling.x-k8s.io/v1alpha1` together, by the label `scheduling.x-k8s.io/pod-group`.
 *
 * None of them enters the queue before `minMember` are there. Those that have a node wait, with its room taken, until `minMember` have one, for up to
 * `scheduleTimeoutSeconds` (of the group, else the argument `permitWaitingTimeSeconds`, 60 by default); then all of them
 * give their room back.
 *
 * Departs from the real one: too few pods are seen before the queue, not in PreFilter, so that they make no attempts; a
 * group that is not there keeps its pods out, where the real one lets them come as far as Permit; every pod that waits calls
 * the others to the queue, not the first alone; `minResources` are not looked at; the queue is not sorted by the age of
 * groups; there is no `podGroupBackoffSeconds`; those that wait do so to the end of their time, also when another of the
 * group fits nowhere.
 * Source: kubernetes-sigs/scheduler-plugins, pkg/coscheduling and pkg/coscheduling/core.
 */
export const coscheduling: PluginFactory = (args, context) => {
  const read = readArguments(args, context, ['permitWaitingTimeSeconds'])
  const setting = { field: 'permitWaitingTimeSeconds', from: 1, to: 86_400, fallback: 60 }
  const waitingSeconds = readInteger(read, context, setting)
  return definePlugin<GroupTerm, never>({
    name: 'Coscheduling',
    reads: [],
    sized: false,

    compile: (pod) => ({ namespace: pod.namespace, group: pod.labels[GROUP_LABEL] }),

    sign: (pod) => ({ coscheduledGroup: pod.labels[GROUP_LABEL] ?? '' }),

    enqueue(term, groups) {
      if (term.group === undefined) return PASS
      const state = stateOf(term, groups)
      if (state === undefined) return unschedulable(`PodGroup "${term.group}" not found`)
      const { minMember = 1 } = state.spec
      if (state.podCount >= minMember) return PASS
      return unschedulable(
        `cannot find enough sibling pods, current pods number: ${state.podCount}, minMember of group: ${minMember}`,
      )
    },

    screen: (term) => (term.group === undefined ? { skip: true } : undefined),

    permit(term, groups) {
      const state = term.group === undefined ? undefined : stateOf(term, groups)
      if (state === undefined || state.scheduledCount >= (state.spec.minMember ?? 1)) return undefined
      // Of a group, 0 is no time of its own (`Permit`).
      const { scheduleTimeoutSeconds = 0 } = state.spec
      const seconds = scheduleTimeoutSeconds === 0 ? waitingSeconds : scheduleTimeoutSeconds
      return { timeout: seconds * SECOND, group: `${term.namespace}/${term.group}` }
    },

    hint: (term, change) => isWorthRetry(term, change),
  })
}

/** A group, with how many pods it has and how many of these have a node. */
function stateOf(
  term: GroupTerm,
  groups: PodGroupLister,
):
  | {
      readonly spec: NonNullable<CoscheduledGroup['spec']>
      readonly podCount: number
      readonly scheduledCount: number
    }
  | undefined {
  const state = groups.podGroup(term.namespace, term.group ?? '')
  if (state === undefined) return undefined
  const { spec = {} } = state.group as CoscheduledGroup
  return { spec, podCount: state.podCount, scheduledCount: state.scheduledCount }
}

/** Source: `EventsToRegister`: pods that come, and PodGroups that come or change; nodes besides, for `minResources`. */
function isWorthRetry(term: GroupTerm, change: ClusterChange): boolean {
  switch (change.type) {
    case 'assigned-pod-added':
    case 'node-added':
      return true
    case 'object-changed': {
      const group = change.object as CoscheduledGroup | undefined
      const { name, namespace = 'default' } = group?.metadata ?? {}
      return change.kind === 'PodGroup' && name === term.group && namespace === term.namespace
    }
    default:
      return false
  }
}
