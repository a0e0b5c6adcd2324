import type { Node, PodGroup } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ObjectChange, RingEntry } from '../cluster/change-ring.ts'
import { POD_CREATED, POD_DELETED, POD_DELETING, POD_FINISHED, POD_UPDATED } from '../cluster/pod-event.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow, TemplateId } from '../cluster/rows.ts'
import { AssignedPodChange } from './assigned-pod-change.ts'
import type { Binder } from './binder.ts'
import type { Failures } from './failures.ts'
import type { ClusterChange } from './framework/cluster-change.ts'
import type { Nominator } from './nominator.ts'
import { classOfPod } from './pod-class.ts'
import type { PodGroups } from './pod-groups.ts'
import type { PlacedShape } from './pod-shapes.ts'
import { podUpdates } from './pod-updates.ts'
import type { Profile } from './profile.ts'
import type { PodDraft } from './queued-pod.ts'
import type { SchedulingQueue } from './queue.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** Pod events that the scheduler wants to hear of. */
export const WATCHED_POD_EVENTS = POD_CREATED | POD_UPDATED | POD_DELETING | POD_FINISHED | POD_DELETED

/** What a change that was heard of touches. */
export interface EventHandlerParts {
  readonly clock: { readonly now: Micros }
  readonly cluster: SchedulerCluster
  readonly profiles: ReadonlyMap<string, Profile>
  readonly queue: SchedulingQueue
  readonly groups: PodGroups
  readonly binder: Binder
  readonly nominator: Nominator
  readonly failures: Failures
}

/**
 * Brings the scheduler's view and its queue up to date with what the watch says.
 *
 * Source: kube-scheduler v1.37, scheduler/eventhandlers.go.
 */
export class EventHandlers {
  readonly #parts: EventHandlerParts
  /** Profiles by template. */
  readonly #profiles: Profile[] = []
  #ignored = 0

  constructor(parts: EventHandlerParts) {
    this.#parts = parts
  }

  /** Pods that came with the name of a scheduler that is not configured: nobody looks at them. */
  get ignored(): number {
    return this.#ignored
  }

  readonly onPod = (entry: RingEntry): void => {
    const { pod } = entry
    switch (entry.podEvent) {
      case POD_CREATED:
        this.#podCreated(pod, entry)
        break
      case POD_UPDATED:
        this.#podUpdated(pod)
        break
      case POD_DELETING:
        this.#parts.cluster.nodes.terminating(pod)
        break
      case POD_FINISHED:
      case POD_DELETED:
        this.#podEnded(pod, entry.node)
        break
    }
  }

  onObject(change: ObjectChange): void {
    if (change.kind !== 'Node') {
      const { kind, verb } = change
      if (kind === 'PodGroup') {
        if (isStatusOnly(change)) return
        this.#parts.queue.podGroupChanged(change.key)
      }
      this.#parts.failures.objectChanged()
      this.#move({ type: 'object-changed', kind, verb, old: change.old, object: change.new })
      return
    }
    const old = change.old as Node | undefined
    const node = change.new as Node | undefined
    const { nodes, api } = this.#parts.cluster
    nodes.setNode(api.nodeRows.everRowOf(change.key), node)
    if (node === undefined) {
      if (old !== undefined) this.#move({ type: 'node-deleted', node: old })
    } else if (old === undefined) this.#move({ type: 'node-added', node })
    else this.#move({ type: 'node-updated', old, node })
  }

  #podCreated(pod: PodRow, entry: RingEntry): void {
    const { cluster, groups, queue, clock } = this.#parts
    const { nodes, shapes, api } = cluster
    const base = shapes.baseOf(pod)
    const group = groups.add(pod, base)
    if (entry.node !== NO_NODE) {
      groups.setScheduled(pod, true)
      if (group !== undefined) queue.podGroupChanged(group)
      nodes.addPod(pod, entry.node, api.pods.table.devices(pod))
      this.#move({ type: 'assigned-pod-added', pod: shapes.shapeOf(pod), node: this.#nameOf(entry.node) })
      return
    }
    const profile = this.#profileOf(base.template)
    if (profile === undefined) {
      this.#ignored += 1
      return
    }
    queue.add(this.#draftOf(pod, entry.serial, base, profile), clock.now)
  }

  /** The profile for pods of a template; undefined when the scheduler that it names is not configured. */
  #profileOf(template: TemplateId): Profile | undefined {
    const known = this.#profiles[template]
    if (known !== undefined) return known
    const { profiles, cluster } = this.#parts
    const profile = profiles.get(cluster.api.pods.templates.get(template).schedulerName)
    if (profile !== undefined) this.#profiles[template] = profile
    return profile
  }

  /** A size that was not seen lately comes without a class of its own: most pods are placed without one. */
  #draftOf(pod: PodRow, serial: number, base: PlacedShape, profile: Profile): PodDraft {
    const { shapes } = this.#parts.cluster
    const cpu = shapes.cpuOf(pod)
    const memory = shapes.memoryOf(pod)
    if (base.isSized && cpu > 0 && memory > 0) {
      const kin = profile.kinOf(base.template)
      const shape = kin === undefined ? undefined : shapes.knownShape(base, cpu, memory)
      const known = shape === undefined ? undefined : profile.knownClassOf(shape)
      if (kin !== undefined && known === undefined)
        return { row: pod, serial, profile, podClass: kin, size: { cpu, memory, shapes } }
    }
    return { row: pod, serial, profile, podClass: classOfPod(profile, shapes, pod) }
  }

  #podUpdated(pod: PodRow): void {
    const { cluster, queue, clock } = this.#parts
    const { nodes, shapes } = cluster
    const node = nodes.placementOf(pod)
    if (node === NO_NODE) {
      cluster.nominations.updated(pod)
      const queued = queue.get(pod)
      if (queued !== undefined) queue.update(pod, classOfPod(queued.profile, shapes, pod), clock.now)
      return
    }
    const old = nodes.placedShapeOf(pod)
    const devices = nodes.devicesOf(pod)
    nodes.removePod(pod)
    nodes.addPod(pod, node, devices)
    const shape = nodes.placedShapeOf(pod)
    const updates = podUpdates(old, shape)
    if (updates.length === 0) return
    this.#move({ type: 'assigned-pod-updated', old, pod: shape, node: this.#nameOf(node), updates })
  }

  /** A pod that was last said to be on this node has ended. */
  #podEnded(pod: PodRow, saidNode: NodeRow): void {
    const { cluster, queue, binder, groups, nominator } = this.#parts
    const { nodes } = cluster
    queue.remove(pod)
    binder.forget(pod)
    groups.remove(pod)
    nominator.forget(pod)
    // What it was said is at hand, while the view's own word is far: it need not be waited for.
    const node = nodes.isOn(pod, saidNode) ? saidNode : nodes.placementOf(pod)
    if (node === NO_NODE) return
    // With nobody in the queue nobody has to be told.
    if (queue.size === 0) nodes.takeOff(pod, node)
    else {
      const assigned = {
        base: nodes.placedBaseOf(pod),
        cpu: nodes.countedCpu(pod),
        memory: nodes.countedMemory(pod),
        node,
      }
      nodes.takeOff(pod, node)
      this.#move(new AssignedPodChange('assigned-pod-deleted', assigned, cluster))
    }
  }

  #move(change: ClusterChange): void {
    this.#parts.queue.move(change, this.#parts.clock.now)
  }

  #nameOf(node: NodeRow): string {
    return this.#parts.cluster.api.nodeRows.nameOf(node)
  }
}

/** Whether an update of a PodGroup says only how it fares: nobody waits for that. */
function isStatusOnly({ verb, old, new: now }: ObjectChange): boolean {
  const [before, after] = [old as PodGroup | undefined, now as PodGroup | undefined]
  if (verb !== 'MODIFIED' || before === undefined || after === undefined) return false
  return (
    before.spec === after.spec && before.status?.resourceClaimStatuses === after.status?.resourceClaimStatuses
  )
}
