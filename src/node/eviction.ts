import { quantityValue } from '../api/quantity.ts'
import { MINUTE, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import { compareForMemory } from './eviction-ranking.ts'
import type { Kubelets } from './kubelet.ts'
import type { Machines } from './machine.ts'
import type { NodeAdmission } from './node-admission.ts'
import { withCondition } from './node-conditions.ts'

/** A memory threshold: pressure while less than this is available. */
export type MemoryThreshold = { readonly bytes: number } | { readonly share: number }

/** Node-pressure eviction by memory; the defaults are the kubelet's. */
export interface EvictionOptions {
  /** `evictionHard` of `memory.available`; 100 MiB by default. */
  readonly hard: MemoryThreshold
  /** `evictionSoft` of `memory.available`, how long it has to hold, and the longest grace period of pods. */
  readonly soft?: { readonly threshold: MemoryThreshold; readonly grace: Micros; readonly maxPodGrace: Micros }
  /** `evictionPressureTransitionPeriod`: how long the condition outlasts the signal; 5 minutes by default. */
  readonly pressureTransition: Micros
  /** Bytes in use on each node by what is no pod: the system and the kubelet itself. */
  readonly systemMemory: number
}

/** What a kubelet does without any setting (kubelet v1.37, apis/config/v1beta1/defaults_linux.go). */
export const DEFAULT_EVICTION: EvictionOptions = {
  hard: { bytes: 100 * 1024 * 1024 },
  pressureTransition: 5 * MINUTE,
  systemMemory: 0,
}

/** How often the eviction manager looks (kubelet v1.37, `monitoringInterval`). */
const LOOK_EVERY: Micros = 10 * SECOND
/** Grace period of pods evicted at a hard threshold (kubelet v1.37, `immediateEvictionGracePeriodSeconds`). */
const HARD_GRACE: Micros = SECOND
/** How often it looks whether an evicted pod is gone, and for how long at most (`podCleanupPollFreq`, `podCleanupTimeout`). */
const CLEANUP_POLL: Micros = SECOND
const CLEANUP_MAX: Micros = 30 * SECOND

/** What the eviction manager of one node remembers. */
interface NodeState {
  /** Offset of its looks within the interval. */
  readonly phase: Micros
  isLooking: boolean
  /** Since when a soft threshold has been met; undefined while it is not. */
  softSince: Micros | undefined
  /** Last time that a threshold was met. */
  metAt: Micros
  hasPressure: boolean
}

/** An eviction, for measuring. */
export interface Eviction {
  readonly pod: PodRow
  readonly node: NodeRow
  readonly at: Micros
  /** As the pod's status would say it. */
  readonly message: string
}

/**
 * Node-pressure eviction by memory, on every node: every 10 s a kubelet that is short of memory ends the pod that ranks
 * first, then waits until it is gone. Nodes that are not short have no timer: memory in use changes at events only.
 *
 * Source: kubelet v1.37, eviction/eviction_manager.go.
 */
export class EvictionManager {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #kubelets: Kubelets
  readonly #machines: Machines
  readonly #admission: NodeAdmission
  readonly #options: EvictionOptions
  readonly #states: (NodeState | undefined)[] = []
  readonly #capacity: number[] = []
  readonly #look: Handler
  readonly #observers: ((eviction: Eviction) => void)[] = []

  constructor(
    sim: Simulation,
    api: ApiServer,
    parts: { kubelets: Kubelets; machines: Machines; admission: NodeAdmission },
    options: EvictionOptions,
  ) {
    this.#sim = sim
    this.#api = api
    this.#kubelets = parts.kubelets
    this.#machines = parts.machines
    this.#admission = parts.admission
    this.#options = options
    this.#look = sim.handler('eviction/look', (node) => this.#onLook(node as NodeRow))
    this.#kubelets.onWorkingSet((node) => this.#onWorkingSet(node))
  }

  /** Registers a measuring instrument. */
  observe(observer: (eviction: Eviction) => void): void {
    this.#observers.push(observer)
  }

  /** Bytes of memory that are free on a node, below 0 when more is in use than there is. */
  available(node: NodeRow): number {
    return this.#capacityOf(node) - this.#options.systemMemory - this.#kubelets.workingSet(node)
  }

  #onWorkingSet(node: NodeRow): void {
    if (this.#isMet(node, this.#options.hard) || this.#isSoftMet(node)) this.#lookFrom(node, 0)
  }

  /** Makes sure that the node's next look happens, at its phase, no earlier than `delay` from now. */
  #lookFrom(node: NodeRow, delay: Micros): void {
    const state = this.#stateOf(node)
    if (state.isLooking) return
    state.isLooking = true
    const earliest = this.#sim.now + delay
    const since = (earliest - state.phase) % LOOK_EVERY
    const wait = since === 0 ? 0 : since < 0 ? -since : LOOK_EVERY - since
    this.#sim.at(earliest + wait, this.#look, node)
  }

  #onLook(node: NodeRow): void {
    const state = this.#stateOf(node)
    state.isLooking = false
    if (!this.#machines.isUp(node)) return
    const { now } = this.#sim
    const isHard = this.#isMet(node, this.#options.hard)
    const { soft } = this.#options
    const isSoft = this.#isSoftMet(node)
    state.softSince = isSoft ? (state.softSince ?? now) : undefined
    const isSoftOver = soft !== undefined && isSoft && now - (state.softSince ?? now) >= soft.grace
    if (isHard || isSoft) state.metAt = now
    this.#setPressure(node, state, isHard || isSoft || now - state.metAt < this.#options.pressureTransition)
    if (isHard || isSoftOver) {
      const busyUntil = this.#evictFirst(node, isHard ? undefined : soft?.maxPodGrace)
      this.#lookFrom(node, busyUntil === undefined ? LOOK_EVERY : busyUntil - now)
    } else if (state.hasPressure || isSoft) this.#lookFrom(node, LOOK_EVERY)
  }

  /** Evicts the first in rank; returns when the manager is free to look again, undefined when there was nobody. */
  #evictFirst(node: NodeRow, maxPodGrace: Micros | undefined): Micros | undefined {
    const { table } = this.#api.pods
    const running = this.#kubelets.runningOn(node)
    const ranked = running
      .map((pod, arrival) => ({
        pod,
        arrival,
        usage: this.#kubelets.memoryOf(pod),
        request: table.memory[pod] ?? 0,
        priority: table.priority[pod] ?? 0,
      }))
      .filter(({ priority }) => priority < CRITICAL_PRIORITY)
      .sort((one, other) => compareForMemory(one, other) || one.arrival - other.arrival)
    const [first] = ranked
    if (first === undefined) return undefined
    const podGrace = this.#api.pods.infoOf(first.pod).terminationGrace
    const grace = maxPodGrace === undefined ? HARD_GRACE : Math.min(maxPodGrace, podGrace)
    const message = messageOf(first.usage, first.request)
    for (const observer of this.#observers) observer({ pod: first.pod, node, at: this.#sim.now, message })
    const goneAt = this.#kubelets.evict(first.pod, grace)
    const polls = Math.max(1, Math.ceil((goneAt - this.#sim.now) / CLEANUP_POLL))
    return this.#sim.now + Math.min(CLEANUP_MAX, polls * CLEANUP_POLL)
  }

  #setPressure(node: NodeRow, state: NodeState, hasPressure: boolean): void {
    if (state.hasPressure === hasPressure) return
    state.hasPressure = hasPressure
    this.#admission.setPressure(node, hasPressure)
    const object = this.#api.nodeRows.nodeOf(node)
    if (object === undefined) return
    const changed = withCondition(object, {
      type: 'MemoryPressure',
      status: hasPressure ? 'True' : 'False',
      reason: hasPressure ? 'KubeletHasInsufficientMemory' : 'KubeletHasSufficientMemory',
    })
    if (changed !== object) this.#api.nodes.update(changed)
  }

  #isSoftMet(node: NodeRow): boolean {
    const { soft } = this.#options
    return soft !== undefined && this.#isMet(node, soft.threshold)
  }

  #isMet(node: NodeRow, threshold: MemoryThreshold): boolean {
    const bytes = 'bytes' in threshold ? threshold.bytes : threshold.share * this.#capacityOf(node)
    return this.available(node) < bytes
  }

  #capacityOf(node: NodeRow): number {
    const known = this.#capacity[node]
    if (known !== undefined) return known
    const capacity = quantityValue(this.#api.nodeRows.nodeOf(node)?.status?.capacity?.['memory'] ?? 0)
    this.#capacity[node] = capacity
    return capacity
  }

  #stateOf(node: NodeRow): NodeState {
    let state = this.#states[node]
    if (state === undefined) {
      const phase = this.#sim.random.stream(`eviction/phase/${this.#api.nodeRows.nameOf(node)}`).integer(LOOK_EVERY)
      state = { phase, isLooking: false, softSince: undefined, metAt: Number.NEGATIVE_INFINITY, hasPressure: false }
      this.#states[node] = state
    }
    return state
  }
}

/** From this priority on a pod is critical and is not evicted (Kubernetes v1.37, `SystemCriticalPriority`). */
const CRITICAL_PRIORITY = 2_000_000_000

function messageOf(usage: number, request: number): string {
  return `The node was low on resource: memory. Container was using ${usage}, request is ${request}, has larger consumption of memory.`
}
