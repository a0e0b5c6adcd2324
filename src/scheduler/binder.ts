import type { Micros } from '../base/time.ts'
import type { PodRow, NodeRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import type { Client } from '../cluster/client.ts'
import { AssignedPodChange } from './assigned-pod-change.ts'
import { ExtenderFailure } from './extenders.ts'
import type { PermitWait } from './framework/pod-groups.ts'
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
  readonly timer: Timer
}

/** A pod that is on its way to its node. */
interface BindingPod {
  readonly pod: QueuedPod
  readonly node: NodeRow
  readonly reserved: ReservedParts
}

/** Hears of pods that waited: bound, refused by the API server, or rejected as the plugin's time for them is over. */
export type WaitEnded = (pod: QueuedPod, node: NodeRow, end: Placement, plugin: string) => void

/** The plugin of a pod that none let wait. */
const NO_PLUGIN = ''

/**
 * Takes pods from their node to their binding: assumes them there, asks Permit, and binds them; those that have to wait
 * keep their room until their group is complete or their time is over.
 *
 *     assumed ─ permitted ─▶ bound
 *        │                     ▲
 *        └─▶ waiting ─ complete┘
 *               └─ timed out: the whole group is rejected
 *
 * Source: kube-scheduler v1.37, `bindingCycle` and framework/runtime `waitingPodsMap`.
 */
export class Binder {
  readonly #sim: Simulation
  readonly #cluster: SchedulerCluster
  readonly #queue: SchedulingQueue
  readonly #groups: PodGroups
  readonly #waiting = new Map<PodRow, WaitingPod>()
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
      this.#rejectGroupOf(pod as PodRow)
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
    return this.#wait(pod, node, reserved) ? 'waiting' : this.#bindOrAsk(pod, node, reserved)
  }

  /** Binds those that wait and need not any more, now that another pod has a node. */
  release(): void {
    if (this.#waiting.size === 0) return
    for (const waiting of [...this.#waiting.values()]) {
      if (this.#permit(waiting.pod) !== undefined) continue
      const { pod, node, reserved, plugin } = waiting
      this.#endWait(waiting)
      const end = this.#bindOrAsk(pod, node, reserved)
      if (end !== 'waiting') this.#ended(pod, node, end, plugin)
    }
  }

  /** A pod of higher priority needs the room: a pod that waits is rejected, not deleted. False when it does not wait. */
  preempt(pod: PodRow): boolean {
    const waiting = this.#waiting.get(pod)
    if (waiting !== undefined) this.#reject(waiting, this.#sim.now)
    return waiting !== undefined
  }

  /** The pod is gone: it waits no longer. */
  forget(pod: PodRow): void {
    const waiting = this.#waiting.size === 0 ? undefined : this.#waiting.get(pod)
    if (waiting !== undefined) this.#endWait(waiting)
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
    this.#ended(pod, node, end, NO_PLUGIN)
    this.#after()
  }

  #endBinding({ pod, reserved }: BindingPod): void {
    this.#binding.delete(pod.row)
    this.#cluster.assumed.forget(reserved.objects)
  }

  #wait(pod: QueuedPod, node: NodeRow, reserved: ReservedParts): boolean {
    const asked = this.#permit(pod)
    if (asked === undefined) return false
    const { timeout, group } = asked.wait
    const timer = this.#sim.after(timeout, this.#timeout, pod.row)
    this.#cluster.assumed.assume(reserved.objects)
    this.#waiting.set(pod.row, { pod, node, reserved, group, plugin: asked.plugin, timer })
    for (const member of this.#groups.podsOf(group)) {
      if (member !== pod.row && this.#queue.get(member)?.place !== 'in-flight') this.#queue.activate(member)
    }
    return true
  }

  #permit(pod: QueuedPod): { plugin: string; wait: PermitWait } | undefined {
    const { profile } = pod
    for (const index of profile.permit) {
      const plugin = profile.plugins[index]
      if (plugin === undefined) continue
      const wait = runPlugin(plugin.name, 'permit', () =>
        plugin.permit?.(pod.podClass.terms[index], this.#groups),
      )
      if (wait !== undefined) return { plugin: plugin.name, wait }
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

  /** The pod's time is over: it gives its room back, and with it all that wait for the same group. */
  #rejectGroupOf(row: PodRow): void {
    const first = this.#waiting.get(row)
    if (first === undefined) return
    const { now } = this.#sim
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.group !== first.group) continue
      this.#reject(waiting, now)
      this.#ended(waiting.pod, waiting.node, 'rejected', waiting.plugin)
    }
  }

  #reject(waiting: WaitingPod, now: Micros): void {
    const { pod, node, plugin } = waiting
    this.#endWait(waiting)
    this.#queue.fail(pod, { rejectedBy: [plugin], pendingBy: [] }, now)
    this.#takeOff(pod, node)
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
