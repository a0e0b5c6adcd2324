import { assert } from '../base/assert.ts'
import { formatGoDuration } from '../base/go-duration.ts'
import type { Micros } from '../base/time.ts'
import type { PodRow, NodeRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import type { Client } from '../cluster/client.ts'
import { AssignedPodChange } from './assigned-pod-change.ts'
import { ExtenderFailure } from './extenders.ts'
import type { GroupRejection, PermitWait } from './framework/pod-groups.ts'
import type { Rejection } from './framework/verdict.ts'
import type { ReservedParts } from './reserving.ts'
import { runPlugin } from './plugin-call.ts'
import type { PodGroups } from './pod-groups.ts'
import { preBind } from './pre-bind.ts'
import type { SchedulingQueue } from './queue.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** What became of a pod that was given a node: `waiting` is not the end of it. */
export type Placement = 'bound' | 'error' | 'waiting' | 'rejected'

/** A pod that has a node in the scheduler's view, what was set aside for it there, and that Permit lets wait. */
interface WaitingPod {
  readonly pod: QueuedPod
  readonly node: NodeRow
  readonly reserved: ReservedParts
  readonly group: string
  readonly plugin: string
  readonly timeout: Micros
  readonly timer: Timer
}

/** Why a pod had to give its node back. */
export interface LostRoom {
  readonly plugin: string
  readonly reason: string
}

/** A pod that has lost its node; it is told of when nobody is being decided on. */
interface LostPod extends LostRoom {
  readonly pod: QueuedPod
  readonly node: NodeRow
}

/** The message of such a pod: a FitError of its node alone (kube-scheduler v1.37, `schedulingCycle` and `bindingCycle`). */
export function lostMessage({ reason }: LostRoom): string {
  return `0/1 nodes are available: 1 ${reason}.`
}

/** A pod that is on its way to its node. */
interface BindingPod {
  readonly pod: QueuedPod
  readonly node: NodeRow
  readonly reserved: ReservedParts
}

/** Hears of pods that waited: bound, refused by the API server, or rejected by a plugin for a reason. */
export type WaitEnded = (
  pod: QueuedPod,
  node: NodeRow,
  end: LostRoom & { readonly outcome: Placement },
) => void

/** The plugin of a pod that none let wait. */
const NO_PLUGIN = ''

/** Why a pod that waited lost its node to one of higher priority (kube-scheduler v1.37, framework/preemption). */
const PREEMPTED = 'preempted'
/** Why a pod that waited lost its node with another of its group (kubernetes-sigs/scheduler-plugins, pkg/coscheduling). */
const OTHER_REJECTED = 'rejection in Unreserve'

/** Source: kube-scheduler v1.37, framework/runtime `waitingPod`. */
function timedOut({ timeout, plugin }: WaitingPod): string {
  return `rejected due to timeout after waiting ${formatGoDuration(timeout)} at plugin ${plugin}`
}

/**
 * Takes pods from their node to their binding: assumes them there, asks Permit, and binds them; those that have to wait
 * keep their room until their group is complete or their time is over.
 *
 *     assumed ─ permitted ─▶ bound
 *        │                     ▲
 *        └─▶ waiting ─ complete┘
 *               └─ timed out, preempted or gone: all of its group that wait are rejected
 *
 * Source: kube-scheduler v1.37, `bindingCycle` and framework/runtime `waitingPodsMap`.
 */
export class Binder {
  readonly #sim: Simulation
  readonly #cluster: SchedulerCluster
  readonly #queue: SchedulingQueue
  readonly #groups: PodGroups
  readonly #waiting = new Map<PodRow, WaitingPod>()
  #lost: LostPod[] = []
  #givenUp: GroupRejection | undefined
  readonly #ended: WaitEnded
  /** Lets an extender do the binding that wants to; throws when it fails. */
  readonly #bindByExtender: (pod: PodRow, node: NodeRow) => void
  readonly #after: () => void
  readonly #timeout: Handler
  /** Through which bindings are made; undefined: they are made at once. */
  readonly #client: Client | undefined
  /** Pods whose binding is on its way. */
  readonly #binding = new Map<PodRow, BindingPod>()

  constructor(
    sim: Simulation,
    parts: { cluster: SchedulerCluster; queue: SchedulingQueue; groups: PodGroups },
    hooks: {
      client: Client | undefined
      ended: WaitEnded
      after: () => void
      bindByExtender: (pod: PodRow, node: NodeRow) => void
    },
  ) {
    this.#sim = sim
    this.#cluster = parts.cluster
    this.#queue = parts.queue
    this.#groups = parts.groups
    this.#ended = hooks.ended
    this.#after = hooks.after
    this.#client = hooks.client
    this.#bindByExtender = hooks.bindByExtender
    this.#timeout = sim.handler('scheduler/permit-timeout', (pod) => {
      const waiting = this.#waiting.get(pod as PodRow)
      if (waiting !== undefined) this.#rejectWithGroup(waiting, timedOut(waiting))
      this.#tellLost()
      hooks.after()
    })
  }

  /** Whether pods have nodes and wait to be bound. */
  get hasWaiting(): boolean {
    return this.#waiting.size + this.#binding.size > 0
  }

  /** Gives the pod its node, and binds it unless it has to wait. */
  place(pod: QueuedPod, node: NodeRow, reserved: ReservedParts): Placement {
    const { nodes, nominations } = this.#cluster
    nodes.addPod(pod.row, node, reserved.devices)
    nominations.remove(pod.row)
    this.#groups.setScheduled(pod.row, true)
    const permit = this.#permit(pod)
    if (permit === undefined) return this.#bindOrAsk(pod, node, reserved)
    if ('reject' in permit.word) {
      this.#rejected({ pod, node, plugin: permit.plugin, reason: permit.word.reject.reasons.join(', ') })
      return 'rejected'
    }
    this.#wait(pod, node, { reserved, plugin: permit.plugin, wait: permit.word })
    return 'waiting'
  }

  /** Why Permit has just rejected the pod that was given a node; the caller tells of it. */
  takeRejection(): LostRoom {
    const lost = this.#lost.pop()
    assert(lost !== undefined, 'Permit has rejected no pod')
    return lost
  }

  /** Binds those that wait and need not any more, now that another pod has a node. */
  release(): void {
    if (this.#givenUp !== undefined) this.#rejectGroup(this.#givenUp)
    this.#givenUp = undefined
    this.#tellLost()
    if (this.#waiting.size === 0) return
    for (const waiting of [...this.#waiting.values()]) {
      if (this.#permit(waiting.pod) !== undefined) continue
      const { pod, node, reserved, plugin } = waiting
      this.#endWait(waiting)
      const outcome = this.#bindOrAsk(pod, node, reserved)
      if (outcome !== 'waiting') this.#ended(pod, node, { outcome, plugin, reason: '' })
    }
  }

  /** Whether the pod waits with its node. */
  isWaiting(pod: PodRow): boolean {
    return this.#waiting.has(pod)
  }

  /** A pod of higher priority needs the room: a pod that waits is rejected, not deleted. */
  preempt(pod: PodRow): void {
    const waiting = this.#waiting.get(pod)
    if (waiting !== undefined) this.#rejectWithGroup(waiting, PREEMPTED)
  }

  /** A plugin gives a group up: all that wait for it are rejected, once the present decision has been told of (`release`). */
  giveUp(rejection: GroupRejection): void {
    this.#givenUp = rejection
  }

  /** The pod is gone: it waits no longer, and nobody for its group. */
  forget(pod: PodRow): void {
    const waiting = this.#waiting.size === 0 ? undefined : this.#waiting.get(pod)
    if (waiting !== undefined) {
      this.#endWait(waiting)
      this.#rejectOthers(waiting.group)
      this.#tellLost()
    }
    const binding = this.#binding.size === 0 ? undefined : this.#binding.get(pod)
    if (binding !== undefined) this.#endBinding(binding)
  }

  /** Makes no bindings, as a process that does not reach the API server, or goes on. */
  setPaused(isPaused: boolean): void {
    this.#client?.setPaused(isPaused)
  }

  /** The process has ended, and with it what it had set aside for pods that wait: they have no node. */
  abandon(): void {
    for (const waiting of [...this.#waiting.values()]) {
      this.#endWait(waiting)
      this.#cluster.nodes.removePod(waiting.pod.row)
      this.#groups.setScheduled(waiting.pod.row, false)
    }
    for (const binding of [...this.#binding.values()]) {
      this.#endBinding(binding)
      this.#cluster.nodes.removePod(binding.pod.row)
      this.#groups.setScheduled(binding.pod.row, false)
    }
    this.#client?.abandon()
  }

  /** Binds the pod now, or as soon as the client can: until then it has its room. */
  #bindOrAsk(pod: QueuedPod, node: NodeRow, reserved: ReservedParts): Placement {
    if (this.#client === undefined) return this.#bind(pod, node, reserved)
    const binding: BindingPod = { pod, node, reserved }
    this.#binding.set(pod.row, binding)
    this.#cluster.assumed.assume(reserved.objects)
    let end: Placement = 'waiting'
    let isLate = false
    this.#client.call({
      write: () => {
        if (this.#binding.get(pod.row) !== binding) return
        this.#endBinding(binding)
        if (isLate) this.#bindLate(binding)
        else end = this.#bind(pod, node, reserved)
      },
      abandoned: () => undefined,
    })
    isLate = true
    return end
  }

  /** As an extender that fails to bind: the pod is tried again after a back-off. */
  #bindLate({ pod, node, reserved }: BindingPod): void {
    let end: Placement = 'error'
    try {
      end = this.#bind(pod, node, reserved)
    } catch (error) {
      if (!(error instanceof ExtenderFailure)) throw error
      this.#queue.fail(pod, { rejectedBy: [], pendingBy: [] }, this.#sim.now)
    }
    this.#ended(pod, node, { outcome: end, plugin: NO_PLUGIN, reason: '' })
    this.#after()
  }

  #endBinding({ pod, reserved }: BindingPod): void {
    this.#binding.delete(pod.row)
    this.#cluster.assumed.forget(reserved.objects)
  }

  #wait(
    pod: QueuedPod,
    node: NodeRow,
    asked: { readonly reserved: ReservedParts; readonly plugin: string; readonly wait: PermitWait },
  ): void {
    const { reserved, plugin, wait } = asked
    const { timeout, group, callsOthers = true } = wait
    const timer = this.#sim.after(timeout, this.#timeout, pod.row)
    this.#cluster.assumed.assume(reserved.objects)
    this.#waiting.set(pod.row, { pod, node, reserved, group, plugin, timeout, timer })
    if (!callsOthers) return
    for (const member of this.#groups.podsOf(group)) {
      if (member === pod.row || this.#queue.get(member)?.place === 'in-flight') continue
      this.#queue.activate(member, this.#sim.now)
    }
  }

  #permit(
    pod: QueuedPod,
  ): { readonly plugin: string; readonly word: PermitWait | { readonly reject: Rejection } } | undefined {
    const { profile } = pod
    for (const index of profile.permit) {
      const plugin = profile.plugins[index]
      if (plugin === undefined) continue
      const word = runPlugin(plugin.name, 'permit', () =>
        plugin.permit?.(pod.podClass.terms[index], this.#groups),
      )
      if (word !== undefined) return { plugin: plugin.name, word }
    }
    return undefined
  }

  #bind(pod: QueuedPod, node: NodeRow, reserved: ReservedParts): 'bound' | 'error' {
    const { nodes, api } = this.#cluster
    if (reserved.objects.length > 0) preBind(this.#cluster, reserved.objects)
    try {
      this.#bindByExtender(pod.row, node)
    } catch (error) {
      this.#takeOff(pod, node)
      throw error
    }
    const refusal = api.pods.bind(pod.row, node, reserved.devices)
    this.#queue.done(pod)
    if (refusal !== undefined) {
      nodes.removePod(pod.row)
      this.#groups.setScheduled(pod.row, false)
      return 'error'
    }
    if (this.#queue.size > 0) {
      const { cpu, memory } = pod.size ?? pod.shape.requests
      const assigned = { base: pod.kin.shape, cpu, memory, node }
      this.#queue.move(new AssignedPodChange('assigned-pod-added', assigned, this.#cluster), this.#sim.now)
    }
    return 'bound'
  }

  #rejectGroup({ group, reason, mark }: GroupRejection): void {
    for (const waiting of this.#waitingFor(group)) this.#reject(waiting, reason)
    this.#groups.lostRoom(group)
    if (mark !== undefined) this.#groups.mark(mark)
  }

  /** A pod that waits gives its room back, and with it all that wait for the same group. */
  #rejectWithGroup(waiting: WaitingPod, reason: string): void {
    this.#reject(waiting, reason)
    this.#rejectOthers(waiting.group)
  }

  #rejectOthers(group: string): void {
    for (const other of this.#waitingFor(group)) this.#reject(other, OTHER_REJECTED)
    this.#groups.lostRoom(group)
  }

  #waitingFor(group: string): readonly WaitingPod[] {
    return [...this.#waiting.values()].filter((waiting) => waiting.group === group)
  }

  #reject(waiting: WaitingPod, reason: string): void {
    this.#endWait(waiting)
    this.#rejected({ ...waiting, reason })
  }

  #rejected(lost: LostPod): void {
    const { pod, node, plugin, reason } = lost
    this.#queue.fail(pod, { rejectedBy: [plugin], pendingBy: [] }, this.#sim.now)
    this.#takeOff(pod, node)
    this.#lost.push({ pod, node, plugin, reason })
  }

  #tellLost(): void {
    if (this.#lost.length === 0) return
    const lost = this.#lost
    this.#lost = []
    for (const { pod, node, plugin, reason } of lost) {
      this.#ended(pod, node, { outcome: 'rejected', plugin, reason })
    }
  }

  /** The pod gives its room back. */
  #takeOff(pod: QueuedPod, node: NodeRow): void {
    this.#cluster.nodes.removePod(pod.row)
    this.#groups.setScheduled(pod.row, false)
    const { shape } = pod
    this.#queue.move({ type: 'assigned-pod-deleted', pod: shape, node: this.#nameOf(node) }, this.#sim.now)
  }

  #endWait(waiting: WaitingPod): void {
    this.#sim.cancel(waiting.timer)
    this.#cluster.assumed.forget(waiting.reserved.objects)
    this.#waiting.delete(waiting.pod.row)
  }

  #nameOf(node: NodeRow): string {
    return this.#cluster.api.nodeRows.nameOf(node)
  }
}
