import { NO_NODE } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { NodeAmounts } from './node-amounts.ts'
import { SCAN_KERNEL } from './scan-kernel.generated.ts'

/**
 * Largest allocatable amount that the pass takes: up to here a product with a reciprocal is off by less than the
 * distance of a quotient that is no integer from the next integer above it (see `scan-kernel.as`).
 */
const AMOUNT_MAX = 2 ** 42

const PAGE_BYTES = 65_536
/** Bytes before the rows: the kernel's own variables. */
const ROWS_AT = 1024
/** Bytes of a pair of nodes; doubles of it from one field to the next. */
const PAIR_BYTES = 192
const PAIR_DOUBLES = PAIR_BYTES / 8
/** Sets of what other plugins give the nodes that are kept side by side. */
const SETS = 8

/** What other plugins give each node: an integer, negative where one rejects it. */
export interface OtherScores {
  readonly total: Float64Array
  /** Changes when what stands there does. */
  readonly completeEpoch: number
}

/** What the kernel offers; see `scan-kernel.as`. */
export interface KernelExports {
  ask(
    cpu: number,
    memory: number,
    scoredCpu: number,
    scoredMemory: number,
    balancedCpu: number,
    balancedMemory: number,
    freeWeight: number,
    balanceWeight: number,
  ): void
  run(rows: number, others: number, notes: number, count: number, start: number, limit: number): number
  totals(rows: number, others: number, list: number, count: number): void
  readonly found: WebAssembly.Global<'i32'>
  readonly evaluated: WebAssembly.Global<'i32'>
}

interface WrittenSet {
  scores: OtherScores | undefined
  epoch: number
}

let compiled: WebAssembly.Module | undefined

/**
 * The nodes as the kernel reads them: in the memory of a WebAssembly instance, in the order of the search, kept up to
 * date by each change once they were arranged. Laid out as `scan-kernel.as` says.
 */
export class KernelRows {
  #memory: WebAssembly.Memory | undefined
  #kernel: KernelExports | undefined
  #cells = new Float64Array(0)
  /** The same memory as integers. */
  #integers = new Int32Array(0)
  #order: Int32Array | undefined
  /** Positions of nodes in the order; `NO_NODE` without one. */
  #positions = new Int32Array(0)
  readonly #sets: WrittenSet[] = Array.from({ length: SETS }, () => ({ scores: undefined, epoch: -1 }))
  #nextSet = 0
  readonly #odd = new Set<NodeIndex>()

  /** Nodes that have no cpu, no memory, or more than the kernel counts exactly: it does not apply then. */
  get oddNodes(): number {
    return this.#odd.size
  }

  /** The allocatable amounts of a node changed. */
  allocate(node: NodeIndex, amounts: NodeAmounts): void {
    const cpu = amounts.allocatableCpu(node)
    const memory = amounts.allocatableMemory(node)
    const isOdd = !(cpu > 0 && memory > 0 && cpu <= AMOUNT_MAX && memory <= AMOUNT_MAX)
    if (isOdd) this.#odd.add(node)
    else this.#odd.delete(node)
    if (this.positionOf(node) === NO_NODE) return
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
    const cells = this.#cells
    const at = cellOf(position)
    const cpu = amounts.allocatableCpu(node)
    const memory = amounts.allocatableMemory(node)
    const usedCpu = amounts.requestedCpu(node)
    const usedMemory = amounts.requestedMemory(node)
    const hasPlace = amounts.allocatablePods(node) - amounts.podCount(node) >= 1
    cells[at] = hasPlace ? cpu - usedCpu : Number.NaN
    cells[at + 2] = memory - usedMemory
    cells[at + 4] = cpu - amounts.nonZeroCpu(node)
    cells[at + 6] = memory - amounts.nonZeroMemory(node)
    cells[at + 12] = balanceOf(usedCpu, cpu, usedMemory, memory)
    cells[at + 20] = usedCpu
    cells[at + 22] = usedMemory
  }

  /** Lays the nodes out anew when the order is another one than last time; O(nodes) then. */
  arrange(order: Int32Array, amounts: NodeAmounts): KernelExports {
    const kernel = this.#kernelFor(order.length)
    if (this.#order === order) return kernel
    this.#order = order
    this.#positions = new Int32Array(amounts.capacity).fill(NO_NODE)
    for (const set of this.#sets) set.scores = undefined
    for (let position = 0; position < order.length; position++) {
      const node = order[position] as NodeIndex
      this.#positions[node] = position
      this.#put(node, amounts)
      this.count(node, amounts)
    }
    if (order.length % 2 === 1) this.#cells[cellOf(order.length)] = Number.NaN
    return kernel
  }

  /** Where the kernel finds the rows, what other plugins give the nodes, and room for its notes, in bytes. */
  get rowsAt(): number {
    return ROWS_AT
  }

  othersAt(scores: OtherScores): number {
    let set = this.#sets.findIndex((one) => one.scores === scores)
    if (set === -1) {
      set = this.#nextSet
      this.#nextSet = (set + 1) % SETS
    }
    const at = ROWS_AT + this.#pairs * (PAIR_BYTES + 16 * set)
    const written = this.#sets[set]
    if (written === undefined || (written.scores === scores && written.epoch === scores.completeEpoch))
      return at
    written.scores = scores
    written.epoch = scores.completeEpoch
    const order = this.#order ?? []
    for (let position = 0; position < order.length; position++) {
      this.#cells[at / 8 + position] = scores.total[order[position] as NodeIndex] as number
    }
    return at
  }

  /**
   * Where the kernel's `totals` reads positions and leaves totals, as integers, in the memory that `integers` shows: a node
   * takes two. The same room as the notes.
   */
  get listAt(): number {
    return this.notesAt / 4
  }

  get integers(): Int32Array {
    return this.#integers
  }

  /** Position of a node in the order that was arranged last; `NO_NODE` without one. */
  positionOf(node: NodeIndex): number {
    return node < this.#positions.length ? (this.#positions[node] as number) : NO_NODE
  }

  get notesAt(): number {
    return ROWS_AT + this.#pairs * (PAIR_BYTES + 16 * SETS)
  }

  get #pairs(): number {
    return ((this.#order?.length ?? 0) + 1) >> 1
  }

  /** What does not change with pods. */
  #put(node: NodeIndex, amounts: NodeAmounts): void {
    const at = cellOf(this.positionOf(node))
    const cpu = amounts.allocatableCpu(node)
    const memory = amounts.allocatableMemory(node)
    this.#cells[at + 8] = 100 / cpu
    this.#cells[at + 10] = 100 / memory
    this.#cells[at + 16] = cpu
    this.#cells[at + 18] = memory
  }

  #kernelFor(nodeCount: number): KernelExports {
    const pairs = (nodeCount >> 1) + 2
    const pages = Math.ceil((ROWS_AT + pairs * (PAIR_BYTES + 16 * SETS + 24)) / PAGE_BYTES)
    this.#memory ??= new WebAssembly.Memory({ initial: pages })
    this.#kernel ??= instantiate(this.#memory)
    const present = this.#memory.buffer.byteLength / PAGE_BYTES
    if (present < pages) this.#memory.grow(pages - present)
    if (this.#cells.buffer !== this.#memory.buffer) {
      this.#cells = new Float64Array(this.#memory.buffer)
      this.#integers = new Int32Array(this.#memory.buffer)
    }
    return this.#kernel
  }
}

function instantiate(memory: WebAssembly.Memory): KernelExports {
  compiled ??= new WebAssembly.Module(Buffer.from(SCAN_KERNEL, 'base64'))
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } })
  return exports as unknown as KernelExports
}

/** Index of a node's first cell; its fields are two cells apart. */
function cellOf(position: number): number {
  return ROWS_AT / 8 + (position >> 1) * PAIR_DOUBLES + (position & 1)
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
