import { assert } from '../base/assert.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { BACKOFF_WINDOW, backoffEnd, isBackingOff } from './backoff.ts'
import { EntryHeap } from './entry-heap.ts'
import type { HeapEntry } from './entry-heap.ts'
import { gateOf } from './gate.ts'
import { podGroupByKey } from './pod-groups.ts'
import { isEarlierActive, isEarlierBackoff } from './queue-order.ts'
import type { GroupOutcome, QueuedGroup } from './queued-group.ts'
import type { QueuePlace, QueuedPod } from './queued-pod.ts'
import type { QueueOptions } from './queue-options.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

type GroupEntry = HeapEntry<QueuedGroup>

/**
 * The part of the scheduling queue that holds pods of PodGroups: a group is one entry, gated as long as one of its pods
 * is or its PodGroup is not there.
 *
 * Source: kube-scheduler v1.37, backend/queue `QueuedPodGroupInfo`, `addPodGroupMember`, `AddAttemptedPodGroupIfNeeded`.
 * Hints say nothing of groups in that version: a rejected group backs off at once.
 */
export class GroupQueue {
  readonly #options: QueueOptions
  readonly #cluster: SchedulerCluster
  /** Numbers entries in the order in which they came or failed, pods by themselves and groups alike. */
  readonly #nextSequence: () => number
  readonly #groups = new Map<string, QueuedGroup>()
  readonly #active = new EntryHeap<QueuedGroup>(isEarlierActive)
  readonly #backoff = new EntryHeap<QueuedGroup>(isEarlierBackoff)
  readonly #errorBackoff = new EntryHeap<QueuedGroup>(isEarlierBackoff)
  readonly #gated = new Set<QueuedGroup>()

  constructor(options: QueueOptions, cluster: SchedulerCluster, nextSequence: () => number) {
    this.#options = options
    this.#cluster = cluster
    this.#nextSequence = nextSequence
  }

  /** The pod came, or its binding failed after its group's cycle: it joins those of its group that wait. */
  join(pod: QueuedPod, now: Micros): void {
    const group = this.#groupOf(pod, now)
    if (group.place === 'in-flight') {
      group.arrived.add(pod)
      return
    }
    group.members.add(pod)
    if (group.members.size === 1) group.priority = this.#priorityOf(group)
    const gate = this.#gateOf(group, group.place === 'gated' ? group.members : [pod])
    pod.place = group.place
    if (gate.isShut) this.#toGated(group, gate.by)
    else if (group.place === 'gated') this.#toActive(group)
  }

  /** The pod is gone, or has a node. */
  leave(pod: QueuedPod): void {
    const group = this.#groups.get(pod.podGroup ?? '')
    if (group === undefined) return
    group.arrived.delete(pod)
    if (!group.members.delete(pod) || group.place === 'in-flight') return
    if (group.members.size > 0) {
      this.#recheck(group)
      return
    }
    this.#leave(group)
    this.#groups.delete(group.key)
  }

  /** The PodGroup changed, or another pod of it did. */
  recheck(key: string): void {
    const group = this.#groups.get(key)
    if (group === undefined || group.place === 'in-flight') return
    group.priority = this.#priorityOf(group)
    this.#recheck(group)
  }

  /** An object changed that PreEnqueue of a pod may look at. */
  recheckGated(): void {
    for (const group of [...this.#gated]) this.#recheck(group)
  }

  /** A plugin wants the pod tried: its group goes to the active queue, whatever holds it back but gates. */
  activate(pod: QueuedPod): void {
    const group = this.#groups.get(pod.podGroup ?? '')
    if (group !== undefined && group.place !== 'in-flight' && group.place !== 'active')
      this.#recheck(group, true)
  }

  /**
   * The first group to try: when it is its turn before all pods by themselves, or, with `isLast`, when nothing else is to be tried
   * and its back-off need not be waited for.
   */
  first(
    pods: { readonly active: EntryHeap<QueuedPod>; readonly backoff: EntryHeap<QueuedPod> },
    isHopeless: (group: QueuedGroup) => boolean,
    isLast: boolean,
  ): GroupEntry | undefined {
    const active = pods.active.first()
    const group = this.#active.first()
    if (group !== undefined) return active === undefined || isEarlierActive(group, active) ? group : undefined
    if (active !== undefined) return undefined
    const early = this.#firstBackoff(isHopeless)
    const pod = pods.backoff.first()
    const isFirst = early !== undefined && pod !== undefined && isEarlierBackoff(early, pod)
    return isLast || isFirst ? early : undefined
  }

  /** First entry of the back-off queue, errors left out; undefined where a group is not taken early. */
  #firstBackoff(isHopeless: (group: QueuedGroup) => boolean): GroupEntry | undefined {
    if (!this.#options.popsFromBackoff) return undefined
    const first = this.#backoff.first()
    return first === undefined || isHopeless(first.owner) ? undefined : first
  }

  /** Takes a group off its heap: it is in flight then. */
  take({ owner: group }: GroupEntry): QueuedGroup {
    this.#leave(group)
    group.attempts += 1
    this.#setPlace(group, 'in-flight')
    return group
  }

  /** The cycle is over: pods that are left, and those that came meanwhile, go back as one. */
  returned(group: QueuedGroup, outcome: GroupOutcome, now: Micros): void {
    assert(group.place === 'in-flight', 'a group that was not in flight came back')
    const hasFailed = [...group.arrived].some((pod) => group.members.has(pod))
    group.members.clear()
    for (const pod of group.arrived) group.members.add(pod)
    group.arrived.clear()
    if (group.members.size === 0) {
      this.#groups.delete(group.key)
      return
    }
    group.priority = this.#priorityOf(group)
    this.#count(group, outcome, hasFailed, now)
    const isDelayed = outcome !== 'scheduled' && isBackingOff(group, now, this.#options)
    const gate = isDelayed && !this.#options.popsFromBackoff ? OPEN : this.#gateOf(group, group.members)
    if (gate.isShut) this.#toGated(group, gate.by)
    else if (isDelayed) this.#toBackoff(group, outcome === 'error')
    else this.#toActive(group)
  }

  /** Runs the timers that are due: ends of back-off. */
  flush(now: Micros): void {
    if (now % BACKOFF_WINDOW !== 0) return
    for (const heap of [this.#backoff, this.#errorBackoff]) {
      for (let entry = heap.first(); entry !== undefined; entry = heap.first()) {
        const group = entry.owner
        if (isBackingOff(group, now, this.#options)) break
        this.#leave(group)
        if (this.#options.popsFromBackoff) this.#toActive(group)
        else this.#recheck(group, true)
      }
    }
  }

  /** End of the first back-off; `NEVER` without any. */
  nextEnd(): Micros {
    return Math.min(this.#backoff.first()?.until ?? NEVER, this.#errorBackoff.first()?.until ?? NEVER)
  }

  #count(group: QueuedGroup, outcome: GroupOutcome, hasFailed: boolean, now: Micros): void {
    if (outcome === 'scheduled') {
      // Pods that found no node beside the others keep the group's turn; pods that came meanwhile get one of their own.
      if (hasFailed) return
    } else if (outcome === 'error') group.errors += 1
    else {
      group.rejections += 1
      group.errors = 0
    }
    group.timestamp = now
    group.sequence = this.#nextSequence()
    group.backoffUntil = backoffEnd(group, outcome === 'error', now, this.#options, group.members.size)
  }

  #groupOf(pod: QueuedPod, now: Micros): QueuedGroup {
    const key = pod.podGroup
    assert(key !== undefined, 'a pod of no group joined one')
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = {
        key,
        members: new Set(),
        arrived: new Set(),
        priority: 0,
        place: 'gated',
        timestamp: now,
        sequence: this.#nextSequence(),
        attempts: 0,
        rejections: 0,
        errors: 0,
        backoffUntil: 0,
        gatedBy: undefined,
        entry: undefined,
      }
      this.#groups.set(key, group)
    }
    return group
  }

  #priorityOf(group: QueuedGroup): number {
    return podGroupByKey(this.#options.groups, group.key)?.group.spec.priority ?? 0
  }

  /** Whether PreEnqueue keeps the group out for one of these pods. */
  #gateOf(group: QueuedGroup, pods: Iterable<QueuedPod>): Gate {
    if (podGroupByKey(this.#options.groups, group.key) === undefined) return { isShut: true, by: undefined }
    const { gatedBy } = group
    if (gatedBy !== undefined && group.members.has(gatedBy) && this.#isGated(gatedBy))
      return { isShut: true, by: gatedBy }
    for (const pod of pods) if (this.#isGated(pod)) return { isShut: true, by: pod }
    return OPEN
  }

  #isGated(pod: QueuedPod): boolean {
    return gateOf(pod, this.#cluster, this.#options.groups) !== undefined
  }

  /** Moves the group where its gates allow; `isForced` ends a back-off. */
  #recheck(group: QueuedGroup, isForced = false): void {
    // What lets one pod of a group in that was let in before lets all in: what changed is the group.
    const [first] = group.members
    const gate = this.#gateOf(group, group.place === 'gated' || first === undefined ? group.members : [first])
    if (gate.isShut) this.#toGated(group, gate.by)
    else if (isForced || group.place === 'gated') this.#toActive(group)
  }

  #toGated(group: QueuedGroup, by: QueuedPod | undefined): void {
    this.#leave(group)
    group.gatedBy = by
    this.#gated.add(group)
    this.#setPlace(group, 'gated')
  }

  #toActive(group: QueuedGroup): void {
    this.#leave(group)
    this.#setPlace(group, 'active')
    this.#active.push(group)
  }

  #toBackoff(group: QueuedGroup, isError: boolean): void {
    this.#leave(group)
    this.#setPlace(group, isError ? 'error-backoff' : 'backoff')
    if (isError) this.#errorBackoff.push(group)
    else this.#backoff.push(group)
  }

  /** Takes the group out of where it is; its entry in a heap becomes stale. */
  #leave(group: QueuedGroup): void {
    group.entry = undefined
    group.gatedBy = undefined
    this.#gated.delete(group)
  }

  #setPlace(group: QueuedGroup, place: QueuePlace): void {
    group.place = place
    for (const pod of group.members) pod.place = place
  }
}

/** Whether PreEnqueue keeps a group out, and for which of its pods; undefined while its PodGroup is not there. */
interface Gate {
  readonly isShut: boolean
  readonly by: QueuedPod | undefined
}

const OPEN: Gate = { isShut: false, by: undefined }
