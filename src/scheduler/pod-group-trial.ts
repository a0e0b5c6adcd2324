import { assert } from '../base/assert.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow } from '../cluster/rows.ts'
import { Cycle } from './cycle.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type {
  PlacementRejection,
  PodGroupPostFilterContext,
  PodGroupPostFilterResult,
  PodGroupTrial,
} from './framework/pod-groups.ts'
import { runPlugin } from './plugin-call.ts'
import type { GroupInCycle, GroupTry, MemberTry } from './pod-group-cycle.ts'
import type { PodGroupPlacements } from './pod-group-placements.ts'
import type { RowPod } from './pod-shapes.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import type { Tentative } from './tentative.ts'

/** What PodGroupPostFilter came to, and, where it made room, the nodes that the group's pods have then. */
export interface GroupPostFilterOutcome extends PodGroupPostFilterResult {
  readonly places: readonly MemberTry[]
}

/** What a trial changes, and tries a group with. */
interface TrialParts {
  readonly cluster: SchedulerCluster
  readonly cycle: Cycle
  readonly placements: PodGroupPlacements
  readonly tentative: Tentative
}

/** A pod that was given a node in a trial, with the cycle that found it. */
interface Assignment {
  readonly member: MemberTry
  readonly cycle: Cycle
}

/**
 * Runs the PodGroupPostFilter plugins for a group that was rejected: the first that succeeds, or the last one's word, with
 * the messages of those before.
 *
 * Source: kube-scheduler v1.37, framework/runtime `RunPodGroupPostFilterPlugins`.
 */
export function runPodGroupPostFilters(
  group: GroupInCycle,
  parts: TrialParts & { readonly mayPreempt: boolean },
): GroupPostFilterOutcome | undefined {
  const messages: string[] = []
  for (const index of group.profile.podGroupPostFilter) {
    const plugin = group.profile.plugins[index]
    if (plugin?.podGroupPostFilter === undefined) continue
    const runner = new TrialRunner(group, parts)
    const context = contextOf(group, parts, runner)
    const result = runPlugin(plugin.name, 'podGroupPostFilter', () => plugin.podGroupPostFilter?.(context))
    if (result === undefined) continue
    if (result.code === 'Success') return { ...result, places: runner.places }
    if (result.message !== '') messages.push(result.message)
  }
  if (messages.length === 0) return undefined
  return { code: 'Unschedulable', message: messages.join(', '), victims: [], places: [] }
}

function contextOf(
  { state, members }: GroupInCycle,
  { cluster, mayPreempt }: { readonly cluster: SchedulerCluster; readonly mayPreempt: boolean },
  runner: TrialRunner,
): PodGroupPostFilterContext {
  const nominated = new Set<NodeIndex>()
  for (const { row } of members) {
    const node = cluster.nominations.nodeOf(row)
    if (node !== NO_NODE) nominated.add(node)
  }
  return {
    cluster,
    group: state.group,
    priority: state.group.spec.priority ?? 0,
    mayPreempt,
    nominatedNodes: [...nominated],
    trial: (body) => runner.run(body),
  }
}

/** Changes the view under a plugin's trial, and undoes it after. */
class TrialRunner {
  /** Pods that the trial's last cycle of the group found nodes for. */
  places: readonly MemberTry[] = []
  readonly #group: GroupInCycle
  readonly #cluster: SchedulerCluster
  readonly #extenders: Cycle['extenders']
  readonly #placements: PodGroupPlacements
  readonly #tentative: Tentative
  readonly #removed = new Map<RowPod, { readonly node: NodeRow; readonly devices: number }>()
  #assignments: readonly Assignment[] = []

  constructor(group: GroupInCycle, parts: TrialParts) {
    this.#group = group
    this.#cluster = parts.cluster
    this.#extenders = parts.cycle.extenders
    this.#placements = parts.placements
    this.#tentative = parts.tentative
  }

  run<Result>(body: (trial: PodGroupTrial) => Result): Result {
    const mark = this.#tentative.mark()
    const result = body({
      remove: (pod) => {
        this.#remove(pod as RowPod)
      },
      add: (pod) => {
        this.#add(pod as RowPod)
      },
      schedule: () => this.#schedule(),
      fits: () => this.#fits(),
    })
    this.#tentative.revertTo(mark)
    return result
  }

  #remove(pod: RowPod): void {
    const { nodes } = this.#cluster
    const node = nodes.placementOf(pod.row)
    assert(node !== NO_NODE && !this.#removed.has(pod), 'a trial removes a pod that is on no node')
    this.#removed.set(pod, { node, devices: nodes.devicesOf(pod.row) })
    this.#tentative.remove(pod.row)
    for (const { cycle } of this.#assignments) cycle.updateStates(pod.row, node, -1)
  }

  #add(pod: RowPod): void {
    const entry = this.#removed.get(pod)
    assert(entry !== undefined, 'a trial adds a pod that it did not remove')
    this.#removed.delete(pod)
    this.#tentative.restore(pod.row, entry.node, entry.devices)
    for (const { cycle } of this.#assignments) cycle.updateStates(pod.row, entry.node, 1)
  }

  #schedule(): PlacementRejection | undefined {
    const result = this.#placements.run(this.#group, () => false)
    if (result.outcome !== 'scheduled') return { code: 'Unschedulable', message: result.message }
    this.places = result.members.filter(({ node }) => node !== NO_NODE)
    this.#assignments = this.#prepare(result)
    return undefined
  }

  /** Cycles of the pods, each begun with those before it in their places. */
  #prepare({ members }: GroupTry): readonly Assignment[] {
    const mark = this.#tentative.mark()
    const assignments: Assignment[] = []
    for (const member of members) {
      const { pod, node, reserved } = member
      if (node === NO_NODE) continue
      const cycle = new Cycle(this.#cluster, this.#extenders)
      cycle.begin(pod.profile, pod.podClass, pod.row)
      this.#cluster.withFixedSums(() => cycle.preFilter())
      assignments.push({ member, cycle })
      this.#tentative.place(pod.row, node, reserved)
    }
    this.#tentative.revertTo(mark)
    return assignments
  }

  #fits(): boolean {
    const mark = this.#tentative.mark()
    const isFitting = this.#assignments.every(({ member: { pod, node, reserved }, cycle }) => {
      if (cycle.checkOnTrial(node) !== undefined) return false
      this.#tentative.place(pod.row, node, reserved)
      return true
    })
    this.#tentative.revertTo(mark)
    return isFitting
  }
}
