import type { TemplateInfo } from '../cluster/template-registry.ts'
import { demandGroups, typicalPods } from '../api/gpu-fragmentation.ts'
import type { DemandGroup, TypicalPod } from '../api/gpu-fragmentation.ts'
import { gpuRequestOf } from '../api/gpu-request.ts'
import type { GpuRequest } from '../api/gpu-request.ts'
import { QuantileSketch } from './quantile-sketch.ts'

/** How much the workload must have grown until its typical pods are taken anew. */
const GROWTH = 1.1

interface TemplateDemand {
  readonly gpu: GpuRequest
  /** Pods seen by their cpu request. */
  readonly byCpu: Map<number, number>
}

/** The median of values that come one by one; found anew only when one has come since. */
class RunningMedian {
  readonly #values = new QuantileSketch()
  #found = 0
  #foundAt = 0

  add(value: number): void {
    this.#values.add(value)
  }

  /** To 1 %; 0 before the first value. */
  get median(): number {
    if (this.#foundAt === this.#values.count) return this.#found
    this.#foundAt = this.#values.count
    this.#found = this.#values.quantile(0.5) ?? 0
    return this.#found
  }
}

/**
 * What the pods of the workload so far asked for: medians for stranded capacity, kinds of pods for GPU
 * fragmentation.
 *
 * Taking a pod is O(1); the kinds are put in order only when somebody asks for them.
 */
export class DemandProfile {
  readonly #cpu = new RunningMedian()
  readonly #memory = new RunningMedian()
  readonly #demands: (TemplateDemand | undefined)[] = []
  #typical: readonly TypicalPod[] = []
  #takenAt = 0
  #kindsSeen = 0
  /** Changes when what the fragmentation is measured against does. */
  #epoch = 0

  /** Counts a pod that was created; among the kinds of pods only if asked to: that costs more. */
  add(
    info: TemplateInfo,
    size: { readonly cpu: number; readonly memory: number },
    countsKind: boolean,
  ): void {
    const { cpu, memory } = size
    this.#cpu.add(cpu)
    this.#memory.add(memory)
    if (!countsKind) return
    this.#kindsSeen += 1
    const demand = this.#demands[info.id] ?? this.#newDemand(info)
    demand.byCpu.set(cpu, (demand.byCpu.get(cpu) ?? 0) + 1)
  }

  /** GPUs that a pod of this template asks for. */
  gpuOf(info: TemplateInfo): GpuRequest {
    return (this.#demands[info.id] ?? this.#newDemand(info)).gpu
  }

  /** Median cpu request of all pods so far, in millicores, to 1 %; 0 before the first. */
  get medianCpu(): number {
    return this.#cpu.median
  }

  /** Median memory request of all pods so far, in bytes, to 1 %; 0 before the first. */
  get medianMemory(): number {
    return this.#memory.median
  }

  /** Number of the present typical pods: equal numbers mean equal lists. */
  get epoch(): number {
    this.#refresh()
    return this.#epoch
  }

  /** Typical pods of the workload, taken anew whenever it has grown by a tenth. */
  get typical(): readonly TypicalPod[] {
    this.#refresh()
    return this.#typical
  }

  #refresh(): void {
    if (this.#kindsSeen === 0 || this.#kindsSeen < this.#takenAt * GROWTH) return
    this.#takenAt = this.#kindsSeen
    this.#epoch += 1
    this.#typical = typicalPods(this.#groups())
  }

  /** Pods by what they ask for, over all templates. */
  #groups(): readonly DemandGroup[] {
    const parts = this.#demands.flatMap((demand): DemandGroup[] => {
      if (demand === undefined) return []
      const { count: gpuCount, milli: gpuMilli, models } = demand.gpu
      return [...demand.byCpu].map(([cpu, count]) => ({ cpu, gpuMilli, gpuCount, models, count }))
    })
    return demandGroups(parts)
  }

  #newDemand(info: TemplateInfo): TemplateDemand {
    const demand = {
      gpu: gpuRequestOf(info.template, info.requests.scalars),
      byCpu: new Map<number, number>(),
    }
    this.#demands[info.id] = demand
    return demand
  }
}
