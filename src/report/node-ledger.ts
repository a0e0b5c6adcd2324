import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import {
  ALLOCATABLE,
  NODES,
  NODES_IN_USE,
  NODES_READY,
  READY_ALLOCATABLE,
  REQUESTED,
  USED_CPU,
  USED_MEMORY,
  addAmounts,
} from './cluster-sums.ts'
import type { ResourceAmounts } from './cluster-sums.ts'
import { GpuDevices } from './gpu-devices.ts'
import type { NodeFacts } from './node-facts.ts'
import type { NodeCapacity } from './sources.ts'
import type { TimeIntegrals } from './time-integral.ts'

/** What the report knows of one node. Amounts in millicores, bytes, pods and thousandths of a GPU. */
export interface NodeRecord {
  readonly row: NodeRow
  readonly name: string
  /** Whether the Node object is there, and whether it counts as Ready. */
  isPresent: boolean
  isReady: boolean
  isUp: boolean
  capacity: NodeCapacity
  model: string
  devices: GpuDevices | undefined
  cpuRequested: number
  memoryRequested: number
  gpuRequested: number
  podCount: number
  usedMemory: number
  usedCpu: number
  /** Changes with every change above but the use: a measure of the node is good while it is equal. */
  version: number
  /** Since when the values above stand, for the integrals. */
  since: Micros
  /** Measured time that the Node object was there. */
  presentTime: Micros
  cpuIntegral: number
  memoryIntegral: number
  usedMemoryIntegral: number
  /** Integrals of what it offers while the Node object was there. */
  cpuOffered: number
  memoryOffered: number
  cpuPeakShare: number
  memoryPeakShare: number
  podsPlaced: number
  podsPeak: number
  downSince: Micros | undefined
  downTime: Micros
  crashes: number
  evictions: number
}

/** What is stored of a node when the report first hears of it; no facts when it was deleted. */
export interface NodeDescription {
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
  readonly #sums: TimeIntegrals
  readonly #warmUp: Micros
  readonly #describe: (row: NodeRow) => NodeDescription
  #changes = 0
  #hasGpus = false

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

  /** Grows with every change of what any node offers or is asked for. */
  get changes(): number {
    return this.#changes
  }

  /** Whether any node has had a GPU. */
  get hasGpus(): boolean {
    return this.#hasGpus
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
      this.setNode(next, facts)
    }
    const record = this.#records[row]
    assert(record !== undefined, `no node has row ${row}`)
    return record
  }

  /** The Node object came or changed: `node` is what it says now; undefined when it was deleted. */
  setNode(row: NodeRow, node: NodeFacts | undefined): void {
    const record = this.at(row)
    this.#touch(record)
    this.#countNode(record, -1)
    record.isPresent = node !== undefined
    record.isReady = node?.isReady ?? false
    record.model = node?.model ?? record.model
    if (node !== undefined && node.capacity.gpuMilli !== record.capacity.gpuMilli) {
      record.devices = new GpuDevices(node.capacity.gpuMilli)
      this.#hasGpus = true
    }
    record.capacity = node?.capacity ?? record.capacity
    this.#countNode(record, 1)
  }

  /** A pod is bound to the node (`sign` 1), or holds nothing of it any more (-1). */
  addPod(row: NodeRow, amounts: ResourceAmounts, sign: 1 | -1): NodeRecord {
    const record = this.at(row)
    this.#touch(record)
    record.cpuRequested += sign * amounts.cpu
    record.memoryRequested += sign * amounts.memory
    record.gpuRequested += sign * amounts.gpuMilli
    record.podCount += sign
    if (sign === 1) record.podsPlaced += 1
    if (record.podCount === (sign === 1 ? 1 : 0)) this.#sums.add(NODES_IN_USE, sign)
    addAmounts(this.#sums, REQUESTED, amounts, sign)
    return record
  }

  /** What runs on the node uses this much from now on, in bytes and millicores. */
  setUse(row: NodeRow, use: { readonly memory: number; readonly cpu: number }): void {
    const record = this.at(row)
    this.#touch(record)
    this.#sums.add(USED_MEMORY, use.memory - record.usedMemory)
    this.#sums.add(USED_CPU, use.cpu - record.usedCpu)
    record.usedMemory = use.memory
    record.usedCpu = use.cpu
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
      this.#touch(record)
      if (record.downSince === undefined) continue
      record.downTime += this.#measuredSince(record.downSince)
      record.downSince = this.#sums.now
    }
  }

  #measuredSince(since: Micros): Micros {
    return Math.max(0, this.#sums.now - Math.max(since, this.#warmUp))
  }

  /** Adds what stood since the last change to the integrals; called before every change. */
  #touch(record: NodeRecord): void {
    this.#changes += 1
    record.version += 1
    const span = this.#measuredSince(record.since)
    record.since = this.#sums.now
    if (span === 0) return
    const { capacity } = record
    record.cpuIntegral += record.cpuRequested * span
    record.memoryIntegral += record.memoryRequested * span
    record.usedMemoryIntegral += record.usedMemory * span
    if (record.podCount > record.podsPeak) record.podsPeak = record.podCount
    if (!record.isPresent) return
    record.presentTime += span
    record.cpuOffered += capacity.cpu * span
    record.memoryOffered += capacity.memory * span
    record.cpuPeakShare = Math.max(record.cpuPeakShare, share(record.cpuRequested, capacity.cpu))
    record.memoryPeakShare = Math.max(record.memoryPeakShare, share(record.memoryRequested, capacity.memory))
  }

  #countNode(record: NodeRecord, sign: 1 | -1): void {
    if (!record.isPresent) return
    this.#sums.add(NODES, sign)
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
    devices: undefined,
    cpuRequested: 0,
    memoryRequested: 0,
    gpuRequested: 0,
    podCount: 0,
    usedMemory: 0,
    usedCpu: 0,
    version: 0,
    since: 0,
    presentTime: 0,
    cpuIntegral: 0,
    memoryIntegral: 0,
    usedMemoryIntegral: 0,
    cpuOffered: 0,
    memoryOffered: 0,
    cpuPeakShare: 0,
    memoryPeakShare: 0,
    podsPlaced: 0,
    podsPeak: 0,
    downSince: undefined,
    downTime: 0,
    crashes: 0,
    evictions: 0,
  }
}
