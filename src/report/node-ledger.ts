import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import {
  ALLOCATABLE,
  NODES,
  NODES_IN_USE,
  NODES_READY,
  NODE_PRICES,
  READY_ALLOCATABLE,
  REQUESTED,
  USED_MEMORY,
  addAmounts,
} from './cluster-sums.ts'
import type { ResourceAmounts } from './cluster-sums.ts'
import { GpuDevices } from './gpu-devices.ts'
import type { NodeFacts } from './node-facts.ts'
import type { NodeCapacity } from './sources.ts'
import type { TimeIntegrals } from './time-integral.ts'

/**
 * What the report knows of one node and seldom changes; what changes with pods is asked of the ledger by row.
 */
export interface NodeRecord {
  readonly row: NodeRow
  readonly name: string
  /** Whether the Node object is there, and whether it counts as Ready. */
  isPresent: boolean
  isReady: boolean
  isUp: boolean
  capacity: NodeCapacity
  model: string
  /** An hour; 0 where nobody said. */
  price: number
  devices: GpuDevices | undefined
  /** Since when what the node offers is not yet in the integrals of it. */
  offeredSince: Micros
  /** Measured time that the Node object was there. */
  presentTime: Micros
  /** Integrals of what it offered in that time. */
  cpuOffered: number
  memoryOffered: number
  cpuPeakShare: number
  memoryPeakShare: number
  downSince: Micros | undefined
  downTime: Micros
  crashes: number
  evictions: number
}

/** Place of the requested cpu, in millicores, among the numbers of a node that change with its pods. */
export const NODE_CPU = 0
/** Place of the requested memory, in bytes. */
export const NODE_MEMORY = 1
/** Place of the requested thousandths of a GPU. */
export const NODE_GPU_MILLI = 2
/** Place of the number of bound, unfinished pods. */
export const NODE_PODS = 3
/** Place of the integral of requested cpu over the measured time. */
export const NODE_CPU_INTEGRAL = 4
/** Place of the integral of requested memory. */
export const NODE_MEMORY_INTEGRAL = 5
/** Place of the integral of memory in use. */
export const NODE_USED_MEMORY_INTEGRAL = 6
/** Place of the greatest number of pods in the measured time. */
export const NODE_PODS_PEAK = 7
/** Place of the number of pods that were ever bound to the node. */
export const NODE_PODS_PLACED = 8
/** Place of 1 when the node stands in the list of changed ones. */
const IS_CHANGED = 9
/** Greatest requests since the node's capacity changed last. */
const CPU_PEAK = 10
const MEMORY_PEAK = 11
/** Since when the requests stand. */
const SINCE = 12
const USED_MEMORY_NOW = 13
/** Numbers a node: two cache lines. */
const STRIDE = 16
const FIRST_CAPACITY = 64

/** What is stored of a node when the report first hears of it; no facts when it was deleted. */
interface NodeDescription {
  readonly name: string
  readonly facts: NodeFacts | undefined
}

const NOTHING: NodeCapacity = Object.freeze({ cpu: 0, memory: 0, pods: 0, gpuMilli: 0 })

/**
 * All nodes that ever were, by row: what they offer, what is asked of them, and its integrals over time.
 *
 * Keeps the cluster's sums of the same; every change is O(1). Integrals and peaks leave the warm-up out.
 */
export class NodeLedger {
  readonly #records: NodeRecord[] = []
  #numbers = new Float64Array(FIRST_CAPACITY * STRIDE)
  readonly #sums: TimeIntegrals
  readonly #warmUp: Micros
  readonly #describe: (row: NodeRow) => NodeDescription
  #changed: NodeRow[] = []
  #hasGpus = false
  #hasPrices = false

  constructor(
    sums: TimeIntegrals,
    options: { readonly warmUp: Micros; describe(row: NodeRow): NodeDescription },
  ) {
    this.#sums = sums
    this.#warmUp = options.warmUp
    this.#describe = (row) => options.describe(row)
  }

  /** Records in order of rows. */
  get records(): readonly NodeRecord[] {
    return this.#records
  }

  /** One of a node's numbers, by its place as named above. */
  number(row: NodeRow, place: number): number {
    return this.#numbers[row * STRIDE + place] ?? 0
  }

  /** Nodes of which something has changed since the last call, each once. */
  takeChanged(): readonly NodeRow[] {
    const changed = this.#changed
    this.#changed = []
    for (const row of changed) this.#numbers[row * STRIDE + IS_CHANGED] = 0
    return changed
  }

  /** Whether any node has had a GPU. */
  get hasGpus(): boolean {
    return this.#hasGpus
  }

  /** Whether any node has had a price. */
  get hasPrices(): boolean {
    return this.#hasPrices
  }

  /**
   * The record of a node, made when it is first heard of: by its Node object, or by a pod that is bound to it
   * in the same instant.
   */
  at(row: NodeRow): NodeRecord {
    while (this.#records.length <= row) {
      const next = this.#records.length as NodeRow
      const { name, facts } = this.#describe(next)
      this.#records.push(emptyRecord(next, name))
      if (this.#records.length * STRIDE > this.#numbers.length) this.#grow()
      this.setNode(next, facts)
    }
    const record = this.#records[row]
    assert(record !== undefined, 'a node row is negative')
    return record
  }

  /** Makes the records of all nodes that there are rows for. */
  catchUp(rowCount: number): void {
    if (rowCount > this.#records.length) this.at((rowCount - 1) as NodeRow)
  }

  /** The Node object came or changed: `node` is what it says now; undefined when it was deleted. */
  setNode(row: NodeRow, node: NodeFacts | undefined): void {
    const record = this.at(row)
    this.#touch(row)
    this.#settleOffer(record)
    this.#countNode(record, -1)
    record.isPresent = node !== undefined
    record.isReady = node?.isReady ?? false
    record.model = node?.model ?? record.model
    if (node?.price !== undefined) this.#hasPrices = true
    record.price = node?.price ?? 0
    if (node !== undefined && node.capacity.gpuMilli !== record.capacity.gpuMilli) {
      record.devices = new GpuDevices(node.capacity.gpuMilli)
      this.#hasGpus = true
    }
    record.capacity = node?.capacity ?? record.capacity
    this.#countNode(record, 1)
  }

  /** A pod is bound to the node (`sign` 1), or holds nothing of it any more (-1). */
  addPod(row: NodeRow, amounts: ResourceAmounts, sign: 1 | -1): void {
    if (row >= this.#records.length) this.at(row)
    this.#touch(row)
    const start = row * STRIDE
    this.#raise(start + NODE_CPU, sign * amounts.cpu)
    this.#raise(start + NODE_MEMORY, sign * amounts.memory)
    if (amounts.gpuMilli !== 0) this.#raise(start + NODE_GPU_MILLI, sign * amounts.gpuMilli)
    const pods = this.#raise(start + NODE_PODS, sign)
    if (sign === 1) this.#raise(start + NODE_PODS_PLACED, 1)
    if (pods === (sign === 1 ? 1 : 0)) this.#sums.add(NODES_IN_USE, sign)
    addAmounts(this.#sums, REQUESTED, amounts, sign)
  }

  /** The pods of the node use this much memory from now on, in bytes. */
  setUse(row: NodeRow, memory: number): void {
    if (row >= this.#records.length) this.at(row)
    this.#touch(row)
    const start = row * STRIDE
    this.#sums.add(USED_MEMORY, memory - (this.#numbers[start + USED_MEMORY_NOW] as number))
    this.#numbers[start + USED_MEMORY_NOW] = memory
  }

  /** The machine went down or came back; false when it was so already. */
  setUp(row: NodeRow, up: boolean): boolean {
    const record = this.at(row)
    if (record.isUp === up) return false
    record.isUp = up
    if (up) {
      record.downTime += this.#measuredSince(record.downSince ?? this.#sums.now)
      record.downSince = undefined
    } else {
      record.downSince = this.#sums.now
      record.crashes += 1
    }
    return true
  }

  /** Brings the integrals of all nodes up to the present instant. O(nodes), for the end of the run. */
  close(): void {
    for (const record of this.#records) {
      this.#touch(record.row)
      this.#settleOffer(record)
      if (record.downSince === undefined) continue
      record.downTime += this.#measuredSince(record.downSince)
      record.downSince = this.#sums.now
    }
  }

  #measuredSince(since: Micros): Micros {
    return Math.max(0, this.#sums.now - Math.max(since, this.#warmUp))
  }

  /** Adds what stood since the last change to the node's integrals and peaks; called before every change. */
  #touch(row: NodeRow): void {
    const numbers = this.#numbers
    const start = row * STRIDE
    if (numbers[start + IS_CHANGED] === 0) {
      numbers[start + IS_CHANGED] = 1
      this.#changed.push(row)
    }
    const { now } = this.#sums
    const since = numbers[start + SINCE] as number
    if (since === now) return
    numbers[start + SINCE] = now
    const span = now - (since < this.#warmUp ? this.#warmUp : since)
    if (span <= 0) return
    const cpu = numbers[start + NODE_CPU] as number
    const memory = numbers[start + NODE_MEMORY] as number
    const pods = numbers[start + NODE_PODS] as number
    this.#raise(start + NODE_CPU_INTEGRAL, cpu * span)
    this.#raise(start + NODE_MEMORY_INTEGRAL, memory * span)
    this.#raise(start + NODE_USED_MEMORY_INTEGRAL, (numbers[start + USED_MEMORY_NOW] as number) * span)
    if (cpu > (numbers[start + CPU_PEAK] as number)) numbers[start + CPU_PEAK] = cpu
    if (memory > (numbers[start + MEMORY_PEAK] as number)) numbers[start + MEMORY_PEAK] = memory
    if (pods > (numbers[start + NODE_PODS_PEAK] as number)) numbers[start + NODE_PODS_PEAK] = pods
  }

  /** Adds what the node offered since its object changed last; the peaks become shares of that. */
  #settleOffer(record: NodeRecord): void {
    const span = this.#measuredSince(record.offeredSince)
    record.offeredSince = this.#sums.now
    if (span === 0) return
    const { capacity } = record
    const start = record.row * STRIDE
    if (record.isPresent) {
      record.presentTime += span
      record.cpuOffered += capacity.cpu * span
      record.memoryOffered += capacity.memory * span
      const cpuShare = share(this.#numbers[start + CPU_PEAK] ?? 0, capacity.cpu)
      const memoryShare = share(this.#numbers[start + MEMORY_PEAK] ?? 0, capacity.memory)
      record.cpuPeakShare = Math.max(record.cpuPeakShare, cpuShare)
      record.memoryPeakShare = Math.max(record.memoryPeakShare, memoryShare)
    }
    this.#numbers[start + CPU_PEAK] = 0
    this.#numbers[start + MEMORY_PEAK] = 0
  }

  /** Adds to one number and returns it. */
  #raise(place: number, by: number): number {
    const value = (this.#numbers[place] as number) + by
    this.#numbers[place] = value
    return value
  }

  #grow(): void {
    const grown = new Float64Array(this.#numbers.length * 2)
    grown.set(this.#numbers)
    this.#numbers = grown
  }

  #countNode(record: NodeRecord, sign: 1 | -1): void {
    if (!record.isPresent) return
    this.#sums.add(NODES, sign)
    this.#sums.add(NODE_PRICES, sign * record.price)
    addAmounts(this.#sums, ALLOCATABLE, record.capacity, sign)
    if (!record.isReady) return
    this.#sums.add(NODES_READY, sign)
    addAmounts(this.#sums, READY_ALLOCATABLE, record.capacity, sign)
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function emptyRecord(row: NodeRow, name: string): NodeRecord {
  return {
    row,
    name,
    isPresent: false,
    isReady: false,
    isUp: true,
    capacity: NOTHING,
    model: '',
    price: 0,
    devices: undefined,
    offeredSince: 0,
    presentTime: 0,
    cpuOffered: 0,
    memoryOffered: 0,
    cpuPeakShare: 0,
    memoryPeakShare: 0,
    downSince: undefined,
    downTime: 0,
    crashes: 0,
    evictions: 0,
  }
}
