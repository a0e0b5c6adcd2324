import { MINUTE, SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../../engine/simulation.ts'
import type { Kubelets } from '../kubelet.ts'
import { NO_LOCAL_USE } from '../local-use.ts'
import type { LocalUse } from '../local-use.ts'
import { watchKubelets } from '../kubelet-modes.ts'
import type { KubeletModeChange } from '../kubelet-modes.ts'
import type { Machines } from '../machine.ts'
import { conditionOf, withCondition } from '../node-conditions.ts'
import { nodeRoom } from '../node-room.ts'
import { endDetails } from '../pod-end.ts'
import type { NodeRoom } from '../node-room.ts'
import { withContainerFs } from './filesystems.ts'
import type { LookThresholds } from './filesystems.ts'
import { calmMemory, layoutOf, observeNode } from './node-measures.ts'
import type { SystemUse } from './node-measures.ts'
import { RowPods } from './row-pods.ts'
import type { PressureCondition } from './signals.ts'
import { INITIAL_STATE, synchronize } from './synchronize.ts'
import type { EvictionConfig, EvictionState, PodEviction } from './synchronize.ts'
import { DEFAULT_EVICTION_HARD, parseThresholds } from './threshold-config.ts'
import { thresholdsMet } from './thresholds.ts'
import { workedStats } from './worked-stats.ts'
import type { Observations, Threshold } from './thresholds.ts'

/** How kubelets evict. */
export interface EvictionOptions {
  /** As `parseThresholds` gives them; those of a kubelet without any setting by default. */
  readonly thresholds: readonly Threshold[]
  /** `evictionMaxPodGracePeriod`; 0 by default. */
  readonly maxPodGrace: Micros
  /** `evictionPressureTransitionPeriod`; 5 minutes by default. */
  readonly pressureTransition: Micros
  /** What is in use on each node besides pods; nothing by default. */
  readonly system: SystemUse
}

/** What a kubelet does without any setting (kubelet v1.37, apis/config/v1beta1/defaults.go). */
const DEFAULTS: EvictionOptions = {
  thresholds: parseThresholds({ evictionHard: DEFAULT_EVICTION_HARD, enforceNodeAllocatable: ['pods'] }),
  maxPodGrace: 0,
  pressureTransition: 5 * MINUTE,
  system: { memory: 0, ...NO_LOCAL_USE },
}

/** How often the eviction manager looks (kubelet v1.37, `evictionMonitoringPeriod`). */
const LOOK_EVERY: Micros = 10 * SECOND
/** How long after its containers ended a pod is found to be cleaned up (kubelet v1.37, `podCleanupPollFreq`). */
const CLEANUP: Micros = SECOND

/** Reasons of the conditions, as they are True and False (kubelet v1.37, nodestatus/setters.go). */
const CONDITION_REASONS: Readonly<Record<PressureCondition, readonly [string, string]>> = {
  MemoryPressure: ['KubeletHasInsufficientMemory', 'KubeletHasSufficientMemory'],
  DiskPressure: ['KubeletHasDiskPressure', 'KubeletHasNoDiskPressure'],
  PIDPressure: ['KubeletHasInsufficientPID', 'KubeletHasSufficientPID'],
}

/** The eviction manager of one node. */
interface NodeManager {
  readonly room: NodeRoom
  readonly config: EvictionConfig
  state: EvictionState
  /** Offset of its looks within the interval. */
  phase: Micros
  /** The next look, while one is due. */
  timer: Timer | undefined
  /** When it last let the kernel go first. */
  gaveWayAt: Micros
}

/** An eviction, for measuring. */
export interface Eviction {
  readonly pod: PodRow
  readonly node: NodeRow
  readonly at: Micros
  /** As the pod's status says it. */
  readonly message: string
  /** What was low; undefined when the pod exceeded a limit of its own on the disk. */
  readonly signal: Threshold['signal'] | undefined
}

/** What the eviction managers act on, and what they know more if it is there. */
export interface EvictionParts {
  readonly kubelets: Kubelets
  readonly machines: Machines
  /** Disk, inodes and processes of pods. */
  readonly localUse?: LocalUse | undefined
}

/**
 * Node-pressure eviction, on every node: every 10 s a kubelet whose node is short of something ends the pod that ranks first,
 * waits until it is gone, and looks again. Nodes that are not short have no timer: what is in use changes at events only.
 *
 * Departs from Kubernetes: conditions are posted at once, not with the next status of the node; layers of containers lie
 * with the images. Source: kubelet v1.37, eviction/eviction_manager.go.
 */
export class EvictionManager {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #parts: EvictionParts
  readonly #pods: RowPods
  readonly #options: EvictionOptions
  readonly #managers: (NodeManager | undefined)[] = []
  readonly #calmBytes: (number | undefined)[] = []
  /** Nodes whose kubelet does nothing. */
  readonly #idle = new Set<NodeRow>()
  readonly #look: Handler
  readonly #observers: ((eviction: Eviction) => void)[] = []

  constructor(sim: Simulation, api: ApiServer, parts: EvictionParts, options: Partial<EvictionOptions> = {}) {
    this.#sim = sim
    this.#api = api
    this.#parts = parts
    this.#options = { ...DEFAULTS, ...options }
    const { kubelets, machines, localUse } = parts
    const statsOf = (pod: PodRow) => workedStats(kubelets, pod)
    const localUseOf = localUse && ((pod: PodRow) => localUse.of(pod))
    this.#pods = new RowPods(api, { memoryOf: (pod) => kubelets.memoryOf(pod), localUseOf, statsOf })
    this.#look = sim.handler('eviction/look', (node) => this.#onLook(node as NodeRow))
    kubelets.onMuchMemory({
      boundOf: (node) => this.#calmUntil(node),
      hear: (node) => this.#lookSoon(node, this.#managerOf(node)),
    })
    localUse?.onChange((node) => this.#onLocalUse(node))
    watchKubelets(machines, 'eviction', (change) => this.#onKubelet(change))
    machines.strain.watch('eviction', (node) => {
      if (machines.strain.diskTaken(node) > 0) this.#onLocalUse(node)
    })
  }

  /** Registers a measuring instrument. */
  observe(observer: (eviction: Eviction) => void): void {
    this.#observers.push(observer)
  }

  /** Bytes of memory that are free on a node, below 0 when more is in use than there is. */
  available(node: NodeRow): number {
    const { kubelets, machines } = this.#parts
    return machines.memoryCapacity(node) - this.#options.system.memory - kubelets.workingSet(node)
  }

  /** Looks at the node in its phase, if it does not anyway. */
  #lookSoon(node: NodeRow, manager: NodeManager): void {
    if (manager.timer === undefined) this.#lookAt(node, manager, nextInPhase(this.#sim.now, manager.phase))
  }

  /** Bytes that the pods of a node may use before a threshold is met. */
  #calmUntil(node: NodeRow): number {
    let bytes = this.#calmBytes[node]
    if (bytes === undefined) {
      const room = nodeRoom(this.#api.nodeRows.nodeOf(node) ?? {})
      bytes = calmMemory(room, this.#options.system, this.#options.thresholds)
      this.#calmBytes[node] = bytes
    }
    return bytes
  }

  #onLocalUse(node: NodeRow): void {
    const manager = this.#managerOf(node)
    if (manager.timer === undefined && this.#isShort(node, manager)) this.#lookSoon(node, manager)
  }

  /** Whether a look would find something: a threshold that is met, or a pod above its own limit. */
  #isShort(node: NodeRow, { room, config }: NodeManager): boolean {
    const { thresholds, layout } = config
    if (thresholdsMet(thresholds.later, this.#observe(node, room), false).length > 0) return true
    const running = this.#parts.kubelets.runningOn(node)
    return running.some((pod) => this.#pods.exceededLimit(pod, layout) !== undefined)
  }

  /** One that was cut off posts what it could not; one that starts remembers nothing, and its looks have another phase. */
  #onKubelet({ row, mode, before, at }: KubeletModeChange): void {
    if (mode === 'down' || mode === 'idle') this.#idle.add(row)
    else this.#idle.delete(row)
    const manager = this.#managers[row]
    if (manager === undefined || mode !== 'connected') return
    if (before === 'cutOff') {
      this.#setConditions(row, this.#postedOf(row), manager.state.conditions)
      return
    }
    if (manager.timer !== undefined) this.#sim.cancel(manager.timer)
    manager.phase = at % LOOK_EVERY
    manager.timer = undefined
    this.#setConditions(row, [...manager.state.conditions, ...this.#postedOf(row)], [])
    manager.state = INITIAL_STATE
    if (this.#isShort(row, manager)) this.#lookSoon(row, manager)
  }

  /** The conditions of a node as others know them. */
  #postedOf(row: NodeRow): PressureCondition[] {
    const node = this.#api.nodeRows.nodeOf(row) ?? {}
    const types = Object.keys(CONDITION_REASONS) as PressureCondition[]
    return types.filter((type) => conditionOf(node, type)?.status === 'True')
  }

  #lookAt(node: NodeRow, manager: NodeManager, at: Micros): void {
    manager.timer = this.#sim.at(at, this.#look, node)
  }

  #onLook(node: NodeRow): void {
    const manager = this.#managerOf(node)
    manager.timer = undefined
    const { kubelets, machines } = this.#parts
    if (!machines.isUp(node) || this.#idle.has(node)) return
    const { now } = this.#sim
    const { config, room } = manager
    const observations = this.#observe(node, room)
    if (hasRunOut(observations) && manager.gaveWayAt !== now) {
      // In an instant in which memory runs out the kernel comes first.
      manager.gaveWayAt = now
      this.#lookAt(node, manager, now)
      return
    }
    const before = manager.state.conditions
    const { state, evictions } = synchronize(config, manager.state, {
      now,
      observations,
      pods: this.#pods.view(kubelets.runningOn(node), config.layout),
      reclaim: (calls) => {
        // Dead containers take no room here.
        if (calls.includes('images')) kubelets.workers.images?.reclaim(node)
        return this.#observe(node, room)
      },
    })
    manager.state = state
    this.#setConditions(node, before, state.conditions)
    const goneAt = this.#evict(node, evictions)
    if (goneAt !== undefined) {
      // The loop goes on as soon as the pods are cleaned up, and keeps that phase.
      manager.phase = (goneAt + CLEANUP) % LOOK_EVERY
      this.#lookAt(node, manager, goneAt + CLEANUP)
    } else if (state.conditions.length > 0 || state.firstObservedAt.size > 0) {
      this.#lookAt(node, manager, now + LOOK_EVERY)
    }
  }

  /** Ends pods; returns when what they used is free, undefined when there were none. */
  #evict(node: NodeRow, evictions: readonly PodEviction<PodRow>[]): Micros | undefined {
    let goneAt: Micros | undefined
    for (const { pod, grace, message, threshold } of evictions) {
      const eviction = { pod, node, at: this.#sim.now, message, signal: threshold?.signal }
      for (const observer of this.#observers) observer(eviction)
      const endsAt = this.#parts.kubelets.evict(pod, grace, {
        details: endDetails(message, threshold !== undefined),
      })
      goneAt = Math.max(goneAt ?? 0, endsAt)
    }
    return goneAt
  }

  #observe(node: NodeRow, room: NodeRoom): Observations {
    const { kubelets, localUse, machines } = this.#parts
    const { system, thresholds } = this.#options
    const use = {
      at: this.#sim.now,
      system,
      workingSet: kubelets.workingSet(node),
      local: localUse?.onNode(node) ?? NO_LOCAL_USE,
      images: kubelets.workers.images?.bytesOn(node) ?? 0,
      diskTaken: machines.strain.diskTaken(node),
    }
    return observeNode(room, use, thresholds)
  }

  #setConditions(
    node: NodeRow,
    before: readonly PressureCondition[],
    after: readonly PressureCondition[],
  ): void {
    const types = Object.keys(CONDITION_REASONS) as PressureCondition[]
    const changed = types.filter((type) => before.includes(type) !== after.includes(type))
    if (changed.length === 0) return
    this.#parts.kubelets.admission.setConditions(node, after)
    const object = this.#api.nodeRows.nodeOf(node)
    if (object === undefined || !this.#parts.machines.reports(node)) return
    let updated = object
    for (const type of changed) {
      const [yes, no] = CONDITION_REASONS[type]
      const isTrue = after.includes(type)
      updated = withCondition(updated, {
        type,
        status: isTrue ? 'True' : 'False',
        reason: isTrue ? yes : no,
      })
    }
    if (updated !== object) this.#api.nodes.update(updated)
  }

  #managerOf(node: NodeRow): NodeManager {
    let manager = this.#managers[node]
    if (manager === undefined) {
      const phases = this.#sim.random.stream(`eviction/phase/${this.#api.nodeRows.nameOf(node)}`)
      const room = nodeRoom(this.#api.nodeRows.nodeOf(node) ?? {})
      manager = {
        room,
        config: this.#configOf(room),
        state: INITIAL_STATE,
        phase: phases.integer(LOOK_EVERY),
        timer: undefined,
        gaveWayAt: -1,
      }
      this.#managers[node] = manager
    }
    return manager
  }

  #configOf(room: NodeRoom): EvictionConfig {
    const { thresholds, maxPodGrace, pressureTransition } = this.#options
    const layout = layoutOf(room)
    const looked: LookThresholds = withContainerFs(thresholds, layout)
    return { thresholds: looked, layout, maxPodGrace, pressureTransition, isolatesLocalStorage: true }
  }
}

/** Whether more memory is in use than there is. */
function hasRunOut(observations: Observations): boolean {
  const left = [observations.get('memory.available'), observations.get('allocatableMemory.available')]
  return left.some((observed) => observed !== undefined && observed.available < 0)
}

/** The first instant from `now` on that is a multiple of the interval after `phase`. */
function nextInPhase(now: Micros, phase: Micros): Micros {
  return now + ((((phase - now) % LOOK_EVERY) + LOOK_EVERY) % LOOK_EVERY)
}
