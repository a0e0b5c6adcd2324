import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Cycle } from './cycle.ts'
import type { NodeVerdict } from './decision.ts'
import { ExtenderFailure } from './extenders.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { PodGroupState, PlacementRejection } from './framework/pod-groups.ts'
import type { NodePicker } from './node-picker.ts'
import { runPlugin } from './plugin-call.ts'
import type { Profile } from './profile.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { ReservedParts } from './reserving.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import type { Tentative } from './tentative.ts'

/** What became of a pod that was tried for its group; nothing of it is written yet. */
export interface MemberTry {
  readonly pod: QueuedPod
  /** Node that it was given, or `NO_NODE`. */
  readonly node: NodeRow
  readonly reserved: ReservedParts | undefined
  readonly feasible: number
  readonly evaluated: number
  /** Plugins that rejected it. */
  readonly rejectedBy: readonly string[]
  /** Why it could not be decided on. */
  readonly error: string | undefined
  /** What was said of each node, where that is wanted. */
  readonly verdicts: readonly NodeVerdict[]
}

/** What a scheduling cycle of a group came to. */
export interface GroupTry {
  readonly outcome: 'scheduled' | 'rejected' | 'error'
  /** Why it was not scheduled; empty when it was. */
  readonly message: string
  /** Plugins that rejected the group as a whole. */
  readonly rejectedBy: readonly string[]
  /** Its pods in the order in which they were tried; those that were not tried any more are left out. */
  readonly members: readonly MemberTry[]
  /** Nodes that it was tried on, where these were not all. */
  readonly nodes?: readonly NodeIndex[]
}

/** A group in its turn: its pods are those that have no node. */
export interface GroupInCycle {
  readonly profile: Profile
  readonly state: PodGroupState
  readonly members: readonly QueuedPod[]
}

const NO_VERDICTS: readonly NodeVerdict[] = Object.freeze([])

/**
 * The scheduling cycle of a PodGroup: finds nodes for its pods one after the other in one view of the cluster, each with
 * those before it in their places, and says whether the group can be bound so. It leaves the view as it was.
 *
 * Source: kube-scheduler v1.37, `podGroupSchedulingDefaultAlgorithm` (scheduler/algorithm_podgroup.go).
 */
export class PodGroupCycle {
  readonly #cluster: SchedulerCluster
  readonly #cycle: Cycle
  readonly #picker: NodePicker
  readonly #tentative: Tentative

  constructor(parts: { cluster: SchedulerCluster; cycle: Cycle; picker: NodePicker; tentative: Tentative }) {
    this.#cluster = parts.cluster
    this.#cycle = parts.cycle
    this.#picker = parts.picker
    this.#tentative = parts.tentative
  }

  /** Tries the group on all nodes; `wantsVerdicts` says of which pods each node's verdict is to be kept. */
  run(group: GroupInCycle, wantsVerdicts: (pod: QueuedPod) => boolean): GroupTry {
    const before = this.#tentative.mark()
    const result = this.#tryAll(group, wantsVerdicts)
    this.#tentative.revertTo(before)
    return result
  }

  #tryAll({ profile, state, members }: GroupInCycle, wantsVerdicts: (pod: QueuedPod) => boolean): GroupTry {
    const tries: MemberTry[] = []
    let scheduled = state.scheduledCount
    let rejection = this.#feasible(profile, state, { remaining: members.length, scheduled })
    for (const pod of members) {
      if (rejection?.code === 'Unschedulable') break
      const member = this.#tryMember(pod, wantsVerdicts(pod))
      tries.push(member)
      if (member.error !== undefined) {
        const message = `failed to schedule other pod from a pod group: ${member.error}`
        return { outcome: 'error', message, rejectedBy: [], members: tries }
      }
      if (member.node !== NO_NODE) scheduled += 1
      rejection = this.#feasible(profile, state, { remaining: members.length - tries.length, scheduled })
    }
    if (rejection !== undefined) {
      return {
        outcome: 'rejected',
        message: rejection.message,
        rejectedBy: [rejection.plugin],
        members: tries,
      }
    }
    return { outcome: 'scheduled', message: '', rejectedBy: [], members: tries }
  }

  /** PlacementFeasible of all plugins, in order: the first that the group does not suit as it stands. */
  #feasible(
    profile: Profile,
    { group }: PodGroupState,
    progress: { readonly remaining: number; readonly scheduled: number },
  ): (PlacementRejection & { readonly plugin: string }) | undefined {
    for (const index of profile.placementFeasible) {
      const plugin = profile.plugins[index]
      if (plugin === undefined) continue
      const rejection = runPlugin(plugin.name, 'placementFeasible', () =>
        plugin.placementFeasible?.(group, progress),
      )
      if (rejection !== undefined) return { ...rejection, plugin: plugin.name }
    }
    return undefined
  }

  /** Finds a node for the pod and leaves it there. */
  #tryMember(pod: QueuedPod, wantsVerdicts: boolean): MemberTry {
    const nothing = { pod, node: NO_NODE, reserved: undefined, rejectedBy: [], error: undefined }
    this.#picker.keepsDetails = wantsVerdicts
    try {
      const { node, feasible, evaluated, rejectedBy } = this.#picker.pick(pod.profile, pod.podClass, pod.row)
      const verdicts = wantsVerdicts ? this.#picker.verdicts() : NO_VERDICTS
      const found = { feasible, evaluated, verdicts }
      const { error } = this.#cycle
      if (error !== undefined && rejectedBy === undefined) {
        const failure = `running "${error.plugin}" filter plugin: ${error.rejection.reasons.join()}`
        return { ...nothing, ...found, error: failure }
      }
      if (node === NO_NODE) {
        return { ...nothing, ...found, rejectedBy: rejectedBy ?? this.#cycle.rejectingPlugins() }
      }
      const reserved = this.#picker.reserve(pod.podClass, node)
      this.#tentative.place(pod.row, node as NodeRow, reserved)
      return { ...nothing, ...found, node: node as NodeRow, reserved }
    } catch (error) {
      if (!(error instanceof ExtenderFailure)) throw error
      return { ...nothing, feasible: 0, evaluated: 0, verdicts: NO_VERDICTS, error: error.message }
    }
  }

  /** Runs the body with the view as it was when one of the pods was tried: those before it are in their places. */
  among<Result>({ members, nodes }: GroupTry, before: QueuedPod, body: () => Result): Result {
    const mark = this.#tentative.mark()
    this.#cluster.restrictTo(nodes)
    for (const { pod, node, reserved } of members) {
      if (pod === before) break
      if (node !== NO_NODE && this.#cluster.nodes.placementOf(pod.row) === NO_NODE)
        this.#tentative.place(pod.row, node, reserved)
    }
    const result = body()
    this.#tentative.revertTo(mark)
    this.#cluster.restrictTo(undefined)
    return result
  }
}
