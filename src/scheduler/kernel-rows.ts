import { NO_NODE } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { NodeAmounts } from './node-amounts.ts'
import { SCAN_KERNEL } from './scan-kernel.generated.ts'

/** Largest allocatable amount for which `× 100` and the rounding of a division are exact in a double. */
export const KERNEL_AMOUNT_MAX = 2 ** 46

const PAGE_BYTES = 65_536
/** Bytes before the rows: the kernel's own variables. */
const ROWS_AT = 1024
/** Doubles of a node's row. */
const ROW_DOUBLES = 8
/** Single floats of four nodes, by which the pass takes them, and those that it needs where nodes and pods differ more. */
const QUAD_FLOATS = 12
const WIDE_FLOATS = 16
/** What is added to free percentages and to balances before they are cut: see `scan-kernel.as`. */
const FREE_SLACK = 2 ** -14
const BALANCE_SLACK = 2 ** -15
/** What stands for the free percentage of a node that takes no pod. */
const NO_ROOM = -4000
/** What stands for the total of other plugins where one rejects the node: more than all scores take off. */
const REJECTED = 2 ** 25
/** Sets of what other plugins give the nodes that are kept side by side. */
const SETS = 8
/** Bytes of four nodes: their rows, their floats, what other plugins give them, and the kernel's notes. */
const ROW_BYTES = 4 * 8 * ROW_DOUBLES
const QUAD_BYTES = 4 * (QUAD_FLOATS + WIDE_FLOATS)
const SET_BYTES = 4 * 4
const NOTE_BYTES = 32
const NOTES_END_BYTES = 256

/** What other plugins give each node: an integer, negative where one rejects it. */
export interface OtherScores {
  readonly total: Float64Array
  /** Changes when what stands there does. */
  readonly completeEpoch: number
}

/** What the kernel offers; see `scan-kernel.as`. */
export interface KernelExports {
  place(rows: number, quads: number, wide: number, notes: number): void
  ask(
    cpu: number,
    memory: number,
    scoredCpu: number,
    scoredMemory: number,
    freeWeight: number,
    balanceWeight: number,
  ): void
  run(
    others: number,
    count: number,
    start: number,
    limit: number,
    isPlain: boolean,
    areOthersEqual: boolean,
  ): number
  readonly found: WebAssembly.Global<'i32'>
  readonly evaluated: WebAssembly.Global<'i32'>
}

/** What stands in one of the sets of scores. */
class WrittenSet {
  readonly number: number
  scores: OtherScores | undefined
  epoch = -1
  areEqual = false

  constructor(number: number) {
    this.number = number
  }
}

let compiled: WebAssembly.Module | undefined

/**
 * The nodes as the kernel reads them: in the memory of a WebAssembly instance, in the order of the search, kept up to
 * date by each change once they were arranged. Laid out as `scan-kernel.as` says.
 */
export class KernelRows {
  #memory: WebAssembly.Memory | undefined
  #kernel: KernelExports | undefined
  /** The memory as doubles and as single floats. */
  #doubles = new Float64Array(0)
  #floats = new Float32Array(0)
  #order: Int32Array | undefined
  /** Positions of nodes in the order; `NO_NODE` without one. */
  #positions = new Int32Array(0)
  /** Indices of the first single floats of both kinds. */
  #quadsAt = 0
  #wideAt = 0
  /** The node that came first when nodes were arranged: how many of those arranged have other amounts than it had then. */
  #firstCpu = 0
  #firstMemory = 0
  #unlikeFirst = 0
  /** Nodes of those arranged on which pods count for more than they ask for. */
  #countedApart = 0
  readonly #sets = Array.from({ length: SETS }, (_, number) => new WrittenSet(number))
  #nextSet = 0
  /** The set that was asked for last. */
  #set = this.#sets[0] as WrittenSet
  readonly #odd = new Set<NodeIndex>()

  /** Nodes that have no cpu, no memory, or more than the kernel counts exactly: it does not apply then. */
  get oddNodes(): number {
    return this.#odd.size
  }

  /** Whether all nodes arranged have the same amounts, and pods on them count for what they ask for. */
  get isPlain(): boolean {
    return this.#unlikeFirst === 0 && this.#countedApart === 0
  }

  /** The allocatable amounts of a node changed. */
  allocate(node: NodeIndex, amounts: NodeAmounts): void {
    const cpu = amounts.allocatableCpu(node)
    const memory = amounts.allocatableMemory(node)
    const isOdd = !(cpu > 0 && memory > 0 && cpu <= KERNEL_AMOUNT_MAX && memory <= KERNEL_AMOUNT_MAX)
    if (isOdd) this.#odd.add(node)
    else this.#odd.delete(node)
    const position = this.positionOf(node)
    if (position === NO_NODE) return
    this.#unlikeFirst -= Number(this.#isUnlikeFirst(position))
    this.#put(node, amounts)
    this.count(node, amounts)
  }

  /** The node went: it does not keep the kernel from the others. */
  remove(node: NodeIndex): void {
    this.#odd.delete(node)
  }

  /** Pods joined or left the node. */
  count(node: NodeIndex, amounts: NodeAmounts): void {
    const position = this.positionOf(node)
    if (position === NO_NODE) return
    const cpu = amounts.allocatableCpu(node)
    const memory = amounts.allocatableMemory(node)
    const usedCpu = amounts.requestedCpu(node)
    const usedMemory = amounts.requestedMemory(node)
    const countedCpu = amounts.nonZeroCpu(node)
    const countedMemory = amounts.nonZeroMemory(node)
    const places = amounts.allocatablePods(node) - amounts.podCount(node)
    const balance = balanceOf(usedCpu, cpu, usedMemory, memory)
    const doubles = this.#doubles
    const row = ROWS_AT / 8 + position * ROW_DOUBLES
    const wasApart = doubles[row + 2] !== doubles[row + 4] || doubles[row + 3] !== doubles[row + 5]
    const isApart = usedCpu !== countedCpu || usedMemory !== countedMemory
    this.#countedApart += Number(isApart) - Number(wasApart)
    doubles[row + 2] = usedCpu
    doubles[row + 3] = usedMemory
    doubles[row + 4] = countedCpu
    doubles[row + 5] = countedMemory
    doubles[row + 6] = balance
    doubles[row + 7] = places
    const floats = this.#floats
    const quad = this.#quadCell(position)
    const cpuShare = 100 / cpu
    const memoryShare = 100 / memory
    const wide = this.#wideCell(position)
    floats[quad] = places >= 1 ? Math.max(0, (cpu - usedCpu) * cpuShare) + FREE_SLACK : NO_ROOM
    floats[quad + 4] = Math.max(0, (memory - usedMemory) * memoryShare) + FREE_SLACK
    floats[quad + 8] = 125 + BALANCE_SLACK - balance / 2
    floats[wide] = (cpu - countedCpu) * cpuShare + FREE_SLACK
    floats[wide + 4] = (memory - countedMemory) * memoryShare + FREE_SLACK
  }

  /** Lays the nodes out anew when the order is another one than last time; O(nodes) then. */
  arrange(order: Int32Array, amounts: NodeAmounts): KernelExports {
    if (this.#kernel !== undefined && this.#order === order) return this.#kernel
    const kernel = this.#kernelFor(order.length)
    this.#order = order
    this.#positions = new Int32Array(amounts.capacity).fill(NO_NODE)
    this.#quadsAt = (ROWS_AT + this.#quads * ROW_BYTES) / 4
    this.#wideAt = this.#quadsAt + this.#quads * QUAD_FLOATS
    kernel.place(ROWS_AT, this.#quadsAt * 4, this.#wideAt * 4, this.#notesAt)
    for (const set of this.#sets) set.scores = undefined
    this.#doubles.fill(0, ROWS_AT / 8, this.#quadsAt / 2)
    this.#unlikeFirst = 0
    this.#countedApart = 0
    const first = order[0] as NodeIndex | undefined
    if (first !== undefined) {
      this.#firstCpu = amounts.allocatableCpu(first)
      this.#firstMemory = amounts.allocatableMemory(first)
    }
    for (let position = 0; position < order.length; position++) {
      const node = order[position] as NodeIndex
      this.#positions[node] = position
      this.#put(node, amounts)
      this.count(node, amounts)
    }
    for (let position = order.length; position < this.#quads * 4; position++) {
      this.#floats[this.#quadCell(position)] = NO_ROOM
    }
    return kernel
  }

  /** Where the kernel finds what other plugins give the nodes, in bytes. */
  othersAt(scores: OtherScores): number {
    const set = this.#set.scores === scores ? this.#set : this.#setFor(scores)
    this.#set = set
    const at = ROWS_AT + this.#quads * (ROW_BYTES + QUAD_BYTES + SET_BYTES * set.number)
    if (set.scores === scores && set.epoch === scores.completeEpoch) return at
    set.scores = scores
    set.epoch = scores.completeEpoch
    set.areEqual = true
    const order = this.#order ?? []
    const floats = this.#floats
    for (let position = 0; position < order.length; position++) {
      const total = scores.total[order[position] as NodeIndex] as number
      floats[at / 4 + position] = total < 0 ? REJECTED : -total
      if (total < 0 || floats[at / 4 + position] !== floats[at / 4]) set.areEqual = false
    }
    // What all are given alike decides nothing.
    if (set.areEqual) floats.fill(-0, at / 4, at / 4 + order.length)
    return at
  }

  /** Whether other plugins give all nodes the same, of those scores that the kernel was told of last. */
  get areOthersEqual(): boolean {
    return this.#set.areEqual
  }

  /** The set that has the scores, or the one that makes room for them. */
  #setFor(scores: OtherScores): WrittenSet {
    const known = this.#sets.find((one) => one.scores === scores)
    if (known !== undefined) return known
    this.#nextSet = (this.#nextSet + 1) % SETS
    return this.#sets[this.#nextSet] as WrittenSet
  }

  /** Position of a node in the order that was arranged last; `NO_NODE` without one. */
  positionOf(node: NodeIndex): number {
    return node < this.#positions.length ? (this.#positions[node] as number) : NO_NODE
  }

  get #notesAt(): number {
    return ROWS_AT + this.#quads * (ROW_BYTES + QUAD_BYTES + SET_BYTES * SETS)
  }

  get #quads(): number {
    return ((this.#order?.length ?? 0) + 3) >> 2
  }

  /** Index of a node's first single float; its fields are four apart. */
  #quadCell(position: number): number {
    return this.#quadsAt + (position >> 2) * QUAD_FLOATS + (position & 3)
  }

  /** Index of the first of a node's other single floats. */
  #wideCell(position: number): number {
    return this.#wideAt + (position >> 2) * WIDE_FLOATS + (position & 3)
  }

  #isUnlikeFirst(position: number): boolean {
    const row = ROWS_AT / 8 + position * ROW_DOUBLES
    return this.#doubles[row] !== this.#firstCpu || this.#doubles[row + 1] !== this.#firstMemory
  }

  /** What does not change with pods. */
  #put(node: NodeIndex, amounts: NodeAmounts): void {
    const position = this.positionOf(node)
    const row = ROWS_AT / 8 + position * ROW_DOUBLES
    const wide = this.#wideCell(position)
    const cpu = amounts.allocatableCpu(node)
    const memory = amounts.allocatableMemory(node)
    this.#doubles[row] = cpu
    this.#doubles[row + 1] = memory
    this.#floats[wide + 8] = 100 / cpu
    this.#floats[wide + 12] = 100 / memory
    this.#unlikeFirst += Number(this.#isUnlikeFirst(position))
  }

  #kernelFor(nodeCount: number): KernelExports {
    const quads = (nodeCount >> 2) + 2
    const bytes = ROWS_AT + quads * (ROW_BYTES + QUAD_BYTES + SET_BYTES * SETS + NOTE_BYTES) + NOTES_END_BYTES
    const pages = Math.ceil(bytes / PAGE_BYTES)
    this.#memory ??= new WebAssembly.Memory({ initial: pages })
    this.#kernel ??= instantiate(this.#memory)
    const present = this.#memory.buffer.byteLength / PAGE_BYTES
    if (present < pages) this.#memory.grow(pages - present)
    const { buffer } = this.#memory
    if (this.#doubles.buffer !== buffer) {
      this.#doubles = new Float64Array(buffer)
      this.#floats = new Float32Array(buffer)
    }
    return this.#kernel
  }
}

function instantiate(memory: WebAssembly.Memory): KernelExports {
  compiled ??= new WebAssembly.Module(Buffer.from(SCAN_KERNEL, 'base64'))
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } })
  return exports as unknown as KernelExports
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
