import { nodeAmounts } from '../api/node-amounts.ts'
import { qosClassOf } from '../api/qos.ts'
import { toleratesTaint } from '../api/tolerations.ts'
import type { Node, Taint } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PodTable } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { CRITICAL_PRIORITY } from './critical-pod.ts'
import type { KubeletNodes } from './kubelet-nodes.ts'
import type { KubeletPods } from './kubelet-pods.ts'

const MEMORY_PRESSURE: Taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }

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
 * The kubelet's own look at a pod before it starts it: whether the node is short of memory for it, and has
 * room.
 *
 * Source: kubelet v1.37, eviction `Admit` (reason Evicted), then lifecycle/predicate.go (reasons OutOfpods,
 * OutOfcpu, OutOfmemory). Leaves out ports, other resources, and node affinity.
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
    if (nodes.isUnderPressure(node) && !this.#isTakenUnderPressure(pod)) return 'Evicted'
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

  /** All but best-effort pods that neither are critical nor tolerate the pressure. */
  #isTakenUnderPressure(pod: PodRow): boolean {
    const table = this.#table
    if (table.priority(pod) >= CRITICAL_PRIORITY) return true
    const { template, tolerations } = this.#api.pods.infoOf(pod)
    const isBestEffort =
      template.sizing === 'template'
        ? qosClassOf({ spec: template.spec }) === 'BestEffort'
        : table.cpu(pod) === 0 && table.memory(pod) === 0
    return !isBestEffort || tolerations.some((toleration) => toleratesTaint(toleration, MEMORY_PRESSURE))
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
