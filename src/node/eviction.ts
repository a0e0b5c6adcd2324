import type { PodTemplate } from '../api/pod-template.ts'
import { bytesText } from '../api/quantity.ts'
import { MINUTE, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import { rankForMemory, rankedRequest } from './eviction-ranking.ts'
import type { Kubelets } from './kubelet.ts'
import type { MachineChange, Machines } from './machine.ts'
import { MemoryPressure, highestThreshold } from './memory-pressure.ts'
import type { MemoryPressureOptions, MemoryVerdict } from './memory-pressure.ts'
import { CRITICAL_PRIORITY } from './critical-pod.ts'
import { withCondition } from './node-conditions.ts'

/** Node-pressure eviction by memory. */
export interface EvictionOptions extends MemoryPressureOptions {
  /** Bytes in use on each node by what is no pod: the system and the kubelet itself; none by default. */
  readonly systemMemory: number
}

/** What a kubelet does without any setting (kubelet v1.37, apis/config/v1beta1/defaults_linux.go). */
const DEFAULTS: EvictionOptions = {
  hard: { bytes: 100 * 1024 * 1024 },
  pressureTransition: 5 * MINUTE,
  systemMemory: 0,
}

/** How often the eviction manager looks (kubelet v1.37, `evictionMonitoringPeriod`). */
const LOOK_EVERY: Micros = 10 * SECOND
/**
 * Grace period of pods evicted at a hard threshold (kubelet v1.37, `immediateEvictionGracePeriodSeconds`).
 */
const HARD_GRACE: Micros = SECOND
/**
 * How long after its containers ended a pod is found to be cleaned up (kubelet v1.37, `podCleanupPollFreq`).
 */
const CLEANUP: Micros = SECOND

/** The eviction manager of one node. */
interface NodeState {
  pressure: MemoryPressure
  /** Offset of its looks within the interval. */
  phase: Micros
  /** The next look, while one is due. */
  timer: Timer | undefined
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
 * Node-pressure eviction by memory, on every node: every 10 s a kubelet that is short of memory ends the pod
 * that ranks first, waits until it is gone, and looks again. Nodes that are not short have no timer: memory
 * in use changes at events only.
 *
 * Departs from Kubernetes: the condition is posted at once, not with the next status of the node. Leaves out
 * disks, inodes and process numbers. Source: kubelet v1.37, eviction/eviction_manager.go.
 */
export class EvictionManager {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #kubelets: Kubelets
  readonly #machines: Machines
  readonly #options: EvictionOptions
  readonly #states: (NodeState | undefined)[] = []
  readonly #calmBytes: (number | undefined)[] = []
  readonly #requests = new WeakMap<PodTemplate, number>()
  readonly #look: Handler
  readonly #observers: ((eviction: Eviction) => void)[] = []

  constructor(
    sim: Simulation,
    api: ApiServer,
    parts: { readonly kubelets: Kubelets; readonly machines: Machines },
    options: Partial<EvictionOptions> = {},
  ) {
    this.#sim = sim
    this.#api = api
    this.#kubelets = parts.kubelets
    this.#machines = parts.machines
    this.#options = { ...DEFAULTS, ...options }
    this.#look = sim.handler('eviction/look', (node) => this.#onLook(node as NodeRow))
    this.#kubelets.onMuchMemory({
      boundOf: (node) => this.#calmUntil(node),
      hear: (node) => this.#onMuchMemory(node),
    })
    this.#machines.watch('eviction', (change) => this.#onMachine(change))
  }

  /** Registers a measuring instrument. */
  observe(observer: (eviction: Eviction) => void): void {
    this.#observers.push(observer)
  }

  /** Bytes of memory that are free on a node, below 0 when more is in use than there is. */
  available(node: NodeRow): number {
    return this.#machines.memoryCapacity(node) - this.#options.systemMemory - this.#kubelets.workingSet(node)
  }

  #onMuchMemory(node: NodeRow): void {
    const state = this.#stateOf(node)
    if (state.timer === undefined) this.#lookAt(node, state, nextInPhase(this.#sim.now, state.phase))
  }

  /** Bytes that the pods of a node may use before a threshold is met. */
  #calmUntil(node: NodeRow): number {
    let bytes = this.#calmBytes[node]
    if (bytes === undefined) {
      const capacity = this.#machines.memoryCapacity(node)
      bytes = capacity - this.#options.systemMemory - highestThreshold(this.#options, capacity)
      this.#calmBytes[node] = bytes
    }
    return bytes
  }

  /** A kubelet that starts remembers nothing, and its looks have another phase. */
  #onMachine({ row, at }: MachineChange): void {
    const state = this.#states[row]
    if (state === undefined || !this.#machines.isUp(row)) return
    if (state.timer !== undefined) this.#sim.cancel(state.timer)
    state.pressure = new MemoryPressure(this.#options)
    state.phase = at % LOOK_EVERY
    state.timer = undefined
    this.#setPressure(row, state, false)
    if (this.#kubelets.workingSet(row) > this.#calmUntil(row)) this.#onMuchMemory(row)
  }

  #lookAt(node: NodeRow, state: NodeState, at: Micros): void {
    state.timer = this.#sim.at(at, this.#look, node)
  }

  #onLook(node: NodeRow): void {
    const state = this.#stateOf(node)
    state.timer = undefined
    if (!this.#machines.isUp(node)) return
    const { now } = this.#sim
    const memory = { available: this.available(node), capacity: this.#machines.memoryCapacity(node) }
    const verdict = state.pressure.look(now, memory)
    this.#setPressure(node, state, verdict.hasPressure)
    const goneAt = verdict.evict === undefined ? undefined : this.#evictFirst(node, verdict, memory.available)
    if (goneAt !== undefined) {
      // The loop goes on as soon as the pod is cleaned up, and keeps that phase.
      state.phase = (goneAt + CLEANUP) % LOOK_EVERY
      this.#lookAt(node, state, goneAt + CLEANUP)
    } else if (!verdict.isSettled) this.#lookAt(node, state, now + LOOK_EVERY)
  }

  /** Evicts the first in rank; returns when its memory is free, undefined when there was nobody. */
  #evictFirst(node: NodeRow, { evict, threshold }: MemoryVerdict, available: number): Micros | undefined {
    const { pods } = this.#api
    const running = this.#kubelets.runningOn(node).map((pod) => ({
      pod,
      usage: this.#kubelets.memoryOf(pod),
      request: this.#requestOf(pod),
      priority: pods.table.priority(pod),
    }))
    const first = rankForMemory(running).find(({ priority }) => priority < CRITICAL_PRIORITY)
    if (first === undefined) return undefined
    const podGrace = pods.infoOf(first.pod).terminationGrace
    const grace = evict === 'hard' ? HARD_GRACE : Math.min(this.#options.soft?.maxPodGrace ?? 0, podGrace)
    const message = lowMemoryMessage({ threshold, available }) + this.#blame(first)
    const eviction = { pod: first.pod, node, at: this.#sim.now, message }
    for (const observer of this.#observers) observer(eviction)
    return this.#kubelets.evict(first.pod, grace)
  }

  /** Bytes that the pod asked for; looked at once for each template that sizes its pods. */
  #requestOf(pod: PodRow): number {
    const { pods } = this.#api
    const { template } = pods.infoOf(pod)
    if (template.sizing !== 'template') return pods.table.memory(pod)
    let request = this.#requests.get(template)
    if (request === undefined) {
      request = rankedRequest({ spec: template.spec })
      this.#requests.set(template, request)
    }
    return request
  }

  /** What the pod's container used; of pods with several, nobody knows which one did. */
  #blame({ pod, usage, request }: { pod: PodRow; usage: number; request: number }): string {
    const [container, ...others] = this.#api.pods.infoOf(pod).template.spec.containers
    if (container === undefined || others.length > 0 || usage <= request) return ''
    const amounts = `was using ${bytesText(usage)}, request is ${bytesText(request)}`
    return `Container ${container.name} ${amounts}, has larger consumption of memory. `
  }

  #setPressure(node: NodeRow, state: NodeState, hasPressure: boolean): void {
    if (state.hasPressure === hasPressure) return
    state.hasPressure = hasPressure
    this.#kubelets.setPressure(node, hasPressure)
    const object = this.#api.nodeRows.nodeOf(node)
    if (object === undefined) return
    const changed = withCondition(object, {
      type: 'MemoryPressure',
      status: hasPressure ? 'True' : 'False',
      reason: hasPressure ? 'KubeletHasInsufficientMemory' : 'KubeletHasSufficientMemory',
    })
    if (changed !== object) this.#api.nodes.update(changed)
  }

  #stateOf(node: NodeRow): NodeState {
    let state = this.#states[node]
    if (state === undefined) {
      const phases = this.#sim.random.stream(`eviction/phase/${this.#api.nodeRows.nameOf(node)}`)
      const pressure = new MemoryPressure(this.#options)
      state = { pressure, phase: phases.integer(LOOK_EVERY), timer: undefined, hasPressure: false }
      this.#states[node] = state
    }
    return state
  }
}

/** The first instant from `now` on that is a multiple of the interval after `phase`. */
function nextInPhase(now: Micros, phase: Micros): Micros {
  return now + ((((phase - now) % LOOK_EVERY) + LOOK_EVERY) % LOOK_EVERY)
}

function lowMemoryMessage({ threshold, available }: { threshold: number; available: number }): string {
  const amounts = `Threshold quantity: ${bytesText(threshold)}, available: ${bytesText(available)}. `
  return `The node was low on resource: memory. ${amounts}`
}
