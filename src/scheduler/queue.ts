import FastPriorityQueue from 'fastpriorityqueue'

import { assert } from '../base/assert.ts'
import { MINUTE, NEVER, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { ClusterChange } from './framework/cluster-change.ts'
import { gateOf } from './gate.ts'
import { isWorthRetry } from './hints.ts'
import type { PluginRejection, PodClass } from './pod-class.ts'
import type { Profile } from './profile.ts'
import type { FlightEvent, HeapEntry, QueuedPod } from './queued-pod.ts'
import { isEarlierActive, isEarlierBackoff, isEarlierPod } from './queue-order.ts'
import type { Failure, QueueOptions } from './queue-options.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import { WaitingGroups } from './waiting-groups.ts'

/** How long a pod stays unschedulable before it is tried again whatever happened (kube-scheduler v1.37). */
const UNSCHEDULABLE_MAX: Micros = 5 * MINUTE
/** How often such pods are looked for. */
const UNSCHEDULABLE_CHECK: Micros = 30 * SECOND
/** How often pods whose back-off is over are looked for, and what back-offs are rounded down to. */
const BACKOFF_WINDOW: Micros = SECOND

/**
 * The scheduling queue: active, back-off, unschedulable and gated pods, as kube-scheduler v1.37 keeps them
 * (backend/queue). It has no clock: each method is told the time, and `flush` is called when `nextFlush` falls due.
 */
export class SchedulingQueue {
  readonly #options: QueueOptions
  readonly #cluster: SchedulerCluster
  readonly #pods = new Map<PodRow, QueuedPod>()
  readonly #active = new FastPriorityQueue<HeapEntry>(isEarlierActive)
  readonly #backoff = new FastPriorityQueue<HeapEntry>(isEarlierBackoff)
  readonly #errorBackoff = new FastPriorityQueue<HeapEntry>(isEarlierBackoff)
  /** In order of the time since which they wait. */
  readonly #unschedulable = new Set<QueuedPod>()
  /** Gated pods that a change may let in. */
  readonly #gated = new Set<QueuedPod>()
  readonly #groups: WaitingGroups
  #backingOff = 0
  #flights = 0
  #events: FlightEvent[] = []
  #sequence = 0
  #nextUnschedulableCheck = UNSCHEDULABLE_CHECK

  constructor(options: QueueOptions, cluster: SchedulerCluster) {
    this.#options = options
    this.#cluster = cluster
    this.#groups = new WaitingGroups(cluster)
  }

  /** Pods in the queue, those in flight included. */
  get size(): number {
    return this.#pods.size
  }

  get(row: PodRow): QueuedPod | undefined {
    return this.#pods.get(row)
  }

  /** All pods of the queue in order of arrival. */
  list(): IterableIterator<QueuedPod> {
    return this.#pods.values()
  }

  /** A pod without a node came. */
  add(draft: { row: PodRow; serial: number; profile: Profile; podClass: PodClass }, now: Micros): QueuedPod {
    const pod: QueuedPod = {
      row: draft.row,
      serial: draft.serial,
      profile: draft.profile,
      podClass: draft.podClass,
      priority: draft.podClass.shape.priority,
      place: 'unschedulable',
      timestamp: now,
      sequence: this.#sequence++,
      attempts: 0,
      rejections: 0,
      errors: 0,
      backoffUntil: 0,
      waitingSince: now,
      rejectedBy: [],
      pendingBy: [],
      gatedBy: '',
      group: undefined,
      entry: undefined,
      eventsFrom: 0,
    }
    this.#pods.set(pod.row, pod)
    this.#toActive(pod)
    return pod
  }

  /** The pod changed: gates may have gone, or what it asks for is less. */
  update(row: PodRow, podClass: PodClass, now: Micros): void {
    const pod = this.#pods.get(row)
    if (pod === undefined) return
    const old = pod.podClass.shape
    pod.podClass = podClass
    const change: ClusterChange = { type: 'pending-pod-updated', old, pod: podClass.shape, itself: true }
    if (pod.place === 'in-flight') this.#events.push({ change, activated: row })
    else if (pod.place === 'gated') {
      if (this.#gate(pod) === undefined) this.#requeue(pod, now)
    } else if (pod.place === 'unschedulable') {
      if (this.#isWorthRetry(pod, change)) this.#requeue(pod, now)
    }
  }

  /** The pod is gone, or has a node: it leaves the queue wherever it is. */
  remove(row: PodRow): void {
    const pod = this.#pods.get(row)
    if (pod === undefined) return
    this.#leave(pod)
    this.#pods.delete(row)
    if (pod.place === 'in-flight') this.#endFlight()
  }

  /**
   * The next pod to try, which is in flight then; undefined when there is none. With nothing active, the first that
   * backs off is taken early, unless `isHopeless` knows that it would be rejected again.
   */
  pop(now: Micros, isHopeless: (pod: QueuedPod) => boolean = () => false): QueuedPod | undefined {
    const pod =
      this.#take(this.#active) ??
      this.#takeEarly(isHopeless) ??
      this.#groups.take(isEarlierPod, isHopeless, now)
    if (pod === undefined) return undefined
    this.#leave(pod)
    pod.place = 'in-flight'
    pod.attempts += 1
    pod.eventsFrom = this.#events.length
    this.#flights += 1
    return pod
  }

  /** The pod in flight has its node: it leaves the queue. */
  done(pod: QueuedPod): void {
    assert(pod.place === 'in-flight', 'a pod that was not in flight is done')
    this.#pods.delete(pod.row)
    this.#endFlight()
  }

  /** The attempt of a pod in flight failed: it goes where its rejection, and what happened meanwhile, send it. */
  fail(pod: QueuedPod, failure: Failure, now: Micros): void {
    assert(pod.place === 'in-flight', 'the attempt of a pod that was not in flight failed')
    pod.timestamp = now
    pod.waitingSince = now
    pod.sequence = this.#sequence++
    pod.rejectedBy = failure.rejectedBy
    pod.pendingBy = failure.pendingBy
    const isError = failure.rejectedBy.length === 0 && failure.pendingBy.length === 0
    if (isError) pod.errors += 1
    else {
      pod.rejections += 1
      pod.errors = 0
    }
    pod.backoffUntil = this.#backoffEnd(pod, isError, now)
    const missed = this.#missed(pod)
    this.#endFlight()
    if (isError) this.#toBackoffOrActive(pod, true, now)
    else if (missed === 'active') this.#toActive(pod)
    else if (missed === 'retry') this.#requeue(pod, now)
    else this.#toUnschedulable(pod)
  }

  /**
   * As `fail` for a pod that plugins rejected and that waits with its equals: it is tried again when the first of them
   * is, without a back-off of its own.
   *
   * Departs from Kubernetes: the real one moves, backs off and rejects each of them by itself; with cycles that take no
   * time all of them are tried at every change that may matter, so that they are placed at the same instants.
   */
  setAside(pod: QueuedPod, rejectedBy: readonly string[], now: Micros): void {
    assert(pod.place === 'in-flight', 'a pod that was not in flight is set aside')
    pod.timestamp = now
    pod.waitingSince = now
    pod.rejectedBy = rejectedBy
    pod.pendingBy = []
    pod.rejections += 1
    pod.errors = 0
    pod.backoffUntil = this.#backoffEnd(pod, false, now)
    pod.place = 'unschedulable'
    this.#endFlight()
    this.#groups.add(pod, now)
  }

  /** Something changed: moves the unschedulable pods to which it may matter. */
  move(change: ClusterChange, now: Micros): void {
    if (this.#flights > 0) this.#events.push({ change, activated: undefined })
    this.#groups.move(change)
    for (const pod of [...this.#gated]) {
      if (this.#isWorthRetry(pod, change, [pod.gatedBy])) this.#requeue(pod, now)
    }
    if (this.#unschedulable.size === 0) return
    for (const pod of [...this.#unschedulable]) {
      if (!this.#isWorthRetry(pod, change)) continue
      if (this.#isWorthRetry(pod, change, pod.pendingBy)) this.#toActive(pod)
      else this.#requeue(pod, now)
    }
  }

  /** Puts the pod on the active queue, whatever holds it back but its gates. */
  activate(row: PodRow): void {
    const pod = this.#pods.get(row)
    if (pod === undefined) return
    if (pod.place === 'in-flight') this.#events.push({ change: undefined, activated: row })
    else if (pod.place !== 'active') this.#toActive(pod)
  }

  /** Runs the timers that are due at this instant: ends of back-off, and pods that waited for five minutes. */
  flush(now: Micros): void {
    if (now % BACKOFF_WINDOW === 0) {
      this.#flushBackoff(this.#backoff, now)
      this.#flushBackoff(this.#errorBackoff, now)
    }
    if (now < this.#nextUnschedulableCheck) return
    this.#nextUnschedulableCheck = now - (now % UNSCHEDULABLE_CHECK) + UNSCHEDULABLE_CHECK
    this.#groups.wakeOlder(now - UNSCHEDULABLE_MAX)
    for (const pod of [...this.#unschedulable]) {
      if (now - pod.waitingSince <= UNSCHEDULABLE_MAX) continue
      pod.waitingSince = now
      this.#requeue(pod, now)
    }
  }

  /** When `flush` has something to do next, after `now`; `NEVER` when it has not. */
  nextFlush(now: Micros): Micros {
    let due = NEVER
    if (this.#backingOff > 0)
      due = Math.min(due, this.#firstEnd(this.#backoff), this.#firstEnd(this.#errorBackoff))
    if (due !== NEVER) {
      const end = due - (due % BACKOFF_WINDOW)
      const leaves = this.#options.popsFromBackoff
        ? end + BACKOFF_WINDOW
        : Math.ceil(due / BACKOFF_WINDOW) * BACKOFF_WINDOW
      due = Math.max(leaves, now - (now % BACKOFF_WINDOW) + BACKOFF_WINDOW)
    }
    let oldest = this.#groups.oldest
    for (const pod of this.#unschedulable) {
      oldest = Math.min(oldest, pod.waitingSince)
      break
    }
    if (oldest === NEVER) return due
    const passed = oldest + UNSCHEDULABLE_MAX
    const check = passed - (passed % UNSCHEDULABLE_CHECK) + UNSCHEDULABLE_CHECK
    return Math.min(due, Math.max(check, now - (now % UNSCHEDULABLE_CHECK) + UNSCHEDULABLE_CHECK))
  }

  /** Source: kube-scheduler v1.37, backend/queue `calculateBackoffDuration`. */
  #backoffEnd(pod: QueuedPod, isError: boolean, now: Micros): Micros {
    const count = isError ? pod.errors : pod.rejections
    const { initialBackoff, maxBackoff } = this.#options
    let span = initialBackoff
    for (let i = 1; i < count && span < maxBackoff; i++) span *= 2
    const end = now + Math.min(span, maxBackoff)
    return this.#options.popsFromBackoff ? end - (end % BACKOFF_WINDOW) : end
  }

  /** With the gate on, the end and the present are both whole seconds, and an end that is now is not over. */
  #isBackingOff(pod: QueuedPod, now: Micros): boolean {
    if (!this.#options.popsFromBackoff) return pod.backoffUntil > now
    return pod.backoffUntil >= now - (now % BACKOFF_WINDOW)
  }

  /** What the events during the flight of a pod ask for it. */
  #missed(pod: QueuedPod): 'active' | 'retry' | undefined {
    let missed: 'active' | 'retry' | undefined
    for (let i = pod.eventsFrom; i < this.#events.length; i++) {
      const event = this.#events[i]
      if (event === undefined) continue
      if (event.change === undefined) {
        if (event.activated === pod.row) return 'active'
        continue
      }
      if (event.activated !== undefined && event.activated !== pod.row) continue
      if (!this.#isWorthRetry(pod, event.change)) continue
      if (this.#isWorthRetry(pod, event.change, pod.pendingBy)) return 'active'
      missed = 'retry'
    }
    return missed
  }

  #requeue(pod: QueuedPod, now: Micros): void {
    this.#toBackoffOrActive(pod, false, now)
  }

  #toBackoffOrActive(pod: QueuedPod, isError: boolean, now: Micros): void {
    if (!this.#isBackingOff(pod, now) || pod.attempts === 0) {
      this.#toActive(pod)
      return
    }
    const gate = this.#options.popsFromBackoff ? this.#gate(pod) : undefined
    if (gate !== undefined) {
      this.#toGated(pod, gate)
      return
    }
    this.#leave(pod)
    pod.place = isError ? 'error-backoff' : 'backoff'
    this.#backingOff += 1
    this.#push(isError ? this.#errorBackoff : this.#backoff, pod)
  }

  #toActive(pod: QueuedPod): void {
    const gate = this.#gate(pod)
    if (gate !== undefined) {
      this.#toGated(pod, gate)
      return
    }
    this.#leave(pod)
    pod.place = 'active'
    this.#push(this.#active, pod)
  }

  #toGated(pod: QueuedPod, gate: PluginRejection): void {
    this.#leave(pod)
    pod.place = 'gated'
    pod.gatedBy = gate.plugin
    if (pod.podClass.gaters.length > 0) this.#gated.add(pod)
  }

  #gate(pod: QueuedPod): PluginRejection | undefined {
    return gateOf(pod, this.#cluster)
  }

  #isWorthRetry(pod: QueuedPod, change: ClusterChange, plugins?: readonly string[]): boolean {
    return isWorthRetry(pod, change, this.#cluster, plugins)
  }

  #toUnschedulable(pod: QueuedPod): void {
    this.#leave(pod)
    pod.place = 'unschedulable'
    this.#unschedulable.add(pod)
  }

  /** Takes the pod out of where it is; its entry in a heap becomes stale. */
  #leave(pod: QueuedPod): void {
    if (pod.place === 'backoff' || pod.place === 'error-backoff') {
      if (pod.entry !== undefined) this.#backingOff -= 1
    }
    pod.entry = undefined
    pod.group = undefined
    this.#unschedulable.delete(pod)
    this.#gated.delete(pod)
  }

  #push(heap: FastPriorityQueue<HeapEntry>, pod: QueuedPod): void {
    const entry = { pod, until: pod.backoffUntil, timestamp: pod.timestamp, sequence: pod.sequence }
    pod.entry = entry
    heap.add(entry)
  }

  #takeEarly(isHopeless: (pod: QueuedPod) => boolean): QueuedPod | undefined {
    if (!this.#options.popsFromBackoff || this.#firstEnd(this.#backoff) === NEVER) return undefined
    const first = this.#backoff.peek()?.pod
    if (first === undefined || isHopeless(first)) return undefined
    return this.#take(this.#backoff)
  }

  /** First pod of a heap, stale entries thrown away; it stays in its place until `#leave`. */
  #take(heap: FastPriorityQueue<HeapEntry>): QueuedPod | undefined {
    for (let entry = heap.poll(); entry !== undefined; entry = heap.poll()) {
      if (entry.pod.entry === entry) return entry.pod
    }
    return undefined
  }

  #firstEnd(heap: FastPriorityQueue<HeapEntry>): Micros {
    for (let entry = heap.peek(); entry !== undefined; entry = heap.peek()) {
      if (entry.pod.entry === entry) return entry.until
      heap.poll()
    }
    return NEVER
  }

  #flushBackoff(heap: FastPriorityQueue<HeapEntry>, now: Micros): void {
    for (let entry = heap.peek(); entry !== undefined; entry = heap.peek()) {
      const { pod } = entry
      if (pod.entry === entry) {
        if (this.#isBackingOff(pod, now)) return
        heap.poll()
        this.#leave(pod)
        if (this.#options.popsFromBackoff) {
          pod.place = 'active'
          this.#push(this.#active, pod)
        } else this.#toActive(pod)
      } else heap.poll()
    }
  }

  #endFlight(): void {
    this.#flights -= 1
    if (this.#flights === 0) this.#events = []
  }
}
