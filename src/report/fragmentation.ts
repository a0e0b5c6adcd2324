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
 * counts: larger cpu, larger share of a GPU, more GPUs, then models.
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
    return { cpu, gpuMilli, gpuCount, models, weight: count / covered }
  })
}

/** What is free on a node with GPUs. */
interface GpuNodeState {
  /** Millicores. */
  readonly freeCpu: number
  /** Thousandths free on each device. */
  readonly freeMilli: ArrayLike<number>
  readonly model: string
}

/**
 * Thousandths of a node's free GPUs that a pod drawn from the workload is expected not to be able to use.
 *
 * All that is free is lost on a pod that asks for no GPU, accepts other models only, or does not fit; a pod
 * that fits loses what is free on devices with too little for it. Source: Weng et al., USENIX ATC '23,
 * section 3.
 */
export function fragmentedMilli(node: GpuNodeState, typical: readonly TypicalPod[]): number {
  let free = 0
  for (let i = 0; i < node.freeMilli.length; i++) free += node.freeMilli[i] ?? 0
  if (free === 0) return 0
  let expected = 0
  for (const pod of typical) expected += pod.weight * lostTo(pod, node, free)
  return expected
}

function lostTo(pod: TypicalPod, node: GpuNodeState, free: number): number {
  if (pod.gpuCount === 0 || node.freeCpu < pod.cpu) return free
  if (pod.models.length > 0 && !pod.models.includes(node.model)) return free
  let devices = 0
  let tooSmall = 0
  for (let i = 0; i < node.freeMilli.length; i++) {
    const milli = node.freeMilli[i] ?? 0
    if (milli >= pod.gpuMilli) devices += 1
    else tooSmall += milli
  }
  return devices >= pod.gpuCount ? tooSmall : free
}

function byPopularity(one: DemandGroup, other: DemandGroup): number {
  return (
    other.count - one.count ||
    other.cpu - one.cpu ||
    other.gpuMilli - one.gpuMilli ||
    other.gpuCount - one.gpuCount ||
    byText(one.models.join('|'), other.models.join('|'))
  )
}

function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
