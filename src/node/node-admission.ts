import { nodeAmounts } from '../api/node-amounts.ts'
import { qosClassOf } from '../api/qos.ts'
import type { Node } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PodTable } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { EVICTED } from '../cluster/pod-reason.ts'
import { CRITICAL_PRIORITY, isCriticalPod } from './critical-pod.ts'
import { isTakenUnderPressure } from './eviction/pressure-admission.ts'
import type { PressureCondition } from './eviction/signals.ts'
import type { KubeletNodes } from './kubelet-nodes.ts'
import type { KubeletPods } from './kubelet-pods.ts'

/** Conditions by the bit that stands for them among what `KubeletNodes` keeps as the pressure of a node. */
const PRESSURES: readonly PressureCondition[] = ['MemoryPressure', 'DiskPressure', 'PIDPressure']
const ALL_PRESSURES = 7
/** The bit of a node that shuts down. */
const SHUTTING_DOWN = 8
/** Reason of pods that a node refuses or ends because it shuts down (kubelet v1.37, nodeshutdown). */
const NODE_SHUTDOWN = 'NodeShutdown'

/** What comes of a resize. */
export type ResizeVerdict =
  /** `same`: it asks for no more and no less than before. */
  | { readonly kind: 'allocated' | 'same'; readonly message?: undefined }
  | { readonly kind: 'deferred' | 'infeasible'; readonly message: string }

/** What a node has to give, and the object that says so. */
interface Room {
  readonly node: Node | undefined
  readonly cpu: number
  readonly memory: number
  readonly pods: number
}

const NO_ROOM: Room = { node: undefined, cpu: 0, memory: 0, pods: 0 }

/**
 * The kubelet's own look at a pod before it starts it: whether the node shuts down or is too short of something for it, and
 * has room.
 *
 * Source: kubelet v1.37, nodeshutdown `Admit` (NodeShutdown), eviction `Admit` (Evicted), then lifecycle/predicate.go
 * (OutOfpods, OutOfcpu, OutOfmemory). Leaves out ports, other resources, and node affinity.
 */
export class NodeAdmission {
  readonly #api: ApiServer
  readonly #table: PodTable
  readonly #pods: KubeletPods
  readonly #nodes: KubeletNodes
  readonly #rooms: Room[] = []

  constructor(api: ApiServer, pods: KubeletPods, nodes: KubeletNodes) {
    this.#api = api
    this.#table = api.pods.table
    this.#pods = pods
    this.#nodes = nodes
  }

  /**
   * Counts the pod on the node, or says why it is refused, as `status.reason`. One that is counted already
   * stays.
   */
  admit(pod: PodRow, node: NodeRow): string | undefined {
    if (this.#pods.isAdmitted(pod)) return undefined
    const nodes = this.#nodes
    if (nodes.pressure(node) !== 0) {
      const refusal = this.#refusalUnderPressure(pod, nodes.pressure(node))
      if (refusal !== undefined) return refusal
    }
    if (nodes.roomSeen(node) !== this.#api.nodeRows.writes) this.#lookAtRoom(node)
    const cpu = this.#table.cpu(pod)
    const memory = this.#table.memory(pod)
    if (nodes.freePods(node) < 1) return 'OutOfpods'
    if (cpu > nodes.freeCpu(node) && cpu > 0) return 'OutOfcpu'
    if (memory > nodes.freeMemory(node) && memory > 0) return 'OutOfmemory'
    nodes.addFree(node, -cpu, -memory, -1)
    this.#pods.setAdmitted(pod, true)
    return undefined
  }

  /** The node has these conditions from now on: kept by the eviction manager. */
  setConditions(node: NodeRow, conditions: readonly PressureCondition[]): void {
    const bits = PRESSURES.map((condition, bit) => (conditions.includes(condition) ? 1 << bit : 0))
    this.#setBits(
      node,
      ALL_PRESSURES,
      bits.reduce((sum, bit) => sum | bit, 0),
    )
  }

  /** The node shuts down, or no longer does: it takes nobody. */
  setShuttingDown(node: NodeRow, isShuttingDown: boolean): void {
    this.#setBits(node, SHUTTING_DOWN, isShuttingDown ? SHUTTING_DOWN : 0)
  }

  #setBits(node: NodeRow, mask: number, bits: number): void {
    this.#nodes.cover(node)
    this.#nodes.setPressure(node, (this.#nodes.pressure(node) & ~mask) | bits)
  }

  /** The pod ended: what it took is free. Does nothing for a pod that was not admitted. */
  leave(pod: PodRow): void {
    if (!this.#pods.isAdmitted(pod)) return
    const isAsAsked = this.#pods.template(pod) === this.#table.template(pod)
    const { cpu, memory } = isAsAsked ? this.#asked(pod) : this.#allocated(pod)
    this.#nodes.addFree(this.#pods.node(pod), cpu, memory, 1)
    this.#pods.setAdmitted(pod, false)
  }

  /**
   * Allocates what an admitted pod asks for now, if the node has it; `infeasible` when it never will.
   *
   * Source: kubelet v1.37, allocation/allocation_manager.go `canResizePod`.
   */
  resize(pod: PodRow, node: NodeRow): ResizeVerdict {
    const nodes = this.#nodes
    if (nodes.roomSeen(node) !== this.#api.nodeRows.writes) this.#lookAtRoom(node)
    const asked = this.#asked(pod)
    const allocated = this.#allocated(pod)
    const room = this.#rooms[node] ?? NO_ROOM
    for (const resource of ['cpu', 'memory'] as const) {
      if (asked[resource] <= room[resource]) continue
      const amounts = `requested: ${asked[resource]}, capacity: ${room[resource]}`
      return { kind: 'infeasible', message: `Node didn't have enough capacity: ${resource}, ${amounts}` }
    }
    const free = { cpu: nodes.freeCpu(node), memory: nodes.freeMemory(node) }
    for (const resource of ['cpu', 'memory'] as const) {
      if (asked[resource] - allocated[resource] <= Math.max(0, free[resource])) continue
      const used = room[resource] - free[resource] - allocated[resource]
      const amounts = `requested: ${asked[resource]}, used: ${used}, capacity: ${room[resource]}`
      return { kind: 'deferred', message: `Node didn't have enough resource: ${resource}, ${amounts}` }
    }
    nodes.addFree(node, allocated.cpu - asked.cpu, allocated.memory - asked.memory, 0)
    this.#pods.setTemplate(pod, this.#table.template(pod))
    const isSame = asked.cpu === allocated.cpu && asked.memory === allocated.memory
    return { kind: isSame ? 'same' : 'allocated' }
  }

  /** Whether the pod asks for another amount than it has. */
  asksForOther(pod: PodRow): boolean {
    const asked = this.#asked(pod)
    const allocated = this.#allocated(pod)
    return asked.cpu !== allocated.cpu || asked.memory !== allocated.memory
  }

  #asked(pod: PodRow): { readonly cpu: number; readonly memory: number } {
    return { cpu: this.#table.cpu(pod), memory: this.#table.memory(pod) }
  }

  /** What the pod has on its node: what its template asked for when it was allocated. */
  #allocated(pod: PodRow): { readonly cpu: number; readonly memory: number } {
    const { template, requests } = this.#api.pods.templates.get(this.#pods.template(pod))
    return template.sizing === 'template' ? requests : this.#asked(pod)
  }

  #refusalUnderPressure(pod: PodRow, bits: number): string | undefined {
    const table = this.#table
    if ((bits & SHUTTING_DOWN) !== 0) return NODE_SHUTDOWN
    const { template, tolerations } = this.#api.pods.infoOf(pod)
    const isCritical =
      table.priority(pod) >= CRITICAL_PRIORITY || isCriticalPod({ metadata: template.metadata })
    const isBestEffort =
      template.sizing === 'template'
        ? qosClassOf({ spec: template.spec }) === 'BestEffort'
        : table.cpu(pod) === 0 && table.memory(pod) === 0
    const conditions = PRESSURES.filter((_, bit) => (bits & (1 << bit)) !== 0)
    return isTakenUnderPressure(conditions, { isCritical, isBestEffort, tolerations }) ? undefined : EVICTED
  }

  /** Brings what is free up to what the node has to give now: nothing when it was deleted. */
  #lookAtRoom(row: NodeRow): void {
    const { nodeRows } = this.#api
    this.#nodes.setRoomSeen(row, nodeRows.writes)
    const node = nodeRows.nodeOf(row)
    const old = this.#rooms[row] ?? NO_ROOM
    if (old.node === node) return
    const amounts = nodeAmounts(node?.status?.allocatable ?? node?.status?.capacity)
    const room = {
      node,
      cpu: amounts.get('cpu') ?? 0,
      memory: amounts.get('memory') ?? 0,
      pods: amounts.get('pods') ?? 0,
    }
    this.#rooms[row] = room
    this.#nodes.addFree(row, room.cpu - old.cpu, room.memory - old.memory, room.pods - old.pods)
  }
}
