import type { NodeIndex } from './framework/node-columns.ts'
import type { NodeLog } from './node-log.ts'
import type { NodePicker } from './node-picker.ts'
import type { Profile } from './profile.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import type { RoomPlan } from './score-index.ts'

/** What the failure of a class of pods follows from, and how far that was looked at. */
export interface LastingFailure {
  readonly room: RoomPlan
  readonly staticEpoch: number
  /** As `idleChanges` of the cluster counts. */
  idleChanges: number
  /** Changes of nodes, and of nominations to them, that were looked at. */
  changed: number
  nominated: number
}

/**
 * Failures of classes of pods that have no room on any node, not even without all pods of lower priority there. Such a
 * failure lasts, whatever changes, until a node has the room: only nodes that changed are looked at, one comparison each.
 *
 * A node's own object changes little and decides who may be on it at all: with it all is found out anew.
 */
export class LastingFailures {
  readonly #cluster: SchedulerCluster
  readonly #picker: NodePicker
  #count = 0

  constructor(cluster: SchedulerCluster, picker: NodePicker) {
    this.#cluster = cluster
    this.#picker = picker
  }

  /** How often a failure was found to hold after a change. */
  get count(): number {
    return this.#count
  }

  /** What the failure follows from of a pod that was found no node and nobody to preempt; undefined where not from room. */
  of({ profile, podClass }: QueuedPod): LastingFailure | undefined {
    const { nodes, nominations, idleChanges, isRestricted } = this.#cluster
    if (isRestricted || !this.#needsLowerRoom(profile)) return undefined
    const room = this.#picker.planByRoom(profile, podClass)
    if (room === undefined) return undefined
    const { staticEpoch } = nodes
    return {
      room,
      staticEpoch,
      idleChanges,
      changed: nodes.changed.count,
      nominated: nominations.changed.count,
    }
  }

  /** Whether a pod of the class that failed, nominated to no node, still fails for the same. */
  holds(failure: LastingFailure, pod: QueuedPod): boolean {
    const { nodes, nominations, isRestricted } = this.#cluster
    if (isRestricted || failure.staticEpoch !== nodes.staticEpoch || !this.#isPlanOfNow(failure, pod))
      return false
    const isFound =
      this.#findsRoom(failure, pod, { log: nodes.changed, since: failure.changed }) ||
      this.#findsRoom(failure, pod, { log: nominations.changed, since: failure.nominated })
    if (isFound) return false
    failure.changed = nodes.changed.count
    failure.nominated = nominations.changed.count
    this.#count += 1
    return true
  }

  /** Whether the same plugins have a say as when the class failed. */
  #isPlanOfNow(failure: LastingFailure, { profile, podClass }: QueuedPod): boolean {
    const { idleChanges } = this.#cluster
    if (failure.idleChanges === idleChanges) return true
    if (this.#picker.planByRoom(profile, podClass)?.plan !== failure.room.plan) return false
    if (!this.#needsLowerRoom(profile)) return false
    failure.idleChanges = idleChanges
    return true
  }

  #needsLowerRoom(profile: Profile): boolean {
    return profile.postFilter.every(
      (index) => profile.plugins[index]?.postFilterNeedsLowerRoom?.(this.#cluster) === true,
    )
  }

  /** Whether a node that is in the log since then has the room. */
  #findsRoom(
    failure: LastingFailure,
    pod: QueuedPod,
    { log, since }: { readonly log: NodeLog; readonly since: number },
  ): boolean {
    const { order } = this.#cluster
    if (!log.covers(since) || log.count - since > order.length)
      return order.some((node) => this.#hasRoom(failure, pod, node))
    for (let count = since; count < log.count; count++) {
      if (this.#hasRoom(failure, pod, log.at(count))) return true
    }
    return false
  }

  #hasRoom({ room: { plan, fit } }: LastingFailure, { priority }: QueuedPod, node: NodeIndex): boolean {
    if (plan.objects.isFeasible[node] !== 1 || !this.#cluster.nodes.has(node)) return false
    return this.#cluster.lowerRoom.holds(fit, priority, node)
  }
}
