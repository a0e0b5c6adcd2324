/**
 * The least that a scheduler of the default profile has to do for pods that ask for cpu and memory: loops over typed arrays,
 * with the formulas of kube-scheduler v1.37 as they are written there, and nothing kept between decisions. What ours is
 * measured against. It knows no API, no queue, no plugins, and no more resources; its nodes never change, so that its rows
 * can lie in the order of the search.
 */
import { feasibleNodesToFind } from '../src/scheduler/search.ts'
import { precedesInHeap } from '../src/scheduler/tie-break.ts'

/** What a pod that asks for nothing counts as when nodes are scored. */
const NON_ZERO_CPU = 100
const NON_ZERO_MEMORY = 200 * 1024 * 1024
/** Weights of the default profile; those of NodeResourcesFit and NodeResourcesBalancedAllocation are 1. */
const TAINTS_WEIGHT = 3
const AFFINITY_WEIGHT = 2

/** Places pods on equal nodes, which it numbers in the order of the search: zone by zone in turn. */
export class BareLoop {
  readonly #limit: number
  readonly #cpuAll: Float64Array
  readonly #memoryAll: Float64Array
  readonly #podsMax: Int32Array
  readonly #cpuUsed: Float64Array
  readonly #memoryUsed: Float64Array
  readonly #cpuNonZero: Float64Array
  readonly #memoryNonZero: Float64Array
  readonly #pods: Int32Array
  /** Taints of effect PreferNoSchedule that pods do not tolerate, and weights of preferred affinity terms: none here. */
  readonly #taints: Int32Array
  readonly #preferences: Int32Array
  readonly #found: Int32Array
  readonly #totals: Int32Array
  #start = 0

  /** `percentage` of the nodes are scored; undefined is adaptive. */
  constructor(
    count: number,
    room: { readonly cpu: number; readonly memory: number; readonly pods: number },
    percentage: number | undefined,
  ) {
    this.#limit = feasibleNodesToFind(count, percentage)
    this.#cpuAll = new Float64Array(count).fill(room.cpu)
    this.#memoryAll = new Float64Array(count).fill(room.memory)
    this.#podsMax = new Int32Array(count).fill(room.pods)
    this.#cpuUsed = new Float64Array(count)
    this.#memoryUsed = new Float64Array(count)
    this.#cpuNonZero = new Float64Array(count)
    this.#memoryNonZero = new Float64Array(count)
    this.#pods = new Int32Array(count)
    this.#taints = new Int32Array(count)
    this.#preferences = new Int32Array(count)
    this.#found = new Int32Array(count)
    this.#totals = new Int32Array(count)
  }

  /** The node for a pod, which is counted there; -1 when none has room. */
  place(cpu: number, memory: number): number {
    const feasible = this.#search(cpu, memory)
    if (feasible === 0) return -1
    const node = this.#found[this.#best(feasible)] as number
    this.#count(node, cpu, memory, 1)
    return node
  }

  /** A pod leaves its node. */
  release(node: number, cpu: number, memory: number): void {
    this.#count(node, cpu, memory, -1)
  }

  #count(node: number, cpu: number, memory: number, sign: 1 | -1): void {
    this.#cpuUsed[node] = (this.#cpuUsed[node] as number) + sign * cpu
    this.#memoryUsed[node] = (this.#memoryUsed[node] as number) + sign * memory
    this.#cpuNonZero[node] = (this.#cpuNonZero[node] as number) + sign * (cpu || NON_ZERO_CPU)
    this.#memoryNonZero[node] = (this.#memoryNonZero[node] as number) + sign * (memory || NON_ZERO_MEMORY)
    this.#pods[node] = (this.#pods[node] as number) + sign
  }

  /**
   * Walks the nodes from where the last search ended until enough have room, and adds up the two scores that are not
   * normalised, each division rounded towards zero; how many have room.
   */
  #search(cpu: number, memory: number): number {
    const cpuAll = this.#cpuAll
    const memoryAll = this.#memoryAll
    const podsMax = this.#podsMax
    const cpuUsed = this.#cpuUsed
    const memoryUsed = this.#memoryUsed
    const cpuNonZero = this.#cpuNonZero
    const memoryNonZero = this.#memoryNonZero
    const pods = this.#pods
    const found = this.#found
    const totals = this.#totals
    const limit = this.#limit
    const count = cpuAll.length
    const scoredCpu = cpu || NON_ZERO_CPU
    const scoredMemory = memory || NON_ZERO_MEMORY
    let feasible = 0
    let node = this.#start
    for (let evaluated = 0; evaluated < count; evaluated++) {
      const cpuCapacity = cpuAll[node] as number
      const memoryCapacity = memoryAll[node] as number
      const cpuTaken = cpuUsed[node] as number
      const memoryTaken = memoryUsed[node] as number
      const cpuAsked = cpuTaken + cpu
      const memoryAsked = memoryTaken + memory
      if (
        cpuAsked <= cpuCapacity &&
        memoryAsked <= memoryCapacity &&
        (pods[node] as number) < (podsMax[node] as number)
      ) {
        if (feasible === limit) break
        const cpuLeft = cpuCapacity - (cpuNonZero[node] as number) - scoredCpu
        const memoryLeft = memoryCapacity - (memoryNonZero[node] as number) - scoredMemory
        const cpuPercent = cpuLeft < 0 ? 0 : ((cpuLeft * 100) / cpuCapacity) | 0
        const memoryPercent = memoryLeft < 0 ? 0 : ((memoryLeft * 100) / memoryCapacity) | 0
        // What fits asks for no share above 1.
        const before = Math.abs((cpuTaken / cpuCapacity - memoryTaken / memoryCapacity) / 2)
        const after = Math.abs((cpuAsked / cpuCapacity - memoryAsked / memoryCapacity) / 2)
        const gain = (((1 - after) * 100) | 0) - (((1 - before) * 100) | 0)
        found[feasible] = node
        totals[feasible] = (((cpuPercent + memoryPercent) / 2) | 0) + 50 + (((50 + gain) / 2) | 0)
        feasible++
      }
      if (++node === count) node = 0
    }
    this.#start = node
    return feasible
  }

  /** Normalises what is, and finds the place of the node with the highest total, by the heap's order among equals. */
  #best(feasible: number): number {
    const found = this.#found
    const totals = this.#totals
    const taints = this.#taints
    const preferences = this.#preferences
    let mostTaints = 0
    let mostPreferred = 0
    for (let at = 0; at < feasible; at++) {
      const node = found[at] as number
      if ((taints[node] as number) > mostTaints) mostTaints = taints[node] as number
      if ((preferences[node] as number) > mostPreferred) mostPreferred = preferences[node] as number
    }
    let best = 0
    let bestTotal = -1
    for (let at = 0; at < feasible; at++) {
      const node = found[at] as number
      const tolerated = mostTaints === 0 ? 100 : 100 - (((100 * (taints[node] as number)) / mostTaints) | 0)
      const preferred = mostPreferred === 0 ? 0 : ((100 * (preferences[node] as number)) / mostPreferred) | 0
      const total = (totals[at] as number) + tolerated * TAINTS_WEIGHT + preferred * AFFINITY_WEIGHT
      if (total < bestTotal || (total === bestTotal && !precedesInHeap(at, best))) continue
      best = at
      bestTotal = total
    }
    return best
  }
}
