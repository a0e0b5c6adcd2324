/** A kind of pod that the workload asks for, and how much of the workload it is. */
export interface TypicalPod {
  /** Millicores. */
  readonly cpu: number
  /** Thousandths asked of each GPU; 0 without GPUs. */
  readonly gpuMilli: number
  readonly gpuCount: number
  /** GPU models that it accepts; empty accepts every one. */
  readonly models: readonly string[]
  /** Share of the typical pods, 0 to 1. */
  readonly weight: number
}

/** A kind of pod with the number seen. */
export interface DemandGroup extends Omit<TypicalPod, 'weight'> {
  readonly count: number
}

/** Share of the pods that the typical ones must cover. */
const COVERED_SHARE = 0.95

/**
 * The most frequent kinds of pods, as few as cover 95 % of all, with weights that sum to 1.
 *
 * Source: Weng et al., "Beware of Fragmentation", USENIX ATC '23, and its simulator's order among equal
 * counts: larger cpu, larger share of a GPU, more GPUs, then models, last ones first.
 */
export function typicalPods(groups: readonly DemandGroup[]): readonly TypicalPod[] {
  const sorted = groups.toSorted(byPopularity)
  const total = sorted.reduce((sum, group) => sum + group.count, 0)
  const kept: DemandGroup[] = []
  let covered = 0
  for (const group of sorted) {
    if (covered >= COVERED_SHARE * total) break
    kept.push(group)
    covered += group.count
  }
  return kept.map(({ cpu, gpuMilli, gpuCount, models, count }) => {
    return { cpu, gpuMilli, gpuCount, models, weight: count / total / (covered / total) }
  })
}

/** Groups of pods with those of one kind put together, in the order in which the kinds come first. */
export function demandGroups(parts: Iterable<DemandGroup>): readonly DemandGroup[] {
  const groups = new Map<string, DemandGroup>()
  for (const { cpu, gpuMilli, gpuCount, models, count } of parts) {
    const key = `${cpu}/${gpuMilli}/${gpuCount}/${models.join('|')}`
    groups.set(key, { cpu, gpuMilli, gpuCount, models, count: count + (groups.get(key)?.count ?? 0) })
  }
  return [...groups.values()]
}

/**
 * GPU fragmentation of nodes, against the typical pods of a workload.
 *
 * All that is free is lost on a pod that asks for no GPU, accepts other models only, or does not fit; a pod that fits
 * loses what is free on devices with too little for it. Source: Weng et al., USENIX ATC '23, section 3.
 */
export class GpuFragmentation {
  readonly #typical: readonly TypicalPod[]
  readonly #cpu: Float64Array
  readonly #weight: Float64Array
  readonly #count: Int32Array
  /** Place among the sizes of what each typical pod asks of a device; -1 of one that asks for no GPU. */
  readonly #sizeOf: Int32Array
  /** What typical pods ask of a device, each amount once. */
  readonly #sizes: Int32Array
  /** By size: devices of the node at hand that have as much free, and what is free on the others. */
  readonly #fitting: Int32Array
  readonly #tooSmall: Float64Array
  /** By model: which typical pods accept it. */
  readonly #accepting = new Map<string, Uint8Array>()

  constructor(typical: readonly TypicalPod[]) {
    this.#typical = typical
    this.#cpu = Float64Array.from(typical, (pod) => pod.cpu)
    this.#weight = Float64Array.from(typical, (pod) => pod.weight)
    this.#count = Int32Array.from(typical, (pod) => pod.gpuCount)
    const sizes = [...new Set(typical.filter(asksForGpus).map((pod) => pod.gpuMilli))]
    this.#sizes = Int32Array.from(sizes)
    this.#sizeOf = Int32Array.from(typical, (pod) => (asksForGpus(pod) ? sizes.indexOf(pod.gpuMilli) : -1))
    this.#fitting = new Int32Array(sizes.length)
    this.#tooSmall = new Float64Array(sizes.length)
  }

  /**
   * Thousandths of a node's free GPUs that a pod drawn from the typical ones is expected not to be able to use.
   *
   * `cpu` is free, in millicores, and `free` holds the thousandths free on each of `devices` devices. What is lost is summed
   * by the reason for which it is and then over the reasons, as the authors' simulator does it: a policy that compares sums
   * then sees two states as different where theirs does. O(sizes × devices + typical pods).
   */
  lost(cpu: number, free: ArrayLike<number>, devices: number, model: string): number {
    let total = 0
    for (let i = 0; i < devices; i++) total += free[i] as number
    if (total === 0) return 0
    this.#measure(free, devices)
    const accepting = this.#accepting.get(model) ?? this.#learn(model)
    let lacksBoth = 0
    let lacksGpu = 0
    let lacksCpu = 0
    let asksNone = 0
    let asksNoneLacksCpu = 0
    let otherModel = 0
    for (let k = 0; k < accepting.length; k++) {
      const size = this.#sizeOf[k] as number
      const weight = this.#weight[k] as number
      const hasCpu = cpu >= (this.#cpu[k] as number)
      if (size < 0) {
        if (hasCpu) asksNone += weight * total
        else asksNoneLacksCpu += weight * total
      } else if (accepting[k] === 0) otherModel += weight * total
      else if ((this.#fitting[size] as number) >= (this.#count[k] as number)) {
        if (hasCpu) lacksGpu += weight * (this.#tooSmall[size] as number)
        else lacksCpu += weight * total
      } else if (hasCpu) lacksGpu += weight * total
      else lacksBoth += weight * total
    }
    return lacksBoth + lacksGpu + lacksCpu + asksNone + asksNoneLacksCpu + otherModel
  }

  #measure(free: ArrayLike<number>, devices: number): void {
    for (let s = 0; s < this.#sizes.length; s++) {
      const size = this.#sizes[s] as number
      let fitting = 0
      let tooSmall = 0
      for (let i = 0; i < devices; i++) {
        const milli = free[i] as number
        if (milli >= size) fitting += 1
        else tooSmall += milli
      }
      this.#fitting[s] = fitting
      this.#tooSmall[s] = tooSmall
    }
  }

  #learn(model: string): Uint8Array {
    const accepts = ({ models }: TypicalPod): number =>
      models.length === 0 || models.includes(model) ? 1 : 0
    const accepting = Uint8Array.from(this.#typical, accepts)
    this.#accepting.set(model, accepting)
    return accepting
  }
}

function asksForGpus({ gpuCount, gpuMilli }: TypicalPod): boolean {
  return gpuCount > 0 && gpuMilli > 0
}

function byPopularity(one: DemandGroup, other: DemandGroup): number {
  return (
    other.count - one.count ||
    other.cpu - one.cpu ||
    other.gpuMilli - one.gpuMilli ||
    other.gpuCount - one.gpuCount ||
    byText(other.models.join('|'), one.models.join('|'))
  )
}

function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
