import { assert } from '../base/assert.ts'
import { MINUTE, NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodRow } from '../cluster/rows.ts'
import { BACKOFF_WINDOW, backoffEnd, isBackingOff, nextMultiple } from './backoff.ts'
import type { ClusterChange } from './framework/cluster-change.ts'
import { EarlyPods } from './early-pods.ts'
import { EntryHeap } from './entry-heap.ts'
import { FlightEvents } from './flight-events.ts'
import { gateOf, isGateOpenToChange } from './gate.ts'
import { GroupQueue } from './group-queue.ts'
import { isHinted, retryFor } from './hints.ts'
import type { Retry } from './hints.ts'
import { hasJustFailed, withoutJustFailed } from './just-failed.ts'
import type { PluginRejection, PodClass } from './pod-class.ts'
import { podGroupOf } from './pod-groups.ts'
import { isSameShape } from './pod-shapes.ts'
import { podUpdates } from './pod-updates.ts'
import { PRIORITY_SORT, nameSort } from './queue-order.ts'
import type { GroupOutcome, QueuedGroup } from './queued-group.ts'
import { QueuedPod } from './queued-pod.ts'
import type { PodDraft } from './queued-pod.ts'
import { QueuedPods } from './queued-pods.ts'
import { NO_FORESIGHT } from './queue-options.ts'
import type { Failure, Foresight, QueueOptions } from './queue-options.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import type { WaitingGroup } from './waiting-group.ts'
import { WaitingGroups } from './waiting-groups.ts'

/** How long a pod stays unschedulable before it is tried again whatever happened (kube-scheduler v1.37). */
const UNSCHEDULABLE_MAX: Micros = 5 * MINUTE
/** How often such pods are looked for. */
const UNSCHEDULABLE_CHECK: Micros = 30 * SECOND

/**
 * The scheduling queue: active, back-off, unschedulable and gated pods, as kube-scheduler v1.37 keeps them (backend/queue).
 * It has no clock: each method is told the time, and `flush` is called when `nextFlush` falls due.
 */
export class SchedulingQueue {
  readonly #options: QueueOptions
  readonly #cluster: SchedulerCluster
  readonly #pods = new QueuedPods()
  readonly #active: EntryHeap<QueuedPod>
  readonly #backoff: EntryHeap<QueuedPod>
  readonly #early: EarlyPods
  readonly #errorBackoff: EntryHeap<QueuedPod>
  /** In order of the time since which they wait. */
  readonly #unschedulable = new Set<QueuedPod>()
  readonly #gated = new Set<QueuedPod>()
  /** Those of the gated that a change elsewhere may let in. */
  readonly #gatedByOthers = new Set<QueuedPod>()
  readonly #groups: WaitingGroups
  /** Pods of PodGroups, where these are queued as one. */
  readonly #podGroups: GroupQueue | undefined
  readonly #events: FlightEvents
  #sequence = 0

  constructor(options: QueueOptions, cluster: SchedulerCluster) {
    this.#options = options
    this.#cluster = cluster
    const { queueTime } = options
    const order = queueTime === undefined ? PRIORITY_SORT : nameSort(cluster.shapes)
    this.#active = new EntryHeap(order.active, queueTime)
    this.#backoff = new EntryHeap(order.backoff, queueTime)
    this.#errorBackoff = new EntryHeap(order.backoff, queueTime)
    this.#groups = new WaitingGroups(cluster)
    this.#early = new EarlyPods(cluster)
    this.#events = new FlightEvents(cluster, options.tellsPodsApart)
    if (options.queuesPodGroups === true)
      this.#podGroups = new GroupQueue(options, cluster, () => this.#sequence++)
  }

  /** Pods in the queue, those in flight included. */
  get size(): number {
    return this.#pods.size
  }

  /** Whether there is nobody to try, now or later, and nothing to clear away. */
  get isClear(): boolean {
    return this.#pods.size === 0 && !this.#groups.hasFreedNodes
  }

  get(row: PodRow): QueuedPod | undefined {
    return this.#pods.get(row)
  }

  /** All pods of the queue in order of arrival. */
  list(): IterableIterator<QueuedPod> {
    return this.#pods.values()
  }

  /** A pod without a node came. */
  add(draft: PodDraft, now: Micros): QueuedPod {
    const pod = new QueuedPod(draft, now, this.#sequence++)
    if (this.#podGroups !== undefined) pod.podGroup = podGroupOf(pod.kin.shape)
    this.#pods.add(pod)
    if (pod.podGroup === undefined) this.#toActive(pod)
    else this.#podGroups?.join(pod, now)
    return pod
  }

  /** The pod changed: gates may have gone, or what it asks for is less. */
  update(row: PodRow, podClass: PodClass, now: Micros): void {
    const pod = this.#pods.get(row)
    if (pod === undefined) return
    const old = pod.shape
    const { shape } = podClass
    const isSame = isSameShape(old, shape)
    if (!isSame) pod.podClass = podClass
    const updates = podUpdates(old, shape)
    const change: ClusterChange = { type: 'pending-pod-updated', old, pod: shape, itself: true, updates }
    if (pod.place === 'in-flight') this.#events.record({ change, updated: row })
    else if (pod.podGroup !== undefined) this.#podGroups?.recheck(pod.podGroup)
    else if (pod.place === 'gated') {
      if (this.#gateOf(pod) === undefined) this.#requeue(pod, 'after-backoff', now)
    } else if (pod.place === 'unschedulable' && (updates.length > 0 || isSame)) {
      this.#requeue(pod, retryFor(pod, change, this.#cluster), now)
    } else if (pod.place === 'backoff' && pod.entry !== undefined) this.#early.change(pod.entry)
    if (pod.group !== undefined && !isSame) this.#leaveGroup(pod, pod.group, now)
  }

  /** What is true of one pod of a group is true of all: one that is no longer equal waits, or is tried, by itself. */
  #leaveGroup(pod: QueuedPod, group: WaitingGroup, now: Micros): void {
    if (this.#groups.isDue(group)) this.#requeue(pod, 'after-backoff', now)
    else {
      pod.waitingSince = now
      this.#toUnschedulable(pod)
    }
  }

  /** The pod is gone, or has a node: it leaves the queue wherever it is. */
  remove(row: PodRow): void {
    const pod = this.#pods.get(row)
    if (pod === undefined) return
    this.#leave(pod)
    this.#pods.delete(row)
    if (pod.podGroup !== undefined) this.#podGroups?.leave(pod)
    if (pod.place === 'in-flight') this.#events.end()
  }

  /**
   * The next pod to try, which is in flight then; undefined when there is none. With nothing active, the first that
   * backs off is taken early, of those that are not known to be rejected again.
   */
  pop(now: Micros, foresight = NO_FORESIGHT): QueuedPod | undefined {
    const first = this.#active.poll() ?? this.#takeEarly(foresight, now)
    const pod = first ?? this.#groups.take(foresight, now)
    if (pod === undefined) return undefined
    this.#leave(pod)
    pod.place = 'in-flight'
    pod.attempts += 1
    this.#events.start(pod)
    return pod
  }

  /**
   * The next pods of a PodGroup to try, which are in flight then: when it is their turn before all pods by themselves,
   * or, with `isLast`, when nothing else is to be tried and their back-off need not be waited for.
   */
  popGroup(isHopeless: (group: QueuedGroup) => boolean, isLast: boolean): QueuedGroup | undefined {
    if (this.#podGroups === undefined) return undefined
    const pods = { active: this.#active, backoff: this.#backoff }
    const entry = this.#podGroups.first(pods, isHopeless, isLast)
    const group = entry === undefined ? undefined : this.#podGroups?.take(entry)
    for (const pod of group?.members ?? []) {
      pod.attempts += 1
      this.#events.start(pod)
    }
    return group
  }

  /** The cycle of a group is over: those of its pods that have no node go back together. */
  returned(group: QueuedGroup, outcome: GroupOutcome, now: Micros): void {
    this.#podGroups?.returned(group, outcome, now)
  }

  /** The pod in flight has its node: it leaves the queue. */
  done(pod: QueuedPod): void {
    assert(pod.place === 'in-flight', 'a pod that was not in flight is done')
    this.#pods.delete(pod.row)
    if (pod.podGroup !== undefined) this.#podGroups?.leave(pod)
    this.#events.end()
  }

  /** The attempt of a pod in flight failed: it goes where its rejection, and what happened meanwhile, send it. */
  fail(pod: QueuedPod, failure: Failure, now: Micros): void {
    const isError = this.#count(pod, failure, now)
    pod.sequence = this.#sequence++
    const missed = this.#events.missedBy(pod)
    this.#events.end()
    if (pod.podGroup !== undefined) this.#podGroups?.join(pod, now)
    else if (isError) this.#toBackoffOrActive(pod, true, now)
    else if (missed === 'none') this.#toUnschedulable(pod)
    else this.#requeue(pod, missed, now)
  }

  /**
   * As `fail` for a pod that plugins rejected and that waits with its equals: it is tried again when the first of them
   * is, without a back-off of its own.
   *
   * Departs from Kubernetes: the real one moves, backs off and rejects each of them by itself; with cycles that take no
   * time all of them are tried at every change that may matter, so that they are placed at the same instants.
   */
  setAside(pod: QueuedPod, rejectedBy: readonly string[], now: Micros): void {
    this.#count(pod, { rejectedBy, pendingBy: [] }, now)
    pod.place = 'unschedulable'
    this.#events.end()
    this.#groups.add(pod, now)
  }

  /** Counts a failed attempt; whether it failed by an error. */
  #count(pod: QueuedPod, { rejectedBy, pendingBy }: Failure, now: Micros): boolean {
    assert(pod.place === 'in-flight', 'the attempt of a pod that was not in flight failed')
    const isError = rejectedBy.length + pendingBy.length === 0
    pod.timestamp = now
    pod.waitingSince = now
    pod.rejectedBy = rejectedBy
    pod.pendingBy = pendingBy
    if (isError) pod.errors += 1
    else {
      pod.rejections += 1
      pod.errors = 0
    }
    pod.backoffUntil = backoffEnd(pod, isError, now, this.#options)
    return isError
  }

  /** Something changed: moves the unschedulable pods to which it may matter. */
  move(change: ClusterChange, now: Micros): void {
    this.#events.record({ change })
    this.#groups.move(change)
    if (change.type === 'object-changed') this.#podGroups?.recheckGated()
    this.#moveGated(change, now)
    if (this.#unschedulable.size === 0) return
    for (const pod of [...this.#unschedulable]) {
      if (change.type === 'pending-pod-deleted' && change.pod.priority < pod.priority) continue
      this.#requeue(pod, retryFor(pod, change, this.#cluster), now)
    }
  }

  /** The PodGroup (`namespace/name`) changed, or a pod of it came: it may be complete now. */
  podGroupChanged(key: string): void {
    this.#podGroups?.recheck(key)
  }

  /** Pods that others keep out may be let in by what the plugin that gated them says. */
  #moveGated(change: ClusterChange, now: Micros): void {
    if (this.#gatedByOthers.size === 0) return
    for (const pod of [...this.#gatedByOthers]) {
      const gate = this.#gateOf(pod)
      if (gate === undefined || isHinted(pod, change, this.#cluster, [gate.plugin]))
        this.#requeue(pod, 'after-backoff', now)
    }
  }

  /** Why the pod may not enter: by itself, or for what others are not there yet. */
  #gateOf(pod: QueuedPod): PluginRejection | undefined {
    return gateOf(pod, this.#cluster, this.#options.groups)
  }

  /** Whether waiting pods were passed over since the last call that one by one would have been tried, and rejected. */
  takePassedOver(): boolean {
    return this.#groups.takePassedOver()
  }

  /** Puts the pod on the active queue, whatever holds it back but its gates; one that has just failed after its back-off. */
  activate(row: PodRow, now: Micros): void {
    const pod = this.#pods.get(row)
    if (pod === undefined) return
    if (pod.place === 'in-flight') this.#events.record({ only: row })
    else if (pod.podGroup !== undefined) this.#podGroups?.activate(pod)
    else if (hasJustFailed(pod, now)) this.#requeue(pod, 'after-backoff', now)
    else if (pod.place !== 'active') this.#toActive(pod)
  }

  /** Runs the timers that are due at this instant: ends of back-off, and pods that waited for five minutes. */
  flush(now: Micros): void {
    this.#podGroups?.flush(now)
    if (now % BACKOFF_WINDOW === 0) {
      this.#flushBackoff(this.#backoff, now)
      this.#flushBackoff(this.#errorBackoff, now)
    }
    if (now % UNSCHEDULABLE_CHECK !== 0) return
    this.#groups.wakeOlder(now - UNSCHEDULABLE_MAX, now)
    let hasMoved = false
    // Gated pods are not let in by it, but count: pods in flight are told all the same.
    for (const pod of this.#gated) {
      if (now - pod.waitingSince <= UNSCHEDULABLE_MAX) continue
      hasMoved = true
      pod.waitingSince = now
    }
    for (const pod of [...this.#unschedulable]) {
      if (now - pod.waitingSince <= UNSCHEDULABLE_MAX) continue
      hasMoved = true
      pod.waitingSince = now
      this.#requeue(pod, 'after-backoff', now)
    }
    if (hasMoved) this.#events.record({})
  }

  /** When `flush` has something to do next, after `now`; `NEVER` when it has not. */
  nextFlush(now: Micros): Micros {
    let due = this.#podGroups?.nextEnd() ?? NEVER
    due = Math.min(due, this.#backoff.first()?.until ?? NEVER, this.#errorBackoff.first()?.until ?? NEVER)
    if (due !== NEVER) due = nextMultiple(Math.max(due, now), BACKOFF_WINDOW)
    let oldest = Math.min(this.#groups.oldest, this.#events.flights > 0 ? this.#oldestGated() : NEVER)
    const longest = this.#unschedulable.size === 0 ? undefined : this.#unschedulable.values().next().value
    if (longest !== undefined) oldest = Math.min(oldest, longest.waitingSince)
    if (oldest === NEVER) return due
    return Math.min(due, nextMultiple(Math.max(oldest + UNSCHEDULABLE_MAX, now), UNSCHEDULABLE_CHECK))
  }

  #oldestGated(): Micros {
    let oldest = NEVER
    for (const pod of this.#gated) oldest = Math.min(oldest, pod.waitingSince)
    return oldest
  }

  #requeue(pod: QueuedPod, retry: Retry, now: Micros): void {
    if (retry === 'at-once') this.#toActive(pod)
    else if (retry === 'after-backoff') this.#toBackoffOrActive(pod, false, now)
  }

  #toBackoffOrActive(pod: QueuedPod, isError: boolean, now: Micros): void {
    if (!isBackingOff(pod, now, this.#options) || pod.attempts === 0) {
      this.#toActive(pod)
      return
    }
    if (this.#options.popsFromBackoff && this.#gateOf(pod) !== undefined) {
      this.#toGated(pod)
      return
    }
    this.#leave(pod)
    pod.place = isError ? 'error-backoff' : 'backoff'
    this.#options.backsOff?.(pod.row)
    const heap = isError ? this.#errorBackoff : this.#backoff
    const entry = heap.push(pod)
    if (!isError) this.#early.add(entry)
  }

  #toActive(pod: QueuedPod): void {
    if (this.#gateOf(pod) !== undefined) {
      this.#toGated(pod)
      return
    }
    this.#leave(pod)
    pod.place = 'active'
    this.#active.push(pod)
  }

  #toGated(pod: QueuedPod): void {
    this.#leave(pod)
    pod.place = 'gated'
    this.#gated.add(pod)
    if (isGateOpenToChange(pod)) this.#gatedByOthers.add(pod)
  }

  #toUnschedulable(pod: QueuedPod): void {
    this.#leave(pod)
    pod.place = 'unschedulable'
    this.#unschedulable.add(pod)
  }

  /** Takes the pod out of where it is; its entry in a heap becomes stale. */
  #leave(pod: QueuedPod): void {
    if (pod.place === 'backoff' && pod.entry !== undefined) this.#early.remove(pod.entry)
    pod.entry = undefined
    if (pod.group !== undefined) this.#groups.leave(pod, pod.group)
    if (pod.place === 'unschedulable') this.#unschedulable.delete(pod)
    if (pod.place !== 'gated') return
    this.#gated.delete(pod)
    this.#gatedByOthers.delete(pod)
  }

  #takeEarly(foresight: Foresight, now: Micros): QueuedPod | undefined {
    const first = this.#options.popsFromBackoff ? this.#backoff.first()?.owner : undefined
    if (first === undefined) return undefined
    const known = withoutJustFailed(foresight, first, now)
    return known.isHopeless(first) ? this.#early.first(known) : first
  }

  #flushBackoff(heap: EntryHeap<QueuedPod>, now: Micros): void {
    for (let pod = heap.first()?.owner; pod !== undefined; pod = heap.first()?.owner) {
      if (isBackingOff(pod, now, this.#options)) return
      this.#leave(pod)
      if (this.#options.popsFromBackoff) {
        pod.place = 'active'
        this.#active.push(pod)
      } else this.#toActive(pod)
    }
  }
}
