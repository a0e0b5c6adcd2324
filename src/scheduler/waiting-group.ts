import type { Micros } from '../base/time.ts'
import type { HeapEntry } from './entry-heap.ts'
import type { PodClass } from './pod-class.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { Waiter } from './waiting-room.ts'

/** Rejected pods of one class: what is true of the first is true of all. */
export interface WaitingGroup {
  readonly podClass: PodClass
  /** In order of arrival; pods that left are skipped when they come up. */
  readonly pods: QueuedPod[]
  /** Place of the first pod that has not been taken. */
  first: number
  /** Pods in the list that have left. */
  gone: number
  /** Whether something happened that makes the first worth another try. */
  isReady: boolean
  /** Since when the group has waited for something to happen. */
  since: Micros
  /** The first pod, while the group is ready. */
  leader: QueuedPod | undefined
  /** Its place among the ready groups is that of its leader, which backs off no more. */
  readonly priority: number
  readonly backoffUntil: 0
  readonly timestamp: 0
  sequence: number
  entry: HeapEntry<WaitingGroup> | undefined
  /** Where it stands in line for room, while it waits for that. */
  place: WaitingPlace | undefined
  /** The groups that the same plugins rejected, while it waits. */
  kin: GroupKin | undefined
  /** What the plugins of its kin were known by. */
  rejectedBy: readonly string[]
  /** The freed room that it was found not to fit, counted as `#freed` does. */
  passedAt: number
  /** The last look for all that had waited for long, counted as `#flushes` does, that it was among. */
  flushedAt: number
  /** The groups that have waited longer, and less long. */
  older: WaitingGroup | undefined
  newer: WaitingGroup | undefined
}

/** Where a group stands in line for room. */
export interface WaitingPlace extends Waiter {
  readonly group: WaitingGroup
}

/** Waiting groups that the same plugins of a profile rejected. */
export interface GroupKin {
  readonly groups: Set<WaitingGroup>
  /** Whether a filter that says as numbers what it asks for is among these plugins. */
  readonly waitsForRoom: boolean
}

/** Pods that left are taken off a group's list when they are at least so many, and half of it. */
const GONE_MIN = 64

/** A group without pods. */
export function newGroup(podClass: PodClass, now: Micros): WaitingGroup {
  return {
    podClass,
    pods: [],
    first: 0,
    gone: 0,
    isReady: false,
    since: now,
    leader: undefined,
    priority: podClass.shape.priority,
    backoffUntil: 0,
    timestamp: 0,
    sequence: 0,
    entry: undefined,
    place: undefined,
    kin: undefined,
    rejectedBy: [],
    passedAt: -1,
    flushedAt: -1,
    older: undefined,
    newer: undefined,
  }
}

/** The first pod that is still in the group; undefined when none is left. */
export function firstOf(group: WaitingGroup): QueuedPod | undefined {
  for (; group.first < group.pods.length; group.first++) {
    const pod = group.pods[group.first]
    if (pod?.group !== group) continue
    // While the group waits, all of it were rejected by who rejected it last.
    if (group.kin !== undefined) pod.rejectedBy = group.rejectedBy
    return pod
  }
  return undefined
}

/** Takes the first pod; the list keeps it for a while, in case that it comes back. */
export function takeFirst(group: WaitingGroup): void {
  group.first += 1
}

/** A pod has left the group, or was taken; O(1) in the mean. */
export function countGone(group: WaitingGroup): void {
  const { pods, first } = group
  group.gone += 1
  if (group.gone < GONE_MIN || group.gone * 2 < pods.length) return
  const last = pods[first - 1]
  const taken = last?.group === group ? undefined : last
  const kept = new Set(taken === undefined ? [] : [taken])
  for (const pod of pods) if (pod.group === group) kept.add(pod)
  pods.length = 0
  for (const pod of kept) pods.push(pod)
  group.first = taken === undefined ? 0 : 1
  group.gone = 0
}
