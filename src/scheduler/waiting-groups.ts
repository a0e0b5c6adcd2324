import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ClusterChange } from './framework/cluster-change.ts'
import { EntryHeap } from './entry-heap.ts'
import type { HeapEntry } from './entry-heap.ts'
import { retryFor } from './hints.ts'
import type { PodClass } from './pod-class.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import { isEarlierActive } from './queue-order.ts'
import { WaitingAsks } from './waiting-asks.ts'

/** Rejected pods of one class: what is true of the first is true of all. */
export interface WaitingGroup {
  readonly podClass: PodClass
  /** In order of arrival; pods that left are skipped when they come up. */
  readonly pods: QueuedPod[]
  /** Place of the first pod that has not been taken. */
  first: number
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
}

/** Pods that were taken are cut off a group's list when they are this many. */
const CUT_AT = 4096

/**
 * Pods that were rejected and wait for a change, one group a class: a change is looked at once for each group, and only
 * the first pod of a group is tried, again as long as it succeeds.
 */
export class WaitingGroups {
  readonly #cluster: SchedulerCluster
  readonly #groups = new Map<PodClass, WaitingGroup>()
  /** What the groups ask for that wait. */
  readonly #asks = new WaitingAsks<WaitingGroup>()
  readonly #ready = new EntryHeap<WaitingGroup>(isEarlierActive)
  #hasPassedOver = false

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /** Sets a rejected pod aside, in front of its group when it was taken from there. */
  add(pod: QueuedPod, now: Micros): void {
    const group = this.#groups.get(pod.podClass) ?? newGroup(pod.podClass, now)
    const wasFirst = group.first > 0 && group.pods[group.first - 1] === pod
    if (wasFirst) group.first -= 1
    else group.pods.push(pod)
    pod.group = group
    this.#rest(group, now)
  }

  /** Marks the groups to which a change may matter. */
  move(change: ClusterChange): void {
    for (const group of this.#concerned(change)) {
      if (group.isReady) continue
      const pod = firstOf(group)
      if (pod === undefined) this.#drop(group)
      else if (retryFor(pod, change, this.#cluster) !== 'none') this.#wake(group)
    }
  }

  /** Where a pod left a node, the groups that it has the room for: the others would fail there again. */
  #concerned(change: ClusterChange): Iterable<WaitingGroup> {
    if (change.type !== 'assigned-pod-deleted') return this.#groups.values()
    const { nodes } = this.#cluster
    const node = this.#cluster.nodeNamed(change.node)
    if (node === undefined) return this.#groups.values()
    const cpu = nodes.allocatableCpu(node) - nodes.requestedCpu(node)
    const memory = nodes.allocatableMemory(node) - nodes.requestedMemory(node)
    const found = this.#asks.within(cpu, memory)
    if (found.length < this.#groups.size) this.#hasPassedOver = true
    return found
  }

  /** Marks the groups that have waited since before an instant. */
  wakeOlder(than: Micros): void {
    for (const group of this.#groups.values()) {
      if (group.since >= than) return
      if (!group.isReady) this.#wake(group)
    }
  }

  /** Since when the group that has waited longest has; `NEVER` without any. */
  get oldest(): Micros {
    for (const group of this.#groups.values()) if (!group.isReady) return group.since
    return NEVER
  }

  /**
   * The best first pod of a ready group that is not hopeless, or undefined; groups that come up and are hopeless wait on.
   * O(log groups) for each that comes up.
   */
  take(isHopeless: (pod: QueuedPod) => boolean, now: Micros): QueuedPod | undefined {
    for (let group = this.#ready.poll(); group !== undefined; group = this.#ready.poll()) {
      const pod = group.leader
      if (pod === undefined) continue
      if (isHopeless(pod)) {
        this.#hasPassedOver = true
        this.#rest(group, now)
        continue
      }
      takeFirst(group)
      this.#queueUp(group)
      return pod
    }
    return undefined
  }

  /** A pod leaves its group. */
  leave(pod: QueuedPod, group: WaitingGroup): void {
    pod.group = undefined
    if (group.leader === pod) this.#queueUp(group)
  }

  /** Whether pods were passed over since the last call that one by one would have been tried, and rejected. */
  takePassedOver(): boolean {
    const had = this.#hasPassedOver
    this.#hasPassedOver = false
    return had
  }

  #wake(group: WaitingGroup): void {
    group.isReady = true
    this.#asks.remove(group)
    this.#queueUp(group)
  }

  /** Puts a ready group where its first pod belongs. */
  #queueUp(group: WaitingGroup): void {
    const pod = firstOf(group)
    if (pod === undefined) {
      this.#drop(group)
      return
    }
    group.leader = pod
    group.sequence = pod.sequence
    this.#ready.push(group)
  }

  #drop(group: WaitingGroup): void {
    group.entry = undefined
    group.leader = undefined
    this.#groups.delete(group.podClass)
    this.#asks.remove(group)
  }

  /** The group waits from now on; the map keeps groups in the order of their waiting. */
  #rest(group: WaitingGroup, now: Micros): void {
    group.isReady = false
    group.since = now
    group.entry = undefined
    group.leader = undefined
    this.#groups.delete(group.podClass)
    this.#groups.set(group.podClass, group)
    const { cpu = 0, memory = 0 } = group.podClass.fit ?? {}
    this.#asks.add(group, cpu > 0 ? cpu : -Infinity, memory > 0 ? memory : -Infinity)
  }
}

function newGroup(podClass: PodClass, now: Micros): WaitingGroup {
  return {
    podClass,
    pods: [],
    first: 0,
    isReady: false,
    since: now,
    leader: undefined,
    priority: podClass.shape.priority,
    backoffUntil: 0,
    timestamp: 0,
    sequence: 0,
    entry: undefined,
  }
}

/** The first pod that is still in the group; undefined when none is left. */
function firstOf(group: WaitingGroup): QueuedPod | undefined {
  for (; group.first < group.pods.length; group.first++) {
    const pod = group.pods[group.first]
    if (pod?.group === group) return pod
  }
  return undefined
}

/** Takes the first pod; the list keeps it for a while, in case that it comes back. */
function takeFirst(group: WaitingGroup): void {
  group.first += 1
  if (group.first < CUT_AT) return
  group.pods.splice(0, group.first - 1)
  group.first = 1
}
