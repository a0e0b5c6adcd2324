import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'
import { lostMessage } from './binder.ts'
import type { Binder, LostRoom } from './binder.ts'
import type { Cycle } from './cycle.ts'
import type { Decision } from './decision.ts'
import { ExtenderFailure } from './extenders.ts'
import type { Failures } from './failures.ts'
import { diagnosisOf, fitErrorMessage } from './fit-error.ts'
import type { NodePicker } from './node-picker.ts'
import type { Nominator } from './nominator.ts'
import { GroupMemory } from './group-memory.ts'
import { writeGroupCondition } from './pod-group-condition.ts'
import { PodGroupCycle } from './pod-group-cycle.ts'
import type { GroupInCycle, GroupTry, MemberTry } from './pod-group-cycle.ts'
import { PodGroupPlacements } from './pod-group-placements.ts'
import { podGroupByKey } from './pod-groups.ts'
import type { PodGroups } from './pod-groups.ts'
import { runPodGroupPostFilters } from './pod-group-trial.ts'
import type { GroupPostFilterOutcome } from './pod-group-trial.ts'
import { isPreempting, whyInvalid } from './pod-group-validation.ts'
import type { SchedulingQueue } from './queue.ts'
import type { QueuedGroup } from './queued-group.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import { Tentative } from './tentative.ts'

/** Parts of the scheduler that scheduling groups uses. */
export interface PodGroupParts {
  readonly clock: { readonly now: Micros }
  readonly cluster: SchedulerCluster
  readonly queue: SchedulingQueue
  readonly groups: PodGroups
  readonly binder: Binder
  readonly nominator: Nominator
  readonly cycle: Cycle
  readonly picker: NodePicker
  readonly failures: Failures
  readonly ties: RandomStream
  /** Whether `spec.preemptionPolicy` of PodGroups counts (feature gate PodGroupPreemptionPolicy). */
  readonly hasPreemptionPolicy: boolean
}

/** How decisions about pods are told of. */
export interface DecisionHooks {
  /** Whether each node's verdict is wanted for the pod. */
  readonly wantsVerdicts: (pod: PodRow) => boolean
  readonly start: (pod: QueuedPod) => Decision
  readonly tell: () => void
}

const NO_PLUGINS: readonly string[] = Object.freeze([])

/**
 * Schedules PodGroups: all pods of a group that wait are tried in one cycle, and bound together, or none of them.
 *
 * Source: kube-scheduler v1.37, scheduler/schedule_one_podgroup.go.
 */
export class PodGroupScheduler {
  readonly #parts: PodGroupParts
  readonly #hooks: DecisionHooks
  readonly #tentative: Tentative
  readonly #cycle: PodGroupCycle
  readonly #placements: PodGroupPlacements
  readonly #memory: GroupMemory

  constructor(parts: PodGroupParts, hooks: DecisionHooks) {
    this.#parts = parts
    this.#hooks = hooks
    this.#tentative = new Tentative(parts.cluster)
    this.#cycle = new PodGroupCycle({ ...parts, tentative: this.#tentative })
    this.#placements = new PodGroupPlacements({ ...parts, cycle: this.#cycle })
    this.#memory = new GroupMemory(this.#tentative, parts.failures)
  }

  /** Whether the group is known to be rejected again if it were tried now. */
  isHopeless(group: QueuedGroup): boolean {
    return this.#memory.isHopeless(group)
  }

  /** Runs the cycle of a group that is in flight; returns how many pods it tried. */
  schedule(queued: QueuedGroup): number {
    const { queue, clock, cluster, groups } = this.#parts
    this.#skipGone(queued)
    const members = [...queued.members]
    const [first] = members
    const state = podGroupByKey(groups, queued.key)
    if (first === undefined || state === undefined) {
      queue.returned(queued, 'scheduled', clock.now)
      return 0
    }
    const group: GroupInCycle = { profile: first.profile, state, members }
    const result = this.#resultOf(group, queued.key)
    const room = result.outcome === 'rejected' ? this.#makeRoom(group) : undefined
    const message = joined(result.message, room?.message)
    this.#submit(members, { ...result, message }, room)
    const { outcome } = result
    writeGroupCondition(cluster.api, queued.key, { outcome, message }, clock.now)
    queue.returned(queued, outcome, clock.now)
    if (outcome === 'rejected') this.#memory.remember(queued)
    return Math.max(1, result.members.length)
  }

  /**
   * Runs the body with a pod's group in the places that its cycle would give it, as far as it is tried before the pod. The
   * body is told why the group is not scheduled; nothing when it would be, or is not tried.
   */
  among<Result>(pod: QueuedPod, body: (whyNot: string) => Result): Result {
    // In the middle of the group's own cycle the view is as it is when the pod is tried.
    if (this.#tentative.mark() > 0) return body('')
    const { queue, groups } = this.#parts
    const state = podGroupByKey(groups, pod.podGroup ?? '')
    if (state === undefined || pod.place === 'gated') return body('')
    const members = [...queue.list()].filter(({ podGroup }) => podGroup === pod.podGroup)
    const result = this.#placements.run({ profile: pod.profile, state, members }, () => false)
    return this.#cycle.among(result, pod, () => body(result.message))
  }

  /** Pods that are gone, or going, are not tried. */
  #skipGone({ members }: QueuedGroup): void {
    const { pods } = this.#parts.cluster.api
    for (const pod of [...members]) {
      if (pods.isRemoved(pod.row) || pods.table.deletingAt(pod.row) !== NO_TIME) this.#parts.queue.done(pod)
    }
  }

  #resultOf(group: GroupInCycle, key: string): GroupTry {
    const { cluster, groups, hasPreemptionPolicy } = this.#parts
    const scheduled = [...groups.scheduledOf(key)].map((pod) => cluster.shapes.shapeOf(pod))
    const invalid = whyInvalid(group, scheduled, hasPreemptionPolicy)
    if (invalid !== undefined) return { outcome: 'error', message: invalid, rejectedBy: [], members: [] }
    return this.#placements.run(group, ({ row }) => this.#hooks.wantsVerdicts(row))
  }

  #makeRoom(group: GroupInCycle): GroupPostFilterOutcome | undefined {
    const { hasPreemptionPolicy } = this.#parts
    const mayPreempt = isPreempting(group, hasPreemptionPolicy)
    const trial = { ...this.#parts, placements: this.#placements, tentative: this.#tentative, mayPreempt }
    return runPodGroupPostFilters(group, trial)
  }

  /** Binds the pods, or sends them back to the queue, each with its decision, in the order in which they were tried. */
  #submit(members: readonly QueuedPod[], result: GroupTry, room: GroupPostFilterOutcome | undefined): void {
    const tries = new Map(result.members.map((one) => [one.pod, one]))
    const places = new Map((room?.places ?? []).map((one) => [one.pod, one.node]))
    let victims = room?.code === 'Success' ? this.#parts.nominator.evict(room.victims) : []
    for (const pod of members) {
      const tried = tries.get(pod)
      const decision = this.#hooks.start(pod)
      decision.feasible = tried?.feasible ?? 0
      decision.evaluated = tried?.evaluated ?? 0
      decision.verdicts = () => tried?.verdicts ?? []
      if (result.outcome === 'error') this.#fail(pod, tried?.error ?? result.message, decision)
      else if (result.outcome === 'scheduled' && tried !== undefined && tried.node !== NO_NODE)
        this.#bind(pod, tried, decision)
      else {
        this.#reject(pod, tried, result, decision)
        const node = places.get(pod)
        if (node === undefined) {
          // One that failed by itself keeps its nomination, as nobody says what else is to become of it.
          const isSpared = room?.keepsNominations === true || tried?.node === NO_NODE
          if (!isSpared) this.#parts.nominator.clear(pod.row)
        } else {
          this.#parts.nominator.nominate(pod.row, node)
          decision.node = node
          decision.outcome = 'nominated'
          decision.victims = victims
          victims = []
        }
      }
      this.#hooks.tell()
    }
    this.#parts.binder.release()
  }

  #bind(pod: QueuedPod, { node, reserved }: MemberTry, decision: Decision): void {
    if (reserved === undefined || reserved.failure !== undefined) {
      this.#fail(pod, reserved?.failure ?? '', decision)
      return
    }
    try {
      const end = this.#parts.binder.place(pod, node, withoutVersions(reserved))
      decision.node = end === 'error' || end === 'rejected' ? NO_NODE : node
      if (end !== 'rejected') decision.outcome = end
      else this.#lost(decision, this.#parts.binder.takeRejection())
    } catch (error) {
      if (!(error instanceof ExtenderFailure)) throw error
      this.#fail(pod, error.message, decision)
    }
  }

  /** Permit rejected the pod. */
  #lost(decision: Decision, end: LostRoom): void {
    decision.outcome = 'unschedulable'
    decision.rejectedBy = [end.plugin]
    decision.message = () => lostMessage(end)
  }

  /** The pod found no node of its own, or has none because its group has not. */
  #reject(pod: QueuedPod, tried: MemberTry | undefined, result: GroupTry, decision: Decision): void {
    const isItself = tried !== undefined && tried.node === NO_NODE
    const rejectedBy = isItself ? tried.rejectedBy : result.rejectedBy
    decision.node = NO_NODE
    decision.outcome = 'unschedulable'
    decision.rejectedBy = rejectedBy
    decision.message = isItself ? () => this.#fitErrorOf(pod, result) : () => result.message
    this.#parts.queue.fail(pod, { rejectedBy, pendingBy: NO_PLUGINS }, this.#parts.clock.now)
  }

  #fail(pod: QueuedPod, message: string, decision: Decision): void {
    decision.node = NO_NODE
    decision.outcome = 'error'
    decision.message = () => message
    this.#parts.nominator.clear(pod.row)
    this.#parts.queue.fail(pod, { rejectedBy: NO_PLUGINS, pendingBy: NO_PLUGINS }, this.#parts.clock.now)
  }

  /** The FitError of a pod, with the pods of its group that were tried before it in their places. */
  #fitErrorOf(pod: QueuedPod, result: GroupTry): string {
    const { picker, cycle } = this.#parts
    return this.#cycle.among(result, pod, () => {
      picker.explain(pod.profile, pod.podClass, pod.row)
      return fitErrorMessage(diagnosisOf(cycle))
    })
  }
}

/** What was set aside, to be written whatever pods of the group have written of the same objects since. */
function withoutVersions(reserved: NonNullable<MemberTry['reserved']>): NonNullable<MemberTry['reserved']> {
  const objects = reserved.objects.map((object) => {
    const { resourceVersion: _, ...metadata } = object.metadata as { readonly resourceVersion?: string }
    return { ...object, metadata }
  })
  return { ...reserved, objects }
}

function joined(message: string, more: string | undefined): string {
  return [message, more ?? ''].filter((part) => part !== '').join(', ')
}
