import { assert } from '../base/assert.ts'

/** Asks of a block; one that grows beyond is split. */
const BLOCK_MAX = 256

/** What a place in line follows from. */
interface Rank {
  /** Higher goes first. */
  readonly priority: number
  /** Among equals lower goes first; unique. */
  readonly sequence: number
}

/** Who waits, and for how much. */
export interface Waiter extends Rank {
  /** Millicores; -Infinity asks for none. */
  readonly cpu: number
  /** Bytes; -Infinity asks for none. */
  readonly memory: number
}

interface Block<Item extends Waiter> {
  readonly waiters: Item[]
  cpuMin: number
  memoryMin: number
}

/**
 * Waiters in line, with what each asks for: the first that a node with so much free could take is found without a look
 * at most of the others. Blocks in the order of the line know the least that anybody in them asks for.
 *
 * Finding is O(n / block) plus the blocks that look promising; joining and leaving O(block).
 */
export class WaitingRoom<Item extends Waiter> {
  readonly #blocks: Block<Item>[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  join(waiter: Item): void {
    this.#size += 1
    const place = this.#blockOf(waiter)
    const block = this.#blocks[place]
    if (block === undefined) {
      this.#blocks.push({ waiters: [waiter], cpuMin: waiter.cpu, memoryMin: waiter.memory })
      return
    }
    block.waiters.splice(positionOf(block.waiters, waiter), 0, waiter)
    block.cpuMin = Math.min(block.cpuMin, waiter.cpu)
    block.memoryMin = Math.min(block.memoryMin, waiter.memory)
    if (block.waiters.length > BLOCK_MAX) this.#split(place, block)
  }

  leave(waiter: Item): void {
    const place = this.#blockOf(waiter)
    const block = this.#blocks[place]
    const position = block === undefined ? -1 : positionOf(block.waiters, waiter)
    assert(block?.waiters[position] === waiter, 'somebody leaves the line who does not stand in it')
    this.#size -= 1
    block.waiters.splice(position, 1)
    if (block.waiters.length === 0) this.#blocks.splice(place, 1)
    else if (waiter.cpu === block.cpuMin || waiter.memory === block.memoryMin) measure(block)
  }

  /** The first who asks for no more than this, and is not to be left out; undefined without one. */
  first(cpu: number, memory: number, isLeftOut: (waiter: Item) => boolean): Item | undefined {
    for (const block of this.#blocks) {
      if (block.cpuMin > cpu || block.memoryMin > memory) continue
      for (const waiter of block.waiters) {
        if (waiter.cpu <= cpu && waiter.memory <= memory && !isLeftOut(waiter)) return waiter
      }
    }
    return undefined
  }

  /** Those at the front of the line, up to the first that does not belong. */
  leading(belongs: (waiter: Item) => boolean): Item[] {
    const leading: Item[] = []
    for (const { waiters } of this.#blocks) {
      for (const waiter of waiters) {
        if (!belongs(waiter)) return leading
        leading.push(waiter)
      }
    }
    return leading
  }

  /** The block in which the waiter stands, or would: the last that does not begin behind it. */
  #blockOf(waiter: Waiter): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >> 1
      const first = this.#blocks[middle]?.waiters[0]
      if (first !== undefined && goesBefore(waiter, first)) high = middle
      else low = middle + 1
    }
    return Math.max(0, low - 1)
  }

  #split(place: number, block: Block<Item>): void {
    const rest = { waiters: block.waiters.splice(BLOCK_MAX / 2), cpuMin: 0, memoryMin: 0 }
    measure(block)
    measure(rest)
    this.#blocks.splice(place + 1, 0, rest)
  }
}

/** Whether one stands in line before another. */
export function goesBefore(one: Rank, other: Rank): boolean {
  return one.priority === other.priority ? one.sequence < other.sequence : one.priority > other.priority
}

/** Where in the sorted list the waiter stands, or would. */
function positionOf(waiters: readonly Waiter[], waiter: Waiter): number {
  let low = 0
  let high = waiters.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = waiters[middle]
    if (other !== undefined && goesBefore(other, waiter)) low = middle + 1
    else high = middle
  }
  return low
}

function measure(block: Block<Waiter>): void {
  block.cpuMin = Infinity
  block.memoryMin = Infinity
  for (const { cpu, memory } of block.waiters) {
    block.cpuMin = Math.min(block.cpuMin, cpu)
    block.memoryMin = Math.min(block.memoryMin, memory)
  }
}
