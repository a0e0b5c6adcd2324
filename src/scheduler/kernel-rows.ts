import { widened } from '../base/widen.ts'
import type { NodeIndex } from './framework/node-columns.ts'

/**
 * Largest allocatable amount that the fused loop takes: up to here a product with a reciprocal is off by less than the
 * distance of a quotient that is no integer from the next integer above it (see `PERCENT_SLACK`).
 */
const AMOUNT_MAX = 2 ** 42

/** Cells of a row: one cache line. */
const ROW_SIZE = 8

/** What a node has and what pods asked for on it: cpu in millicores, memory in bytes. */
export interface NodeAmounts {
  readonly cpuAllocatable: Float64Array
  readonly memoryAllocatable: Float64Array
  readonly cpuRequested: Float64Array
  readonly memoryRequested: Float64Array
  readonly cpuNonZero: Float64Array
  readonly memoryNonZero: Float64Array
  readonly podsAllocatable: Float64Array
  readonly podsRequested: Int32Array
}

/**
 * What the fused loop reads of each node, a cache line a node, so that a decision divides nothing; derived from the
 * columns at each change.
 *
 *     0 cpu free   1 memory free   2 cpu free, counted non-zero   3 memory free, counted non-zero
 *     4 1 / cpu    5 1 / memory    6 balance as it stands         7 pods free
 */
export class KernelRows {
  cells = new Float64Array(0)
  /** 1 for nodes that have no cpu, no memory, or more than the loop counts exactly. */
  #isOdd = new Uint8Array(0)
  #odd = 0

  /** Nodes for which the loop does not apply. */
  get oddNodes(): number {
    return this.#odd
  }

  /** The allocatable amounts of a node changed. */
  allocate(node: NodeIndex, amounts: NodeAmounts): void {
    if (node >= this.#isOdd.length) {
      const capacity = Math.max(256, amounts.cpuAllocatable.length)
      this.cells = widened(this.cells, capacity * ROW_SIZE)
      this.#isOdd = widened(this.#isOdd, capacity)
    }
    const cpu = amounts.cpuAllocatable[node] ?? 0
    const memory = amounts.memoryAllocatable[node] ?? 0
    const isOdd = !(cpu > 0 && memory > 0 && cpu <= AMOUNT_MAX && memory <= AMOUNT_MAX)
    this.#odd += (isOdd ? 1 : 0) - (this.#isOdd[node] ?? 0)
    this.#isOdd[node] = isOdd ? 1 : 0
    this.cells[node * ROW_SIZE + 4] = isOdd ? 0 : 1 / cpu
    this.cells[node * ROW_SIZE + 5] = isOdd ? 0 : 1 / memory
    this.count(node, amounts)
  }

  /** The node went: it does not keep the loop from the others. */
  remove(node: NodeIndex): void {
    this.#odd -= this.#isOdd[node] ?? 0
    this.#isOdd[node] = 0
  }

  /** Pods joined or left the node. */
  count(node: NodeIndex, amounts: NodeAmounts): void {
    if (node >= this.#isOdd.length) return
    const { cells } = this
    const row = node * ROW_SIZE
    const cpu = amounts.cpuAllocatable[node] as number
    const memory = amounts.memoryAllocatable[node] as number
    const usedCpu = amounts.cpuRequested[node] as number
    const usedMemory = amounts.memoryRequested[node] as number
    cells[row] = cpu - usedCpu
    cells[row + 1] = memory - usedMemory
    cells[row + 2] = cpu - (amounts.cpuNonZero[node] as number)
    cells[row + 3] = memory - (amounts.memoryNonZero[node] as number)
    cells[row + 6] = balanceOf(usedCpu, cpu, usedMemory, memory)
    cells[row + 7] = (amounts.podsAllocatable[node] as number) - (amounts.podsRequested[node] as number)
  }
}

/**
 * 100 × (1 - standard deviation of two used shares, each at most 1), rounded towards zero: 50 to 100.
 *
 * Source: kube-scheduler v1.37, plugins/noderesources `balancedResourceScorer`, for two resources.
 */
export function balanceOf(usedCpu: number, cpu: number, usedMemory: number, memory: number): number {
  const one = usedCpu >= cpu ? 1 : usedCpu / cpu
  const other = usedMemory >= memory ? 1 : usedMemory / memory
  return Math.trunc((1 - Math.abs((one - other) / 2)) * 100)
}
