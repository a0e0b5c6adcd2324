import { TERMINATED } from '../cluster/pod-reason.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import { CRITICAL_PRIORITY } from './critical-pod.ts'
import type { Kubelets } from './kubelet.ts'
import type { Machines } from './machine.ts'
import { withCondition } from './node-conditions.ts'
import { endDetails } from './pod-end.ts'

/** How long pods of at least this priority have to end (kubelet v1.37, `ShutdownGracePeriodByPodPriority`). */
export interface ShutdownGrace {
  readonly priority: number
  /** Whole seconds count. */
  readonly period: Micros
}

/** The two periods of a kubelet that are not by priority. */
export interface ShutdownPeriods {
  /** `shutdownGracePeriod`: of all pods together; 0: no graceful shutdown. */
  readonly total: Micros
  /** `shutdownGracePeriodCriticalPods`: the part of it that is kept for critical pods. */
  readonly critical: Micros
}

/**
 * The periods by priority that the two periods mean; none when there is no graceful shutdown.
 *
 * Source: kubelet v1.37, nodeshutdown `migrateConfig`.
 */
export function shutdownGraces({ total, critical }: ShutdownPeriods): ShutdownGrace[] {
  const others = total - critical
  if (total === 0 || others < 0) return []
  return [
    { priority: 0, period: wholeSeconds(others) },
    { priority: CRITICAL_PRIORITY, period: wholeSeconds(critical) },
  ]
}

function wholeSeconds(span: Micros): Micros {
  return Math.floor(span / SECOND) * SECOND
}

/** A pod that a shutdown ends, and how long it may take. */
export interface ShutdownPod<Pod> {
  readonly pod: Pod
  readonly grace: Micros
}

/** Pods that end together: the next slot begins when they have, or after the period. */
export interface ShutdownSlot<Pod> {
  readonly period: Micros
  readonly pods: readonly ShutdownPod<Pod>[]
}

/**
 * In which order a node that shuts down ends its pods, lowest priority first: each with the periods of the highest priority
 * that is not above its own, or of the lowest there is; its own grace period may be shorter. Slots without pods are left out.
 *
 * Source: kubelet v1.37, nodeshutdown `groupByPriority`, `killPods`.
 */
export function planShutdown<Pod extends { readonly priority: number; readonly terminationGrace: Micros }>(
  pods: readonly Pod[],
  graces: readonly ShutdownGrace[],
): ShutdownSlot<Pod>[] {
  const ascending = graces.toSorted((one, other) => one.priority - other.priority)
  const slots = ascending.map(({ period }) => ({ period, pods: [] as ShutdownPod<Pod>[] }))
  for (const pod of pods) {
    const index = ascending.findLastIndex(({ priority }) => priority <= pod.priority)
    const slot = slots[Math.max(0, index)]
    slot?.pods.push({ pod, grace: Math.min(slot.period, pod.terminationGrace) })
  }
  return slots.filter((slot) => slot.pods.length > 0)
}

const MESSAGE = 'Pod was terminated in response to imminent node shutdown.'

interface Shutdown {
  readonly node: NodeRow
  readonly slots: readonly ShutdownSlot<RunningPod>[]
  readonly next: number
  readonly done: () => void
}

interface RunningPod {
  readonly pod: PodRow
  readonly serial: number
  readonly priority: number
  readonly terminationGrace: Micros
}

/**
 * Shuts nodes down gracefully: the kubelet says that it is not ready, takes no more pods, and ends those that it has by
 * priority; they are Failed with reason Terminated. Then the machine may go.
 *
 * Source: kubelet v1.37, nodeshutdown/nodeshutdown_manager_linux.go.
 */
export class NodeShutdown {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #kubelets: Kubelets
  readonly #machines: Machines
  readonly #nextSlot: PayloadHandler<Shutdown>

  constructor(
    sim: Simulation,
    api: ApiServer,
    parts: { readonly kubelets: Kubelets; readonly machines: Machines },
  ) {
    this.#sim = sim
    this.#api = api
    this.#kubelets = parts.kubelets
    this.#machines = parts.machines
    this.#nextSlot = sim.payloadHandler<Shutdown>('node-shutdown/slot', (shutdown) => this.#endSlot(shutdown))
    parts.machines.watch('node-shutdown', ({ row, up }) => {
      if (up) this.#kubelets.admission.setShuttingDown(row, false)
    })
  }

  /** Begins to shut a node down; `done` is called when its pods have ended, or had their time. */
  start(node: NodeRow, graces: readonly ShutdownGrace[], done: () => void): void {
    const object = this.#api.nodeRows.nodeOf(node)
    if (object === undefined) {
      done()
      return
    }
    const { pods } = this.#api
    this.#kubelets.admission.setShuttingDown(node, true)
    const notReady = { type: 'Ready', status: 'False', reason: 'KubeletNotReady' } as const
    if (this.#machines.reports(node)) this.#api.nodes.update(withCondition(object, notReady))
    const running = this.#kubelets.activeOn(node).map((pod) => ({
      pod,
      serial: pods.table.serial(pod),
      priority: pods.table.priority(pod),
      terminationGrace: pods.infoOf(pod).terminationGrace,
    }))
    this.#endSlot({ node, slots: planShutdown(running, graces), next: 0, done })
  }

  #endSlot(shutdown: Shutdown): void {
    const slot = shutdown.slots[shutdown.next]
    if (slot === undefined) {
      shutdown.done()
      return
    }
    const active = new Set(this.#kubelets.activeOn(shutdown.node))
    const end = { reason: TERMINATED, details: endDetails(MESSAGE, true) }
    let goneAt = this.#sim.now
    for (const { pod: one, grace } of slot.pods) {
      const { pod, serial } = one
      if (!active.has(pod) || !this.#api.pods.isCurrent(pod, serial)) continue
      goneAt = Math.max(goneAt, this.#kubelets.evict(pod, grace, end))
    }
    const at = Math.min(goneAt, this.#sim.now + slot.period)
    this.#sim.atWith(at, this.#nextSlot, { ...shutdown, next: shutdown.next + 1 })
  }
}
