import { quantityMilli, quantityValue } from '../api/quantity.ts'
import { toleratesTaint } from '../api/tolerations.ts'
import type { Node, Taint } from '../api/types.generated.ts'
import { widened } from '../base/widen.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

const MEMORY_PRESSURE: Taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }

/**
 * The kubelet's own look at a pod before it starts it: whether the node has room, and whether it takes pods of the
 * class under memory pressure.
 *
 * Source: kubelet v1.37, lifecycle/predicate.go (reasons OutOfcpu, OutOfmemory, OutOfpods) and eviction
 * `Admit` (reason Evicted).
 */
export class NodeAdmission {
  readonly #api: ApiServer
  #cpu = new Float64Array(256)
  #memory = new Float64Array(256)
  #count = new Int32Array(256)
  #nodeOf = new Int32Array(1024).fill(NO_NODE)
  readonly #allocatable = new WeakMap<Node, { cpu: number; memory: number; pods: number }>()
  readonly #underPressure = new Set<NodeRow>()

  constructor(api: ApiServer) {
    this.#api = api
  }

  /** Whether the node's kubelet sees memory pressure; kept by the eviction manager. */
  setPressure(node: NodeRow, isUnderPressure: boolean): void {
    if (isUnderPressure) this.#underPressure.add(node)
    else this.#underPressure.delete(node)
  }

  /** Counts the pod on the node, or says why it is refused, as `status.reason`. */
  admit(pod: PodRow, node: NodeRow): string | undefined {
    const object = this.#api.nodeRows.nodeOf(node)
    if (object === undefined) return 'NodeAffinity'
    while (node >= this.#cpu.length) this.#growNodes()
    while (pod >= this.#nodeOf.length) this.#nodeOf = widened(this.#nodeOf, this.#nodeOf.length * 2, NO_NODE)
    const { table } = this.#api.pods
    const cpu = (this.#cpu[node] ?? 0) + (table.cpu[pod] ?? 0)
    const memory = (this.#memory[node] ?? 0) + (table.memory[pod] ?? 0)
    const count = (this.#count[node] ?? 0) + 1
    const allocatable = this.#allocatableOf(object)
    if (count > allocatable.pods) return 'OutOfpods'
    if (cpu > allocatable.cpu && (table.cpu[pod] ?? 0) > 0) return 'OutOfcpu'
    if (memory > allocatable.memory && (table.memory[pod] ?? 0) > 0) return 'OutOfmemory'
    if (this.#underPressure.has(node) && this.#isRefusedUnderPressure(pod)) return 'Evicted'
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
    this.#cpu[node] = (this.#cpu[node] ?? 0) - (table.cpu[pod] ?? 0)
    this.#memory[node] = (this.#memory[node] ?? 0) - (table.memory[pod] ?? 0)
    this.#count[node] = (this.#count[node] ?? 0) - 1
    this.#nodeOf[pod] = NO_NODE
  }

  /** Best-effort pods that do not tolerate the pressure; all others are taken. */
  #isRefusedUnderPressure(pod: PodRow): boolean {
    const { table } = this.#api.pods
    const isBestEffort = table.cpu[pod] === 0 && table.memory[pod] === 0
    const { tolerations } = this.#api.pods.infoOf(pod)
    return isBestEffort && !tolerations.some((toleration) => toleratesTaint(toleration, MEMORY_PRESSURE))
  }

  #allocatableOf(node: Node): { cpu: number; memory: number; pods: number } {
    let found = this.#allocatable.get(node)
    if (found === undefined) {
      const amounts = node.status?.allocatable ?? node.status?.capacity ?? {}
      found = {
        cpu: quantityMilli(amounts['cpu'] ?? 0),
        memory: quantityValue(amounts['memory'] ?? 0),
        pods: quantityValue(amounts['pods'] ?? 0),
      }
      this.#allocatable.set(node, found)
    }
    return found
  }

  #growNodes(): void {
    const capacity = this.#cpu.length * 2
    this.#cpu = widened(this.#cpu, capacity)
    this.#memory = widened(this.#memory, capacity)
    this.#count = widened(this.#count, capacity)
  }
}
