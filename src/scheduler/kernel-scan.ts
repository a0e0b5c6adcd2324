import type { NodeIndex } from './framework/node-columns.ts'
import { balanceOf } from './kernel-rows.ts'
import type { NodeAmounts } from './kernel-rows.ts'
import { precedesInHeap } from './tie-break.ts'

/** What a pod asks for, and how its nodes are ranked, as numbers. */
export interface ScanAsk {
  /** Millicores; -Infinity asks for none. */
  readonly cpu: number
  /** Bytes; -Infinity asks for none. */
  readonly memory: number
  /** What scoring adds for the pod, by LeastAllocated: millicores and bytes. */
  readonly scoredCpu: number
  readonly scoredMemory: number
  /** What scoring adds for the pod, by the balance of the used shares: millicores and bytes. */
  readonly balancedCpu: number
  readonly balancedMemory: number
  /** Weight of the free shares, an integer; 0 leaves them out. */
  readonly freeWeight: number
  /** Weight of the balance, an integer; 0 leaves it out. */
  readonly balanceWeight: number
}

/** Where a scan looks. */
export interface ScanGround {
  readonly order: Int32Array
  /** Rows of `KernelRows`. */
  readonly cells: Float64Array
  /** What all other plugins give each node together, an integer; negative where one of them rejects it. */
  readonly others: Float64Array
  readonly amounts: NodeAmounts
}

/** What a scan came to; the same object is refilled. */
export interface ScanResult {
  /** The node chosen; meaningless when none was found. */
  node: NodeIndex
  /** Nodes found. */
  found: number
  /** Nodes looked at. */
  evaluated: number
}

/**
 * Searches, scores and chooses over raw numbers: `searchNodes`, NodeResourcesFit's filter and LeastAllocated score, the
 * balance of the used shares, and the first maximum in heap pre-order, as the definition does.
 *
 * The pass over the nodes divides and calls nothing: it takes each node's total, or one that is too high by rounding;
 * only those that reach the best are settled by the formula itself. Cost: O(nodes looked at), without an allocation.
 */
export class KernelScan {
  readonly #result: ScanResult = { node: 0, found: 0, evaluated: 0 }
  /** The amounts of the ask, in a typed array: the loop then knows that they are doubles. */
  readonly #amounts = new Float64Array(6)
  /** Nodes found, in order, with what their totals are at most. */
  #nodes = new Int32Array(0)
  #totals = new Int32Array(0)
  /** Place of the highest of these totals. */
  #highest = 0

  /** Looks from `start` on until `limit` nodes are found. */
  run(ask: ScanAsk, ground: ScanGround, start: number, limit: number): ScanResult {
    if (this.#nodes.length < ground.order.length) {
      this.#nodes = new Int32Array(ground.order.length)
      this.#totals = new Int32Array(ground.order.length)
    }
    const amounts = this.#amounts
    amounts[0] = ask.cpu
    amounts[1] = ask.memory
    amounts[2] = ask.scoredCpu
    amounts[3] = ask.scoredMemory
    amounts[4] = ask.balancedCpu
    amounts[5] = ask.balancedMemory
    const evaluated = this.#find(ask, ground, start, limit)
    const result = this.#result
    result.evaluated = evaluated
    if (result.found > 0) result.node = this.#nodes[this.#choose(ask, ground)] as number
    return result
  }

  /**
   * Fills the nodes found and their totals; returns how many nodes were looked at.
   *
   * What is added before a cut, 1e-13 to a percentage: a product with a reciprocal is off by less than 4e-14 at 100, so
   * that one that ought to be an integer does not fall below it; and with amounts up to 2^42 one that is no integer is
   * at least 2.2e-13 below the next, so that it does not reach it. 1e-9 to a balance: never too low; what is too high is
   * settled afterwards. Numbers stand as literals here: the loop is twice as fast with them as with names of the module.
   */
  #find(ask: ScanAsk, ground: ScanGround, start: number, limit: number): number {
    const { order, cells, others } = ground
    const { freeWeight, balanceWeight } = ask
    const amounts = this.#amounts
    const cpu = amounts[0] as number
    const memory = amounts[1] as number
    const scoredCpu = amounts[2] as number
    const scoredMemory = amounts[3] as number
    const balancedCpu = amounts[4] as number
    const balancedMemory = amounts[5] as number
    const nodes = this.#nodes
    const totals = this.#totals
    const count = order.length
    let position = start
    let evaluated = 0
    let found = 0
    let best = -1
    let highest = 0
    for (; evaluated < count; evaluated++) {
      const node = order[position] as number
      if (++position === count) position = 0
      const row = node * 8
      const cpuFree = cells[row] as number
      const memoryFree = cells[row + 1] as number
      const other = others[node] as number
      if (cpuFree < cpu || memoryFree < memory || (cells[row + 7] as number) < 1 || other < 0) continue
      if (found === limit) break
      const cpuShare = cells[row + 4] as number
      const memoryShare = cells[row + 5] as number
      const cpuLeft = (cells[row + 2] as number) - scoredCpu
      const memoryLeft = (cells[row + 3] as number) - scoredMemory
      const cpuPercent = Math.max(0, (cpuLeft * 100 * cpuShare + 1e-13) | 0)
      const memoryPercent = Math.max(0, (memoryLeft * 100 * memoryShare + 1e-13) | 0)
      const cpuIdle = Math.max(0, (cpuFree - balancedCpu) * cpuShare)
      const memoryIdle = Math.max(0, (memoryFree - balancedMemory) * memoryShare)
      const before = (cells[row + 6] as number) | 0
      const after = (100.000000001 - 50 * Math.abs(cpuIdle - memoryIdle)) | 0
      const total =
        (other +
          Math.imul((cpuPercent + memoryPercent) >> 1, freeWeight) +
          Math.imul(50 + ((50 + after - before) >> 1), balanceWeight)) |
        0
      nodes[found] = node
      totals[found] = total
      if (total > best) {
        best = total
        highest = found
      }
      found++
    }
    this.#highest = highest
    this.#result.found = found
    return evaluated
  }

  /** Place of the first maximum in heap pre-order among the nodes found. */
  #choose(ask: ScanAsk, ground: ScanGround): number {
    const totals = this.#totals
    const { found } = this.#result
    let chosen = this.#highest
    let best = this.#settle(ask, ground, chosen)
    for (let at = 0; at < found; at++) {
      if ((totals[at] as number) < best || at === chosen) continue
      const total = this.#settle(ask, ground, at)
      if (total < best || (total === best && !precedesInHeap(at, chosen))) continue
      best = total
      chosen = at
    }
    return chosen
  }

  /** The total of a node found: what the pass took, with the balance by the formula itself. */
  #settle(ask: ScanAsk, ground: ScanGround, at: number): number {
    const { amounts, cells } = ground
    const node = this.#nodes[at] as NodeIndex
    const total = this.#totals[at] as number
    if (ask.balanceWeight === 0) return total
    const row = node * 8
    const cpuIdle = ((cells[row] as number) - ask.balancedCpu) * (cells[row + 4] as number)
    const memoryIdle = ((cells[row + 1] as number) - ask.balancedMemory) * (cells[row + 5] as number)
    const taken = (100.000000001 - 50 * Math.abs(Math.max(0, cpuIdle) - Math.max(0, memoryIdle))) | 0
    const exact = balanceOf(
      (amounts.cpuRequested[node] as number) + ask.balancedCpu,
      amounts.cpuAllocatable[node] as number,
      (amounts.memoryRequested[node] as number) + ask.balancedMemory,
      amounts.memoryAllocatable[node] as number,
    )
    const before = (cells[row + 6] as number) | 0
    return total - ask.balanceWeight * (((50 + taken - before) >> 1) - ((50 + exact - before) >> 1))
  }
}
