import type { NodeIndex } from './framework/node-columns.ts'
import {
  BALANCE,
  CPU_FREE,
  CPU_FREE_NON_ZERO,
  CPU_RECIPROCAL,
  MEMORY_FREE,
  MEMORY_FREE_NON_ZERO,
  MEMORY_RECIPROCAL,
  PODS_FREE,
  ROW_SIZE,
  balanceOf,
} from './kernel-rows.ts'
import type { NodeAmounts } from './kernel-rows.ts'
import { precedesInHeap } from './tie-break.ts'

/**
 * Added before a percentage is cut to an integer. A product with a reciprocal is off by less than 4e-14 at 100, so one
 * that ought to be an integer does not fall below it; and with amounts up to 2^42 a percentage that is no integer is at
 * least 2.2e-13 below the next one, so that it does not reach it.
 */
const PERCENT_SLACK = 1e-13
/** How near to an integer a balance has to be for its rounding to be settled by the formula itself. */
const BALANCE_SLACK = 1e-9

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
  /** Weight of the free shares; 0 leaves them out. */
  readonly freeWeight: number
  /** Weight of the balance; 0 leaves it out. */
  readonly balanceWeight: number
}

/** Where a scan looks. */
export interface ScanGround {
  readonly order: Int32Array
  /** Rows of `KernelRows`. */
  readonly cells: Float64Array
  /** What all other plugins give each node together; negative where one of them rejects it. */
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
 * Searches, scores and chooses in one pass over raw numbers: `searchNodes`, NodeResourcesFit's filter and LeastAllocated
 * score, the balance of the used shares, and the first maximum in heap pre-order, as the definition does.
 *
 * A node whose free shares leave it behind the best so far even with the best balance it could get is not ranked any
 * further. Cost: O(nodes looked at), without an allocation and without a division but for ties of rounding.
 */
export function scanNodes(
  ask: ScanAsk,
  ground: ScanGround,
  range: { readonly start: number; readonly limit: number },
  result: ScanResult,
): void {
  const { order, cells, others, amounts } = ground
  const { cpu, memory, scoredCpu, scoredMemory, balancedCpu, balancedMemory, freeWeight, balanceWeight } = ask
  const { start, limit } = range
  const count = order.length
  let position = start
  let evaluated = 0
  let found = 0
  let best = -1
  let bestAt = 0
  let chosen = -1
  for (; evaluated < count; evaluated++) {
    const node = order[position] as number
    if (++position === count) position = 0
    const other = others[node] as number
    const row = node * ROW_SIZE
    const cpuFree = cells[row + CPU_FREE] as number
    const memoryFree = cells[row + MEMORY_FREE] as number
    if (other < 0 || cpuFree < cpu || memoryFree < memory || (cells[row + PODS_FREE] as number) < 1) continue
    if (found === limit) break
    const at = found++
    const cpuReciprocal = cells[row + CPU_RECIPROCAL] as number
    const memoryReciprocal = cells[row + MEMORY_RECIPROCAL] as number
    let total = other
    if (freeWeight > 0) {
      const cpuLeft = (cells[row + CPU_FREE_NON_ZERO] as number) - scoredCpu
      const memoryLeft = (cells[row + MEMORY_FREE_NON_ZERO] as number) - scoredMemory
      const cpuPercent = cpuLeft > 0 ? (cpuLeft * 100 * cpuReciprocal + PERCENT_SLACK) | 0 : 0
      const memoryPercent = memoryLeft > 0 ? (memoryLeft * 100 * memoryReciprocal + PERCENT_SLACK) | 0 : 0
      total += ((cpuPercent + memoryPercent) >> 1) * freeWeight
    }
    if (balanceWeight > 0) {
      const before = cells[row + BALANCE] as number
      // The balance with the pod is at most 100.
      if (total + (50 + ((150 - before) >> 1)) * balanceWeight < best) continue
      const cpuIdle = (cpuFree - balancedCpu) * cpuReciprocal
      const memoryIdle = (memoryFree - balancedMemory) * memoryReciprocal
      const exact = 100 - 50 * Math.abs((cpuIdle > 0 ? cpuIdle : 0) - (memoryIdle > 0 ? memoryIdle : 0))
      let after = exact | 0
      const rest = exact - after
      if (rest < BALANCE_SLACK || rest > 1 - BALANCE_SLACK) after = balanceWith(ask, node, amounts)
      total += (50 + ((50 + after - before) >> 1)) * balanceWeight
    }
    if (total > best || (total === best && precedesInHeap(at, bestAt))) {
      best = total
      bestAt = at
      chosen = node
    }
  }
  result.node = chosen
  result.found = found
  result.evaluated = evaluated
}

/** The balance of a node with the pod on it, by the formula itself. */
function balanceWith(ask: ScanAsk, node: NodeIndex, amounts: NodeAmounts): number {
  return balanceOf(
    (amounts.cpuRequested[node] as number) + ask.balancedCpu,
    amounts.cpuAllocatable[node] as number,
    (amounts.memoryRequested[node] as number) + ask.balancedMemory,
    amounts.memoryAllocatable[node] as number,
  )
}
