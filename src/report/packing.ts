import type { DemandProfile } from './demand-profile.ts'
import { fragmentedMilli } from './fragmentation.ts'
import { NODE_CPU, NODE_GPU_MILLI, NODE_MEMORY, NODE_PODS, NODE_VERSION } from './node-ledger.ts'
import type { NodeLedger, NodeRecord } from './node-ledger.ts'

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

/**
 * Measures stranded capacity and GPU fragmentation of the present state.
 *
 * Stranded (ours): the free amount of cpu on Ready nodes whose free memory is below the median memory request
 * of the pods seen so far, or which have no pod slot left; memory likewise. Fragmentation: Weng et al.,
 * USENIX ATC '23, against the typical pods seen so far. O(nodes), nothing when no node has changed since the
 * last sample; fragmentation is computed anew for changed nodes only.
 */
export class PackingMeter {
  readonly #nodes: NodeLedger
  readonly #demand: DemandProfile
  readonly #fragmented: number[] = []
  readonly #fragmentedAt: number[] = []
  #epoch = -1
  #changes = -1
  #last: PackingSample | undefined

  constructor(nodes: NodeLedger, demand: DemandProfile) {
    this.#nodes = nodes
    this.#demand = demand
  }

  sample(): PackingSample {
    if (this.#last !== undefined && this.#changes === this.#nodes.changes) return this.#last
    this.#changes = this.#nodes.changes
    this.#last = { ...this.#stranded(), ...this.#gpus() }
    return this.#last
  }

  #stranded(): Pick<PackingSample, 'strandedCpuShare' | 'strandedMemoryShare'> {
    const { medianCpu, medianMemory } = this.#demand
    let cpu = 0
    let memory = 0
    let allCpu = 0
    let allMemory = 0
    for (const node of this.#nodes.records) {
      if (!node.isPresent || !node.isReady) continue
      const freeCpu = Math.max(0, node.capacity.cpu - this.#nodes.number(node.row, NODE_CPU))
      const freeMemory = Math.max(0, node.capacity.memory - this.#nodes.number(node.row, NODE_MEMORY))
      const isFull = this.#nodes.number(node.row, NODE_PODS) >= node.capacity.pods
      allCpu += node.capacity.cpu
      allMemory += node.capacity.memory
      if (isFull || freeMemory < medianMemory) cpu += freeCpu
      if (isFull || freeCpu < medianCpu) memory += freeMemory
    }
    return {
      strandedCpuShare: allCpu === 0 ? 0 : cpu / allCpu,
      strandedMemoryShare: allMemory === 0 ? 0 : memory / allMemory,
    }
  }

  #gpus(): Pick<PackingSample, 'fragmentedGpuShare' | 'fragmentedFreeGpuShare'> {
    if (!this.#nodes.hasGpus) return { fragmentedGpuShare: undefined, fragmentedFreeGpuShare: undefined }
    let fragmented = 0
    let free = 0
    let all = 0
    for (const node of this.#nodes.records) {
      if (!node.isPresent || !node.isReady || node.devices === undefined) continue
      all += node.capacity.gpuMilli
      free += node.capacity.gpuMilli - this.#nodes.number(node.row, NODE_GPU_MILLI)
      fragmented += this.#fragmentedOn(node)
    }
    return {
      fragmentedGpuShare: all === 0 ? undefined : fragmented / all,
      fragmentedFreeGpuShare: free <= 0 ? undefined : fragmented / free,
    }
  }

  #fragmentedOn(node: NodeRecord): number {
    if (this.#epoch !== this.#demand.epoch) {
      this.#epoch = this.#demand.epoch
      this.#fragmentedAt.fill(-1)
    }
    const known = this.#fragmented[node.row]
    const version = this.#nodes.number(node.row, NODE_VERSION)
    if (known !== undefined && this.#fragmentedAt[node.row] === version) return known
    const milli = fragmentedMilli(
      {
        freeCpu: node.capacity.cpu - this.#nodes.number(node.row, NODE_CPU),
        freeMilli: node.devices?.free ?? [],
        model: node.model,
      },
      this.#demand.typical,
    )
    this.#fragmented[node.row] = milli
    this.#fragmentedAt[node.row] = version
    return milli
  }
}
