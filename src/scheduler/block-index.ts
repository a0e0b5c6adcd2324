import { NO_NODE } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { kernelFor } from './kernel-scan.ts'
import type { ScanAsk, ScanGround, ScanResult } from './kernel-scan.ts'
import type { NodeLog } from './node-log.ts'

/** Places of a block: 2^4. The loops have the number as a literal: names of the module cost time there. */
const BLOCK = 16

/**
 * The totals of one class of pods on all nodes, in the scheduler's order, with the highest of each block of 16: chooses
 * as `KernelScan` does, and reads a block as a whole where it can.
 *
 * Cost: a total for each node that changed since the last time, and two reads for each block among the nodes searched.
 * A place takes 4 bytes.
 */
export class BlockIndex {
  #totals = new Int32Array(0)
  /** Highest total of each block, -1 without a feasible node. */
  #highest = new Int32Array(0)
  #feasible = new Uint8Array(0)
  /** Blocks that lost what was their highest total. */
  #isStale = new Uint8Array(0)
  readonly #result: ScanResult = { node: NO_NODE, found: 0, evaluated: 0, by: 'blocks' }
  /** The order that the places are of. */
  #order: Int32Array | undefined
  /** Changes of nodes that are followed. */
  #changes = 0
  #best = -1

  /** Nodes whose totals have to be taken again. */
  behind(ground: ScanGround, changed: NodeLog): number {
    if (this.#order !== ground.order || !changed.covers(this.#changes)) return ground.order.length
    return changed.count - this.#changes
  }

  /** All totals have to be taken again. */
  forget(): void {
    this.#order = undefined
  }

  /** Brings the totals up to date. */
  follow(ask: ScanAsk, ground: ScanGround, changed: NodeLog): void {
    const { order, rows } = ground
    const isAll = this.behind(ground, changed) >= order.length
    if (isAll) this.#clear(order)
    const count = isAll ? order.length : changed.count - this.#changes
    if (count === 0) return
    const kernel = kernelFor(ask, ground)
    const others = rows.othersAt(ground.others)
    const { listAt, integers } = rows
    let listed = 0
    for (let i = 0; i < count; i++) {
      const place = isAll ? i : rows.positionOf(changed.at(this.#changes + i))
      if (place !== NO_NODE) integers[listAt + 2 * listed++] = place
    }
    this.#changes = changed.count
    kernel.totals(others, listed)
    for (let at = listAt; at < listAt + 2 * listed; at += 2) {
      this.#put(integers[at] as number, integers[at + 1] as number)
    }
  }

  /** Looks from `start` on until `limit` nodes are found, and takes the first maximum in heap pre-order. */
  choose(ground: ScanGround, start: number, limit: number): ScanResult {
    const result = this.#result
    const count = ground.order.length
    result.node = NO_NODE
    result.found = 0
    result.evaluated = 0
    this.#best = -1
    if (!this.#walk(start, count, limit)) this.#walk(0, start, limit)
    if (result.found > 0) result.node = ground.order[this.#firstByHeap(start, count)] as NodeIndex
    return result
  }

  /** Begins anew for these nodes, which may be more than before. */
  #clear(order: Int32Array): void {
    this.#order = order
    if (order.length > this.#totals.length) {
      const blocks = Math.ceil(order.length / BLOCK)
      this.#totals = new Int32Array(blocks * BLOCK)
      this.#highest = new Int32Array(blocks)
      this.#feasible = new Uint8Array(blocks)
      this.#isStale = new Uint8Array(blocks)
    }
    this.#totals.fill(-1)
    this.#feasible.fill(0)
    this.#isStale.fill(1)
  }

  /** Takes a new total of the node at a place. */
  #put(place: number, total: number): void {
    const totals = this.#totals
    const before = totals[place] as number
    if (total === before) return
    totals[place] = total
    const block = place >> 4
    if (before < 0) this.#feasible[block] = (this.#feasible[block] as number) + 1
    else if (total < 0) this.#feasible[block] = (this.#feasible[block] as number) - 1
    if (this.#isStale[block] === 1) return
    const highest = this.#highest[block] as number
    if (total > highest) this.#highest[block] = total
    else if (before === highest) this.#isStale[block] = 1
  }

  #highestOf(block: number): number {
    if (this.#isStale[block] === 0) return this.#highest[block] as number
    const totals = this.#totals
    let highest = -1
    for (let place = block * 16; place < block * 16 + 16; place++) {
      const total = totals[place] as number
      if (total > highest) highest = total
    }
    this.#highest[block] = highest
    this.#isStale[block] = 0
    return highest
  }

  /** Looks at these places; true when the search ended among them. */
  #walk(from: number, to: number, limit: number): boolean {
    const totals = this.#totals
    const feasible = this.#feasible
    let { found } = this.#result
    let best = this.#best
    let place = from
    let hasEnded = false
    while (place < to) {
      const block = place >> 4
      if ((place & 15) === 0 && place + 16 <= to && found + (feasible[block] as number) <= limit) {
        found += feasible[block] as number
        const highest = this.#highestOf(block)
        if (highest > best) best = highest
        place += 16
        continue
      }
      const total = totals[place] as number
      if (total >= 0) {
        if (found === limit) {
          hasEnded = true
          break
        }
        found++
        if (total > best) best = total
      }
      place++
    }
    this.#best = best
    this.#result.found = found
    this.#result.evaluated += place - from
    return hasEnded
  }

  /**
   * Place of the first among the best, in the pre-order of the nodes found. Ranks that come after the first so far are passed
   * over, a level of the heap at a time: of each level below it, only what is left of it can come before.
   */
  #firstByHeap(start: number, count: number): number {
    const totals = this.#totals
    const feasible = this.#feasible
    const best = this.#best
    let rank = 0
    let chosen = -1
    let chosenPlace = start
    /** The next rank that may come before the chosen one. */
    let next = 0
    let left = this.#result.evaluated
    let place = start
    while (left > 0) {
      if (place === count) place = 0
      if (rank >= next && chosen >= 0) next = nextBefore(chosen, rank)
      if ((place & 15) === 0 && left >= 16 && place + 16 <= count) {
        const block = place >> 4
        const inside = feasible[block] as number
        if (rank + inside <= next || this.#highestOf(block) < best) {
          rank += inside
          place += 16
          left -= 16
          continue
        }
      }
      const total = totals[place] as number
      if (total === best && rank >= next) {
        chosen = rank
        chosenPlace = place
        // On the leftmost branch: what comes before it has been looked at.
        if ((rank & (rank + 1)) === 0) return chosenPlace
      }
      if (total >= 0) rank++
      place++
      left--
    }
    return chosenPlace
  }
}

/** The first rank from `rank` on that comes before the chosen one, which is smaller, in heap pre-order. */
function nextBefore(chosen: number, rank: number): number {
  // Counted from 1, the ranks below the chosen one and to the right of it on a level begin with its own bits.
  const deeper = Math.clz32(chosen + 1) - Math.clz32(rank + 1)
  const isBefore = rank + 1 < (chosen + 1) << deeper
  return isBefore ? rank : (2 << (31 - Math.clz32(rank + 1))) - 1
}
