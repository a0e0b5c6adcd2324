import type { NodeRow } from '../cluster/rows.ts'
import type { DemandProfile } from './demand-profile.ts'
import { GpuFragmentation } from '../api/gpu-fragmentation.ts'
import type { TypicalPod } from '../api/gpu-fragmentation.ts'
import type { GpuDevices } from './gpu-devices.ts'
import { NODE_CPU, NODE_GPU_MILLI, NODE_MEMORY, NODE_PODS } from './node-ledger.ts'
import type { NodeLedger, NodeRecord } from './node-ledger.ts'
import type { NodeCapacity } from './sources.ts'

/** What of the free capacity of the Ready nodes is of little use, at one instant. */
export interface PackingSample {
  /** Free cpu on nodes that lack memory or pod slots for the median pod, as a share of allocatable. */
  readonly strandedCpuShare: number
  /** Free memory on nodes that lack cpu or pod slots for the median pod, as a share of allocatable. */
  readonly strandedMemoryShare: number
  /**
   * Free GPU capacity that a pod of the workload is expected not to be able to use, as a share of all GPUs.
   */
  readonly fragmentedGpuShare: number | undefined
  /** The same as a share of the free GPU capacity; undefined when none is free. */
  readonly fragmentedFreeGpuShare: number | undefined
}

/** Places of what one node adds to each sum. */
const ALL_CPU = 0
const ALL_MEMORY = 1
const STRANDED_CPU = 2
const STRANDED_MEMORY = 3
const ALL_GPU = 4
const FREE_GPU = 5
const FRAGMENTED_GPU = 6
const SUM_COUNT = 7

/**
 * Measures stranded capacity and GPU fragmentation of the present state.
 *
 * Stranded (ours): the free amount of cpu on Ready nodes whose free memory is below the median memory request
 * of the pods seen so far, or which have no pod slot left; memory likewise. Fragmentation: Weng et al.,
 * USENIX ATC '23, against the typical pods seen so far. O(nodes changed since the last sample); all nodes only
 * when a median or the typical pods have changed.
 */
export class PackingMeter {
  readonly #nodes: NodeLedger
  readonly #demand: DemandProfile
  /** What each node adds to the sums, by row. */
  #parts = new Float64Array(0)
  readonly #sums = new Float64Array(SUM_COUNT)
  /** What an idle node of a capacity and a model has that is of no use to the pods of `#measuring`. */
  readonly #idle = new Map<NodeCapacity, Map<string, number>>()
  #measuring: readonly TypicalPod[] = []
  #fragmentation = new GpuFragmentation([])
  #measuredAgainst = { medianCpu: -1, medianMemory: -1, epoch: -1 }

  constructor(nodes: NodeLedger, demand: DemandProfile) {
    this.#nodes = nodes
    this.#demand = demand
  }

  sample(): PackingSample {
    this.#update()
    const sums = this.#sums
    const all = sums[ALL_GPU] ?? 0
    const free = sums[FREE_GPU] ?? 0
    const fragmented = sums[FRAGMENTED_GPU] ?? 0
    return {
      strandedCpuShare: share(sums[STRANDED_CPU] ?? 0, sums[ALL_CPU] ?? 0),
      strandedMemoryShare: share(sums[STRANDED_MEMORY] ?? 0, sums[ALL_MEMORY] ?? 0),
      fragmentedGpuShare: all === 0 ? undefined : fragmented / all,
      fragmentedFreeGpuShare: free <= 0 ? undefined : fragmented / free,
    }
  }

  #update(): void {
    const { medianCpu, medianMemory } = this.#demand
    const epoch = this.#nodes.hasGpus ? this.#demand.epoch : 0
    const { records } = this.#nodes
    if (records.length * SUM_COUNT > this.#parts.length) this.#grow(records.length * 2)
    const last = this.#measuredAgainst
    this.#measuredAgainst = { medianCpu, medianMemory, epoch }
    const hasNewMedians = last.medianCpu !== medianCpu || last.medianMemory !== medianMemory
    const hasNewTypicalPods = last.epoch !== epoch
    for (const row of this.#nodes.takeChanged()) {
      const node = this.#nodes.at(row)
      if (!hasNewMedians) this.#measureStranded(node)
      if (!hasNewTypicalPods) this.#measureGpus(node)
    }
    if (hasNewMedians) for (const node of records) this.#measureStranded(node)
    if (hasNewTypicalPods) for (const node of records) this.#measureGpus(node)
  }

  #measureStranded(node: NodeRecord): void {
    const { medianCpu, medianMemory } = this.#measuredAgainst
    const { capacity, row } = node
    const counts = node.isPresent && node.isReady
    const freeCpu = Math.max(0, capacity.cpu - this.#nodes.number(row, NODE_CPU))
    const freeMemory = Math.max(0, capacity.memory - this.#nodes.number(row, NODE_MEMORY))
    const isFull = this.#nodes.number(row, NODE_PODS) >= capacity.pods
    this.#put(row, ALL_CPU, counts ? capacity.cpu : 0)
    this.#put(row, ALL_MEMORY, counts ? capacity.memory : 0)
    this.#put(row, STRANDED_CPU, counts && (isFull || freeMemory < medianMemory) ? freeCpu : 0)
    this.#put(row, STRANDED_MEMORY, counts && (isFull || freeCpu < medianCpu) ? freeMemory : 0)
  }

  #measureGpus(node: NodeRecord): void {
    const { capacity, devices, row } = node
    if (devices === undefined) return
    const counts = node.isPresent && node.isReady
    this.#put(row, ALL_GPU, counts ? capacity.gpuMilli : 0)
    this.#put(row, FREE_GPU, counts ? capacity.gpuMilli - this.#nodes.number(row, NODE_GPU_MILLI) : 0)
    this.#replace(row * SUM_COUNT + FRAGMENTED_GPU, counts ? this.#fragmentedOn(node, devices) : 0)
  }

  #fragmentedOn({ capacity, model, row }: NodeRecord, devices: GpuDevices): number {
    const cpu = this.#nodes.number(row, NODE_CPU)
    const { typical } = this.#demand
    if (this.#measuring !== typical) {
      this.#measuring = typical
      this.#fragmentation = new GpuFragmentation(typical)
      this.#idle.clear()
    }
    const measure = (): number =>
      this.#fragmentation.lost(capacity.cpu - cpu, devices.free, devices.free.length, model)
    if (cpu !== 0 || !devices.isIdle) return measure()
    let byModel = this.#idle.get(capacity)
    if (byModel === undefined) {
      byModel = new Map()
      this.#idle.set(capacity, byModel)
    }
    let fragmented = byModel.get(model)
    if (fragmented === undefined) {
      fragmented = measure()
      byModel.set(model, fragmented)
    }
    return fragmented
  }

  /** Puts what the node adds to a sum of whole amounts now in the place of what it added before. */
  #put(row: NodeRow, sum: number, value: number): void {
    const place = row * SUM_COUNT + sum
    if (this.#parts[place] !== value) this.#replace(place, value)
  }

  #replace(place: number, value: number): void {
    const sum = place % SUM_COUNT
    this.#sums[sum] = (this.#sums[sum] ?? 0) + value - (this.#parts[place] ?? 0)
    this.#parts[place] = value
  }

  #grow(nodeCount: number): void {
    const grown = new Float64Array(nodeCount * SUM_COUNT)
    grown.set(this.#parts)
    this.#parts = grown
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
