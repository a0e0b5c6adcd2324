import { NO_NODE } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { KernelRows, OtherScores } from './kernel-rows.ts'
import type { NodeAmounts } from './node-amounts.ts'

/** What a pod asks for, and how its nodes are ranked, as numbers. */
export interface ScanAsk {
  /** Millicores; -Infinity asks for none. */
  readonly cpu: number
  /** Bytes; -Infinity asks for none. */
  readonly memory: number
  /** What scoring adds for the pod, by LeastAllocated: millicores and bytes. */
  readonly scoredCpu: number
  readonly scoredMemory: number
  /** Weight of the free shares, an integer; 0 leaves them out. */
  readonly freeWeight: number
  /** Weight of the balance, an integer; 0 leaves it out. */
  readonly balanceWeight: number
}

/** Where a scan looks. */
export interface ScanGround {
  readonly order: Int32Array
  readonly rows: KernelRows
  readonly others: OtherScores
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
 * balance of the used shares, and the first maximum in heap pre-order, as the definition does; four nodes at a time, by the
 * WebAssembly kernel of `scan-kernel.as`. Cost: O(nodes looked at), without an allocation.
 */
export class KernelScan {
  readonly #result: ScanResult = { node: NO_NODE, found: 0, evaluated: 0 }

  /** Looks from `start` on until `limit` nodes are found. */
  run(ask: ScanAsk, ground: ScanGround, start: number, limit: number): ScanResult {
    const { order, rows } = ground
    const kernel = rows.arrange(order, ground.amounts)
    kernel.ask(ask.cpu, ask.memory, ask.scoredCpu, ask.scoredMemory, ask.freeWeight, ask.balanceWeight)
    const others = rows.othersAt(ground.others)
    const { isPlain, areOthersEqual } = rows
    const position = kernel.run(others, order.length, start, limit, isPlain, areOthersEqual)
    const result = this.#result
    result.found = kernel.found.value
    result.evaluated = kernel.evaluated.value
    result.node = position < 0 ? NO_NODE : (order[position] as NodeIndex)
    return result
  }
}
