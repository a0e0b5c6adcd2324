import { AssignedPodChange } from './assigned-pod-change.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { NO_NODE } from '../cluster/rows.ts'
import { EntryHeap } from './entry-heap.ts'
import type { ClusterChange } from './framework/cluster-change.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { concernsAnyOf, retryFor } from './hints.ts'
import type { PodClass } from './pod-class.ts'
import { isEarlierActive } from './queue-order.ts'
import type { Profile } from './profile.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { Foresight } from './queue-options.ts'
import { askedRoom, freeCpu, freeMemory } from './resource-kernel.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import { countGone, firstOf, newGroup, takeFirst } from './waiting-group.ts'
import type { GroupKin, WaitingGroup, WaitingPlace } from './waiting-group.ts'
import { WaitingList } from './waiting-list.ts'
import { WaitingRoom, goesBefore } from './waiting-room.ts'

/** A node that pods have left, and the first in line that it has the room for, as it was found. */
interface FreedNode {
  readonly node: NodeIndex
  /** How they left; undefined for a look at all that have waited for long, whatever happened. */
  readonly change: ClusterChange | undefined
  version: number
  found: WaitingPlace | undefined
}

type PodLeft = Extract<ClusterChange, { type: 'assigned-pod-deleted' }>

/**
 * Pods that were rejected and wait for a change, one group a class: a change is looked at once for each group that it may
 * concern, and only the first pod of a group is tried, again as long as it succeeds.
 *
 * Groups that wait for room are not woken when a pod leaves a node: they stand in line, and the first that fits is found
 * when a pod is to be taken, until none fits any more. So a change costs what comes of it, not what waits. Only those that may
 * make room for themselves by now are woken.
 */
export class WaitingGroups {
  readonly #cluster: SchedulerCluster
  readonly #groups = new Map<PodClass, WaitingGroup>()
  readonly #waiting = new WaitingList()
  readonly #kins = new Map<string, GroupKin>()
  readonly #line = new WaitingRoom<WaitingPlace>()
  readonly #ready = new EntryHeap<WaitingGroup>(isEarlierActive)
  /** Nodes that pods have left, as long as somebody may fit there. */
  readonly #freedNodes = new Map<NodeIndex, FreedNode>()
  /** How often a pod left a node. */
  #freed = 0
  /** How often those were looked for that had waited for long. */
  #flushes = 0
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
    this.#rest(group, pod.rejectedBy, now)
  }

  /** Marks the groups to which a change may matter. */
  move(change: ClusterChange): void {
    const hasFreed = change.type === 'assigned-pod-deleted' && this.#free(change)
    if (hasFreed) this.#wakePreemptors(change)
    for (const kin of this.#kins.values()) {
      if (hasFreed && kin.waitsForRoom) continue
      for (const group of kin.groups) {
        const pod = firstOf(group)
        if (pod === undefined) this.#drop(group)
        // All of a kin were rejected by the same plugins of one profile: if it concerns none of these, it does for nobody.
        else if (!concernsAnyOf(pod, change)) break
        else if (retryFor(pod, change, this.#cluster) !== 'none') this.#wake(group)
      }
    }
  }

  /**
   * Marks the groups that wait for room and may make some: pods of lower priority have come since they were rejected, so that
   * the room on the node need not do for them.
   */
  #wakePreemptors(change: PodLeft): void {
    const { nodes } = this.#cluster
    for (const { group } of this.#line.leading(({ priority }) => nodes.hasPodsBelow(priority))) {
      const pod = firstOf(group)
      if (pod === undefined) this.#drop(group)
      else if (retryFor(pod, change, this.#cluster) !== 'none') this.#wake(group)
    }
  }

  /** Marks the groups that have waited since before an instant; those that wait for room are looked for on all nodes. */
  wakeOlder(than: Micros, now: Micros): void {
    let isForRoom = false
    this.#flushes += 1
    for (let group = this.#waiting.oldest; group !== undefined && group.since < than;) {
      if (group.kin?.waitsForRoom !== true) {
        this.#wake(group)
      } else {
        isForRoom = true
        group.flushedAt = this.#flushes
        group.passedAt = -1
        this.#waiting.add(group, now)
      }
      group = this.#waiting.oldest
    }
    if (!isForRoom) return
    for (const node of this.#cluster.order) {
      if (!this.#freedNodes.has(node))
        this.#freedNodes.set(node, { node, change: undefined, version: 0, found: undefined })
    }
  }

  /** Whether pods left nodes for whose room somebody may stand in line. */
  get hasFreedNodes(): boolean {
    return this.#freedNodes.size > 0
  }

  /** Since when the group that has waited longest has; `NEVER` without any. */
  get oldest(): Micros {
    return this.#waiting.oldest?.since ?? NEVER
  }

  /**
   * The best first pod of a group that is ready, or that freed room would do for, and that is not hopeless; undefined
   * without one. Hopeless groups that come up wait on.
   */
  take(foresight: Foresight, now: Micros): QueuedPod | undefined {
    for (;;) {
      const ready = this.#ready.first()?.owner
      const freed = this.#firstFitting()
      const fitting = freed?.found
      if (fitting !== undefined && (ready === undefined || goesBefore(fitting, ready))) {
        const pod = this.#takeFitting(fitting.group, freed?.change, foresight, now)
        if (pod !== undefined) return pod
      } else if (ready === undefined) return undefined
      else {
        const pod = this.#takeReady(ready, foresight, now)
        if (pod !== undefined) return pod
      }
    }
  }

  /** Whether something happened that the first of the group may be tried for. */
  isDue(group: WaitingGroup): boolean {
    return group.isReady || (group.place !== undefined && this.#freedNodes.size > 0)
  }

  /** A pod leaves its group. */
  leave(pod: QueuedPod, group: WaitingGroup): void {
    pod.group = undefined
    countGone(group)
    if (firstOf(group) === undefined) this.#drop(group)
    else if (group.leader === pod) this.#queueUp(group)
    else if (group.place?.sequence === pod.sequence) this.#standInLine(group)
  }

  /** Whether pods were passed over since the last call that one by one would have been tried, and rejected. */
  takePassedOver(): boolean {
    const had = this.#hasPassedOver
    this.#hasPassedOver = false
    return had
  }

  /** A pod left a node: groups that wait for room are looked for when one is to be taken. False for an unknown node. */
  #free(change: PodLeft): boolean {
    const { nodes } = this.#cluster
    const node = change instanceof AssignedPodChange ? change.nodeRow : this.#cluster.nodeNamed(change.node)
    if (node === undefined || !nodes.has(node)) return false
    this.#freed += 1
    if (this.#line.size > 0) this.#freedNodes.set(node, { node, change, version: 0, found: undefined })
    return true
  }

  #takeReady(group: WaitingGroup, foresight: Foresight, now: Micros): QueuedPod | undefined {
    this.#ready.poll()
    const pod = group.leader
    if (pod === undefined || this.#isPassedOver(group, pod, foresight, now)) return undefined
    takeFirst(group)
    this.#queueUp(group)
    return pod
  }

  /** Whether the first pod of the group, and so all of it, would be rejected again: then the group waits on. */
  #isPassedOver(group: WaitingGroup, pod: QueuedPod, foresight: Foresight, now: Micros): boolean {
    if (!foresight.isHopeless(pod)) return false
    this.#hasPassedOver = true
    this.#rest(group, foresight.rejectedBy(pod), now)
    return true
  }

  /** The freed node for whose room somebody stands first in line. */
  #firstFitting(): FreedNode | undefined {
    let best: FreedNode | undefined
    for (const freed of this.#freedNodes.values()) {
      this.#refresh(freed)
      const { found } = freed
      if (found === undefined) {
        this.#freedNodes.delete(freed.node)
        if (this.#line.size > 0) this.#hasPassedOver = true
      } else if (best?.found === undefined || goesBefore(found, best.found)) best = freed
    }
    return best
  }

  /** Finds the first in line for a node again, if the node or the one found has changed since. */
  #refresh(freed: FreedNode): void {
    const { nodes } = this.#cluster
    const { node, found } = freed
    const version = nodes.version[node] ?? NO_NODE
    const isCurrent = freed.version === version && found !== undefined
    if (isCurrent && found.group.place === found && found.group.passedAt !== this.#freed) return
    freed.version = version
    freed.found = this.#line.first(
      freeCpu(nodes, node),
      freeMemory(nodes, node),
      ({ group }) =>
        group.passedAt === this.#freed || (freed.change === undefined && group.flushedAt !== this.#flushes),
    )
  }

  #takeFitting(
    group: WaitingGroup,
    change: ClusterChange | undefined,
    foresight: Foresight,
    now: Micros,
  ): QueuedPod | undefined {
    const pod = firstOf(group)
    if (pod === undefined) {
      this.#drop(group)
      return undefined
    }
    if (change !== undefined && retryFor(pod, change, this.#cluster) === 'none') {
      group.passedAt = this.#freed
      return undefined
    }
    if (this.#isPassedOver(group, pod, foresight, now)) return undefined
    takeFirst(group)
    if (firstOf(group) === undefined) this.#drop(group)
    else this.#standInLine(group)
    return pod
  }

  #wake(group: WaitingGroup): void {
    group.isReady = true
    this.#endWait(group)
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
    this.#endWait(group)
  }

  /** The group, which these plugins have just rejected, waits from now on. */
  #rest(group: WaitingGroup, rejectedBy: readonly string[], now: Micros): void {
    group.isReady = false
    group.entry = undefined
    group.leader = undefined
    group.passedAt = this.#freed
    const pod = firstOf(group)
    if (pod === undefined) {
      this.#drop(group)
      return
    }
    this.#groups.set(group.podClass, group)
    if (group.kin === undefined || group.rejectedBy !== rejectedBy) {
      this.#endWait(group)
      group.kin = this.#kinOf(pod.profile, rejectedBy)
      group.kin.groups.add(group)
      group.rejectedBy = rejectedBy
    }
    this.#waiting.add(group, now)
    this.#standInLine(group)
  }

  /** Puts a group that waits for room where its first pod belongs. */
  #standInLine(group: WaitingGroup): void {
    const pod = group.kin?.waitsForRoom === true ? firstOf(group) : undefined
    const { place } = group
    if (place !== undefined) {
      if (place.sequence === pod?.sequence && place.priority === pod.priority) return
      this.#line.leave(place)
      group.place = undefined
    }
    if (pod === undefined) return
    const { fit } = group.podClass
    group.place = {
      group,
      priority: pod.priority,
      sequence: pod.sequence,
      cpu: askedRoom(fit?.cpu),
      memory: askedRoom(fit?.memory),
    }
    this.#line.join(group.place)
  }

  #endWait(group: WaitingGroup): void {
    this.#waiting.remove(group)
    group.kin?.groups.delete(group)
    group.kin = undefined
    if (group.place !== undefined) this.#line.leave(group.place)
    group.place = undefined
  }

  #kinOf(profile: Profile, rejectedBy: readonly string[]): GroupKin {
    const key = `${profile.schedulerName} ${rejectedBy.join()}`
    let kin = this.#kins.get(key)
    if (kin === undefined) {
      const waitsForRoom = rejectedBy.some((name) => profile.fitters.includes(profile.indexOf(name)))
      kin = { groups: new Set(), waitsForRoom }
      this.#kins.set(key, kin)
    }
    return kin
  }
}
