import { COSCHEDULED_GROUP, COSCHEDULED_GROUP_LABEL } from '../src/api/kinds.ts'
import { definePlugin, unresolvable, unschedulable } from '../src/scheduler/framework/index.ts'
import type {
  CoscheduledState,
  PluginFactory,
  PodGroupLister,
  PodShape,
  PostFilterResult,
} from '../src/scheduler/framework/index.ts'
import { resourceGap } from './group-resources.ts'
import { readArguments, readInteger } from './plugin-arguments.ts'

const SECOND = 1_000_000

/** Marks of a group: it was rejected lately, or its `minResources` were there. */
const BACKED_OFF = 'backed-off'
const PERMITTED = 'permitted'

/** Share of `minMember` up to which pods may be missing without their group being given up. */
const GAP_TOLERANCE = 0.1

const NOT_FOUND = unschedulable('PodGroup not found')

/** The PodGroup that the label of a pod names; undefined for a pod of none, or of one of Kubernetes itself. */
interface GroupTerm {
  readonly namespace: string
  readonly group: string | undefined
}

/** Times of the arguments, in microseconds. */
interface Times {
  /** How long pods wait for their group, where the group does not say it. */
  readonly waiting: number
  /** How long a group that was rejected is not tried; 0 for not at all. */
  readonly backoff: number
}

/**
 * Schedules the pods of a PodGroup of `scheduling.x-k8s.io/v1alpha1` together, by the label `scheduling.x-k8s.io/pod-group`.
 *
 * - QueueSort: higher priority first, then the group that was created first (a pod of none by its arrival), then by name.
 * - PreFilter rejects a pod whose group was rejected less than `podGroupBackoffSeconds` (0: off) ago, has fewer than `minMember`
 *   pods, or wants more `minResources` than all nodes have free together, the group's own pods left out. Once they were
 *   there they are not looked at for `permitWaitingTimeSeconds`, until the group loses room.
 * - Permit: a pod that has a node waits there until `minMember` of the group have one, for up to `scheduleTimeoutSeconds` of
 *   the group, else `permitWaitingTimeSeconds` (60). The first one calls the others to the queue. With one that
 *   loses its node all that wait lose theirs.
 * - PostFilter: where a pod fits nowhere and more than a tenth of `minMember` have no node, all that wait are rejected, and
 *   the group backs off.
 *
 * Departs from the real one: what lacks of `minResources` is told in quantities, not in fields of Go's type; and in one instant
 * a pod that has failed is not tried again, where the real one tries without end (`src/scheduler/just-failed.ts`).
 * Source: kubernetes-sigs/scheduler-plugins, pkg/coscheduling and pkg/coscheduling/core, as of 2024 (v0.28 to v0.30).
 */
export const coscheduling: PluginFactory = (args, context) => {
  const read = readArguments(args, context, ['permitWaitingTimeSeconds', 'podGroupBackoffSeconds'])
  const waiting = { field: 'permitWaitingTimeSeconds', from: 1, to: 86_400, fallback: 60 }
  const backoff = { field: 'podGroupBackoffSeconds', from: 0, to: 86_400, fallback: 0 }
  const times: Times = {
    waiting: readInteger(read, context, waiting) * SECOND,
    backoff: readInteger(read, context, backoff) * SECOND,
  }
  return definePlugin<GroupTerm, never>({
    name: 'Coscheduling',
    reads: [],
    sized: false,

    compile: (pod) => ({ namespace: pod.namespace, group: groupOf(pod) }),

    sign: (pod) => ({ coscheduledGroup: groupOf(pod) ?? '' }),

    queueTime: (term, groups) => stateOf(term, groups)?.createdAt,

    screen: (term) => (term.group === undefined ? { skip: true } : undefined),

    prepare(term, cluster, { name }) {
      const state = stateOf(term, cluster.groups)
      if (state === undefined) return { skip: true }
      const { podCount } = state
      const minMember = minMemberOf(state)
      if (state.isMarked(BACKED_OFF)) {
        return { reject: unresolvable(`podGroup ${nameOf(term)} failed recently`) }
      }
      if (podCount < minMember) {
        const counts = `current pods number: ${podCount}, minMember of group: ${minMember}`
        return { reject: unresolvable(`pre-filter pod ${name} cannot find enough sibling pods, ${counts}`) }
      }
      if (state.group.spec?.minResources === undefined || state.isMarked(PERMITTED)) return { skip: true }
      const gap = resourceGap(state, cluster)
      if (gap !== undefined) return { reject: unresolvable(`resource gap: ${gap}`) }
      const mark = { group: state.key, mark: PERMITTED, lasts: times.waiting, endsWithRoom: true }
      return { state: undefined, mark }
    },

    postFilter: (term, { cluster, identity }) => {
      const state = stateOf(term, cluster.groups)
      if (state === undefined) return nothingDone('can not find pod group')
      if (isNearlyPlaced(state)) return nothingDone('')
      const isWhole = state.podCount >= minMemberOf(state)
      const mark = { group: state.key, mark: BACKED_OFF, lasts: times.backoff }
      const reason = 'optimistic rejection in PostFilter'
      return {
        ...nothingDone(
          `PodGroup ${nameOf(term)} gets rejected due to Pod ${identity.name} is unschedulable even after PostFilter`,
        ),
        rejectsGroup: { group: state.key, reason, mark: isWhole && times.backoff > 0 ? mark : undefined },
      }
    },

    isPostFilterIdle: (term) => term.group === undefined,
    ignoresIdentity: (term) => term.group === undefined,

    permit(term, groups) {
      if (term.group === undefined) return undefined
      const state = stateOf(term, groups)
      if (state === undefined) return { reject: NOT_FOUND }
      if (state.scheduledCount >= minMemberOf(state)) return undefined
      // Of a group, 0 is no time of its own.
      const own = (state.group.spec?.scheduleTimeoutSeconds ?? 0) * SECOND
      const timeout = own === 0 ? times.waiting : own
      return { timeout, group: state.key, callsOthers: state.scheduledCount === 1 }
    },

    events: ['assigned-pod-added', 'object-changed'],

    // `EventsToRegister` names pods that are added, and PodGroups that are added or updated, without a QueueingHint.
    hint: (_term, change) =>
      change.type === 'assigned-pod-added' ||
      (change.type === 'object-changed' && change.kind === COSCHEDULED_GROUP && change.verb !== 'DELETED'),
  })
}

function groupOf({ labels, spec }: PodShape): string | undefined {
  return spec.schedulingGroup === undefined ? labels[COSCHEDULED_GROUP_LABEL] : undefined
}

function stateOf({ namespace, group }: GroupTerm, groups: PodGroupLister): CoscheduledState | undefined {
  return group === undefined ? undefined : groups.coscheduledGroup(namespace, group)
}

function minMemberOf({ group }: CoscheduledState): number {
  return group.spec?.minMember ?? 0
}

function nameOf({ namespace, group = '' }: GroupTerm): string {
  return `${namespace}/${group}`
}

/** Whether enough pods have a node, or so few lack that the others are worth a try. Shares are single floats, as in the source. */
function isNearlyPlaced(state: CoscheduledState): boolean {
  const minMember = minMemberOf(state)
  const missing = minMember - state.scheduledCount
  return missing <= 0 || Math.fround(missing / minMember) <= Math.fround(GAP_TOLERANCE)
}

function nothingDone(message: string): PostFilterResult {
  return { code: 'Unschedulable', message, candidates: [], ties: [], clearNomination: false }
}
