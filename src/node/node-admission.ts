import { nodeAmounts } from '../api/node-amounts.ts'
import { qosClassOf } from '../api/qos.ts'
import { toleratesTaint } from '../api/tolerations.ts'
import type { Node, Taint } from '../api/types.generated.ts'
import { widened } from '../base/widen.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

/**
 * From this priority on a pod is critical and is neither evicted nor refused for pressure (Kubernetes v1.37).
 */
export const CRITICAL_PRIORITY = 2_000_000_000

const MEMORY_PRESSURE: Taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }

/** What a node has to give, and the object that says so. */
interface Room {
  readonly node: Node | undefined
  readonly cpu: number
  readonly memory: number
  readonly pods: number
}

/**
 * The kubelet's own look at a pod before it starts it: whether the node is short of memory for it, and has
 * room.
 *
 * Source: kubelet v1.37, eviction `Admit` (reason Evicted), then lifecycle/predicate.go (reasons OutOfpods,
 * OutOfcpu, OutOfmemory). Leaves out ports, other resources, and node affinity.
 */
export class NodeAdmission {
  readonly #api: ApiServer
  #cpu = new Float64Array(256)
  #memory = new Float64Array(256)
  #count = new Int32Array(256)
  #nodeOf = new Int32Array(1024).fill(NO_NODE)
  readonly #rooms: (Room | undefined)[] = []
  readonly #underPressure = new Set<NodeRow>()

  constructor(api: ApiServer) {
    this.#api = api
  }

  /** Whether the node's kubelet sees memory pressure; kept by the eviction manager. */
  setPressure(node: NodeRow, isUnderPressure: boolean): void {
    if (isUnderPressure) this.#underPressure.add(node)
    else this.#underPressure.delete(node)
  }

  /**
   * Counts the pod on the node, or says why it is refused, as `status.reason`. One that is counted already
   * stays.
   */
  admit(pod: PodRow, node: NodeRow): string | undefined {
    while (node >= this.#cpu.length) this.#growNodes()
    while (pod >= this.#nodeOf.length) {
      this.#nodeOf = widened(this.#nodeOf, this.#nodeOf.length * 2, NO_NODE)
    }
    if (this.#nodeOf[pod] === node) return undefined
    const { table } = this.#api.pods
    if (this.#underPressure.has(node) && !this.#isTakenUnderPressure(pod)) return 'Evicted'
    const cpu = (this.#cpu[node] ?? 0) + table.cpu(pod)
    const memory = (this.#memory[node] ?? 0) + table.memory(pod)
    const count = (this.#count[node] ?? 0) + 1
    const room = this.#roomOf(node)
    if (count > room.pods) return 'OutOfpods'
    if (cpu > room.cpu && table.cpu(pod) > 0) return 'OutOfcpu'
    if (memory > room.memory && table.memory(pod) > 0) return 'OutOfmemory'
    this.#cpu[node] = cpu
    this.#memory[node] = memory
    this.#count[node] = count
    this.#nodeOf[pod] = node
    return undefined
  }

  /** The pod ended: what it took is free. Does nothing for a pod that was not admitted. */
  leave(pod: PodRow): void {
    const node = this.#nodeOf[pod] ?? NO_NODE
    if (node === NO_NODE) return
    const { table } = this.#api.pods
    this.#cpu[node] = (this.#cpu[node] ?? 0) - table.cpu(pod)
    this.#memory[node] = (this.#memory[node] ?? 0) - table.memory(pod)
    this.#count[node] = (this.#count[node] ?? 0) - 1
    this.#nodeOf[pod] = NO_NODE
  }

  /** All but best-effort pods that neither are critical nor tolerate the pressure. */
  #isTakenUnderPressure(pod: PodRow): boolean {
    const { table } = this.#api.pods
    if (table.priority(pod) >= CRITICAL_PRIORITY) return true
    const { template, tolerations } = this.#api.pods.infoOf(pod)
    const isBestEffort =
      template.sizing === 'template'
        ? qosClassOf({ spec: template.spec }) === 'BestEffort'
        : table.cpu(pod) === 0 && table.memory(pod) === 0
    return !isBestEffort || tolerations.some((toleration) => toleratesTaint(toleration, MEMORY_PRESSURE))
  }

  /** What the node has to give; nothing when it was deleted. */
  #roomOf(row: NodeRow): Room {
    const node = this.#api.nodeRows.nodeOf(row)
    let room = this.#rooms[row]
    if (room === undefined || room.node !== node) {
      const amounts = nodeAmounts(node?.status?.allocatable ?? node?.status?.capacity)
      room = {
        node,
        cpu: amounts.get('cpu') ?? 0,
        memory: amounts.get('memory') ?? 0,
        pods: amounts.get('pods') ?? 0,
      }
      this.#rooms[row] = room
    }
    return room
  }

  #growNodes(): void {
    const capacity = this.#cpu.length * 2
    this.#cpu = widened(this.#cpu, capacity)
    this.#memory = widened(this.#memory, capacity)
    this.#count = widened(this.#count, capacity)
  }
}
