import type { Micros } from '../base/time.ts'
import type { PodOwner } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Decision } from '../scheduler/decision.ts'
import { causeOfRejection } from './recovery/causes.ts'
import type { Cause } from './recovery/causes.ts'
import { EmptyPlaces, isOwner, isReplacedAtOnce } from './recovery/empty-places.ts'
import type { EmptyPlace } from './recovery/empty-places.ts'
import type { FailureOutcome } from './recovery/failure-outcome.ts'
import { failureOutcome } from './recovery/failure-outcome.ts'
import { GroupWatches } from './recovery/group-watch.ts'
import type { BudgetTimes, GroupNumbers } from './recovery/group-watch.ts'
import { Interruptions } from './recovery/interruptions.ts'
import { LostReplica } from './recovery/lost-replica.ts'
import type { LostPod } from './recovery/lost-replica.ts'
import { NodeOutages } from './recovery/node-outages.ts'
import { hidesPods, isAway } from './recovery/outage.ts'
import type { Ailment, Outage } from './recovery/outage.ts'
import type { FailureRecord, WriteWait } from './sources.ts'

/** What the tracker asks of a pod. */
export interface FollowedPod extends LostPod {
  readonly owner: PodOwner | undefined
  /** Number of its workload. */
  readonly group: number
  readonly name: string
  readonly ordinal: number
  /** Whether there is no Node any more for the node that it was on. */
  readonly isNodeGone: boolean
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
}

const NOBODY: readonly LostReplica[] = Object.freeze([])

/**
 * Follows the replicas that failures took, until each is ready again in its own or another pod, and tells off what it waited for.
 *
 * A replica is followed as its pod, then as the place that the pod leaves, then as the pod that fills the place. Only affected pods
 * cost anything; a caller on a hot path asks `isIdle` first.
 */
export class FailureTracker {
  readonly outages = new NodeOutages()
  readonly watches: GroupWatches
  readonly interruptions = new Interruptions()
  readonly #describe: (row: PodRow) => FollowedPod
  readonly #places = new EmptyPlaces()
  /** By client: the last time in which some write of it waited for its limit all the while. */
  readonly #limited = new Map<string, { readonly from: Micros; readonly until: Micros }>()
  /** Whether any node ever ailed. */
  #hasBegun = false
  readonly #pods = new Map<PodRow, readonly LostReplica[]>()
  /** Pods that left their place and are not gone yet. */
  readonly #going = new Map<PodRow, readonly LostReplica[]>()
  /** Pods that do lost work again. */
  readonly #redoing = new Map<PodRow, readonly LostReplica[]>()

  constructor(parts: {
    readonly describe: (row: PodRow) => FollowedPod
    readonly numbers: GroupNumbers
    readonly budgets: BudgetTimes
  }) {
    this.#describe = parts.describe
    this.watches = new GroupWatches(parts.numbers, parts.budgets)
  }

  /** Whether nothing is followed: if so, nothing else need be told. */
  get isIdle(): boolean {
    if (!this.#hasBegun) return true
    const followed = this.#pods.size + this.#going.size + this.#redoing.size + this.#places.count
    return followed === 0 && !this.outages.areAnyLiving
  }

  /** Whether a pod is followed. */
  isFollowed(pod: PodRow): boolean {
    return this.#pods.has(pod)
  }

  /** A node came to ail; `pods` are lost with it at once. */
  began(
    node: NodeRow,
    ail: { readonly ailment: Ailment; readonly cause: string },
    at: Micros,
    pods: readonly PodRow[] = [],
  ): void {
    this.#hasBegun = true
    const known = ail.ailment === 'down' ? this.outages.switchedOff(node, ail.cause) : undefined
    const outage = known ?? this.outages.begin(node, ail, at)
    for (const pod of pods) {
      this.#stopRedoing(pod, at)
      for (const replica of this.#pods.get(pod) ?? NOBODY) replica.strand(outage, at)
      this.#lose(pod, outage, at)
    }
  }

  /** A node shuts down gracefully, and has ended a pod for it. */
  shutsDown(node: NodeRow, at: Micros): void {
    this.#hasBegun = true
    this.outages.shutDown(node, at)
  }

  /** An ailment of a node is over; `pods` are on it. With `cause`, that one of several. */
  ended(
    node: NodeRow,
    { ailment, cause }: { readonly ailment: Ailment; readonly cause?: string },
    at: Micros,
    pods: readonly PodRow[],
  ): void {
    const outage = this.outages.end(node, ailment, at, cause)
    if (outage === undefined) return
    const other = this.outages.hiding(node)
    for (const pod of pods) {
      for (const replica of this.#pods.get(pod) ?? NOBODY) {
        if (replica.cause !== undefined || replica.at !== outage) continue
        replica.repaired(ailment === 'down' ? 'container_start' : 'readiness', at)
        // Its containers ran all the time.
        if (ailment !== 'down') replica.lostWork = 0
        if (other !== undefined) replica.strand(other, at)
      }
    }
  }

  /** The node object of pods is gone: they go as the garbage collector finds them. */
  nodeDeleted(pods: readonly PodRow[], at: Micros): void {
    for (const pod of pods) {
      for (const replica of this.#pods.get(pod) ?? NOBODY) {
        if (replica.cause === undefined) replica.turn('termination', at)
      }
    }
  }

  /** A pod on a node that ails is no longer ready. */
  unready(pod: PodRow, node: NodeRow, at: Micros): void {
    for (const outage of this.outages.taking(node)) {
      if (outage.ailment !== 'noticed') this.#loseOnce(pod, outage, at)
    }
  }

  /**
   * A pod is being deleted, is gone, or failed, and nobody wanted that: its place is followed from now on. `evictedBy`: what of a node that
   * lives on may end its pods so.
   */
  lost(pod: PodRow, node: NodeRow, at: Micros, evictedBy?: Ailment): void {
    if (this.#going.has(pod)) return
    this.#stopRedoing(pod, at)
    for (const outage of this.outages.taking(node)) {
      if (hidesPods(outage.ailment) || outage.ailment === evictedBy) this.#loseOnce(pod, outage, at)
    }
    const replicas = this.#pods.get(pod)
    if (replicas === undefined) return
    this.#pods.delete(pod)
    const described = this.#describe(pod)
    const { owner } = described
    const cause =
      owner === undefined ? 'no_controller' : isReplacedAtOnce(owner) ? 'controller' : 'termination'
    for (const replica of replicas) {
      replica.turn(cause, at)
      replica.evicted(at)
    }
    this.#going.set(pod, replicas)
    if (owner !== undefined) this.#places.leave({ ...described, owner }, replicas)
  }

  /** A pod that was being deleted is gone, or one has failed. */
  gone(pod: PodRow, at: Micros): void {
    const replicas = this.#going.get(pod)
    if (replicas === undefined) return
    this.#going.delete(pod)
    const { owner, isNodeGone } = this.#describe(pod)
    const next = owner?.kind === 'StatefulSet' ? 'set_order' : 'controller'
    const isOfNode = owner?.kind === 'DaemonSet'
    for (const replica of replicas) {
      replica.goneAt = at
      if (replica.endedAt === undefined && replica.cause === 'termination') {
        // A pod of each node is made again when that is back, or another has its place.
        replica.turn(isOfNode && (isNodeGone || isAway(replica.at)) ? 'machine_repair' : next, at)
      }
    }
  }

  /** A pod was created: if it fills a place that is followed, it is followed. */
  created(pod: PodRow, at: Micros): void {
    if (this.#places.count === 0) return
    const described = this.#describe(pod)
    const { owner } = described
    if (owner === undefined) return
    const replicas = this.#places.fill({ ...described, owner })
    if (replicas.length === 0) return
    const wait = this.#limited.get(clientOf(owner))
    const waited = wait?.until === at ? wait : undefined
    for (const replica of replicas) {
      // It was made while the old one still goes: that was not what was waited for.
      if (replica.cause === 'termination') replica.cause = 'controller'
      if (waited !== undefined && (replica.cause === 'controller' || replica.cause === 'set_order')) {
        replica.tellOff(replica.cause, Math.max(replica.since, waited.from))
        replica.tellOff('client_limit', at)
      }
      replica.turn('scheduler', at)
      replica.createdAt = at
    }
    this.#pods.set(pod, replicas)
  }

  /** A write of a client waited for the client's limit, and is made now. */
  clientLimited({ client, from, until }: WriteWait): void {
    const before = this.#limited.get(client)
    // As long as some write waits no worker of the controller comes to the next key.
    const since = before !== undefined && from <= before.until ? Math.min(from, before.from) : from
    this.#limited.set(client, { from: since, until })
  }

  /** A scheduling cycle found no node for a pod; `isBackingOff`: it may be worth another try, but has to wait for that. */
  decided({ pod, outcome, rejectedBy }: Decision, isBackingOff: boolean, at: Micros): void {
    if (outcome === 'bound') return
    for (const replica of this.#pods.get(pod) ?? NOBODY) {
      replica.tellOffWait(at)
      if (outcome === 'nominated') replica.waitCause = 'preemption'
      else if (outcome === 'unschedulable') replica.waitCause = causeOfRejection(rejectedBy)
      else replica.waitCause = outcome === 'error' ? 'scheduler_backoff' : 'scheduler'
      replica.cause = isBackingOff ? 'scheduler_backoff' : replica.waitCause
    }
  }

  /** A pod that was rejected may be worth another try, but has to wait for that. */
  backedOff(pod: PodRow, at: Micros): void {
    for (const replica of this.#pods.get(pod) ?? NOBODY) {
      replica.tellOffWait(at)
      replica.cause = 'scheduler_backoff'
    }
  }

  /** A pod was bound: a followed one was rescheduled. */
  bound(pod: PodRow, node: NodeRow, at: Micros): void {
    const replicas = this.#pods.get(pod)
    if (replicas === undefined) return
    const hiding = this.outages.hiding(node)
    for (const replica of replicas) {
      replica.turn('container_start', at)
      replica.boundAt = at
      if (hiding !== undefined) replica.strand(hiding, at)
    }
  }

  /** Containers of a pod have ended before they were done: that much work has to be done again. */
  workLost(pod: PodRow, amount: number): void {
    const replica = (this.#pods.get(pod) ?? this.#going.get(pod))?.at(-1)
    if (replica !== undefined) replica.lostWork += amount
  }

  /** A pod waits for its volumes on its node, or has them. */
  awaitsVolumes(pod: PodRow, waits: boolean, at: Micros): void {
    for (const replica of this.#pods.get(pod) ?? NOBODY) {
      if (replica.cause !== undefined) replica.turn(waits ? 'volume_attach' : 'container_start', at)
    }
  }

  /** A container of the pod has waited so long for its image. */
  pulled(pod: PodRow, span: Micros, at: Micros): void {
    for (const replica of this.#pods.get(pod) ?? NOBODY) {
      if (replica.cause === undefined) continue
      replica.tellOff(replica.cause, Math.max(replica.since, at - span))
      replica.tellOff('image_pull', at)
    }
  }

  /** What containers of the pod wait for, by its status; undefined when that says nothing. */
  waits(pod: PodRow, cause: Cause | undefined, at: Micros): void {
    for (const replica of this.#pods.get(pod) ?? NOBODY) {
      if (replica.cause === undefined || replica.boundAt === undefined) continue
      if (cause !== undefined) replica.turn(cause, at)
      else if (replica.cause === 'crash_loop' || replica.cause === 'image_pull') {
        replica.turn(replica.runningAt === undefined ? 'container_start' : 'readiness', at)
      }
    }
  }

  /** Containers of a pod run. */
  running(pod: PodRow, at: Micros): void {
    for (const replica of this.#pods.get(pod) ?? NOBODY) {
      replica.turn('readiness', at)
      replica.runningAt = at
    }
  }

  /** A pod is ready: a followed one has recovered. */
  serving(pod: PodRow, at: Micros): void {
    const replicas = this.#over(pod, at)
    for (const replica of replicas) replica.readyAt = at
    const losers = replicas.filter((replica) => replica.lostWork > 0)
    if (losers.length > 0) this.#redoing.set(pod, losers)
  }

  /** A pod ended well: there is nothing left to recover. */
  succeeded(pod: PodRow, at: Micros): void {
    this.#stopRedoing(pod, at)
    this.#over(pod, at)
  }

  /** A pod is deleted because it is no longer wanted. */
  dropped(pod: PodRow, at: Micros): void {
    this.succeeded(pod, at)
  }

  /** A controller could not create a pod. */
  refused(kind: string, key: string, at: Micros): void {
    for (const { replicas } of this.#places.of((owner) => isOwner(owner, kind, key))) {
      for (const replica of replicas) {
        if (replica.cause === 'controller' || replica.cause === 'set_order') replica.turn('admission', at)
      }
    }
  }

  /** An owner makes no more pods: it has come to its end, or is gone. */
  ownerOver(kind: string, key: string, at: Micros): void {
    if (this.#places.count === 0) return
    this.#leaveEmpty(
      this.#places.take(({ owner }) => isOwner(owner, kind, key)),
      at,
    )
  }

  /** A workload asks for so many replicas, and has so many pods: places beyond that stay empty. */
  asksFor(group: number, replicas: number, pods: number, at: Micros): void {
    if (this.#places.count === 0) return
    let room = Math.max(0, replicas - pods)
    const taken = this.#places.take((place) => {
      if (place.group !== group) return false
      if (place.ordinal >= 0) return place.ordinal >= replicas
      room -= 1
      return room < 0
    })
    this.#leaveEmpty(taken, at)
  }

  /** The run is over: what is not recovered has been lost until now. */
  end(at: Micros): void {
    for (const pod of [...this.#redoing.keys()]) this.#stopRedoing(pod, at)
    for (const { lost } of this.outages.all()) {
      for (const replica of lost) if (replica.endedAt === undefined) replica.settle(at)
    }
    this.watches.end(at)
    this.outages.close(at)
  }

  /** What a failure came to so far: the outages of its nodes that cover its start, taken together. */
  outcomeOf(record: FailureRecord): FailureOutcome {
    return failureOutcome(record, this.outages.of(record))
  }

  #loseOnce(pod: PodRow, outage: Outage, at: Micros): void {
    if ((this.#pods.get(pod) ?? NOBODY).some((replica) => replica.outage === outage)) return
    const replica = this.#lose(pod, outage, at)
    if (!hidesPods(outage.ailment)) replica.cause = 'readiness'
  }

  #lose(pod: PodRow, outage: Outage, at: Micros): LostReplica {
    const described = this.#describe(pod)
    const watch = this.watches.lost(outage.cause, described.group, described, at)
    const replica = new LostReplica({ outage, watch, interruptions: this.interruptions }, described, at)
    outage.lost.push(replica)
    this.#pods.set(pod, [...(this.#pods.get(pod) ?? NOBODY), replica])
    return replica
  }

  /** The replicas of a pod are followed no longer. */
  #over(pod: PodRow, at: Micros): readonly LostReplica[] {
    const replicas = this.#pods.get(pod)
    if (replicas === undefined) return NOBODY
    this.#pods.delete(pod)
    for (const replica of replicas) {
      // On a node that ails, it was its own machine that brought it back.
      if (replica.cause === undefined) replica.repaired('readiness', at)
      this.#close(replica, at)
    }
    return replicas
  }

  #leaveEmpty(places: readonly EmptyPlace[], at: Micros): void {
    for (const { replicas } of places) for (const replica of replicas) this.#close(replica, at)
  }

  #close(replica: LostReplica, at: Micros): void {
    replica.settle(at)
    replica.endedAt = at
    this.watches.over(replica.watch, at)
  }

  #stopRedoing(pod: PodRow, at: Micros): void {
    const replicas = this.#redoing.get(pod)
    if (replicas === undefined) return
    this.#redoing.delete(pod)
    for (const replica of replicas) replica.redo(at)
  }
}

/** Name of the client by which an owner's controller makes its pods. */
function clientOf({ kind }: PodOwner): string {
  return kind === 'ReplicationController' ? 'replication-controller' : `${kind.toLowerCase()}-controller`
}
