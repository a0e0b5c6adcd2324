import { sfc32 } from '../base/sfc32.ts'

/** Nodes that the work is made for. */
export const WORK_NODE = { cpuMilli: 64_000, memoryGib: 256, pods: 110 } as const

/** Header of the rows that `workRow` makes. */
export const WORK_HEADER = 'arrival_s,duration_s,cpu_milli,mem_mib'

/** Smallest and largest request. */
const CPU_MILLI = [100, 8000] as const
const MEMORY_MIB = [256, 32_768] as const
const MEAN_DURATION_SECONDS = 600
/** Of the logarithm of durations. */
const SIGMA = 1
/** Share of the cluster's cpu that the pods ask for in the steady state. */
const UTILIZATION = 0.7
/** Parts the chance of shapes from that of pods. */
const SHAPES_SEED = 0x5ca1ab1e

/** How much work, and of what. */
export interface WorkOptions {
  readonly nodes: number
  readonly pods: number
  /** How many different sizes pods have; undefined: nearly every pod another one. */
  readonly shapes: number | undefined
  /** 32 bits. */
  readonly seed: number
}

/** One pod of the work; times are whole milliseconds. */
export interface WorkPod {
  arrivalMs: number
  durationMs: number
  cpuMilli: number
  memoryMib: number
}

interface Shape {
  readonly cpuMilli: number
  readonly memoryMib: number
}

/**
 * The work that simulators are measured on, pod by pod: requests log-uniform in 0.1 to 8 cpu and 0.25 to 32 GiB, Poisson
 * arrivals, lognormal durations (mean 600 s, sigma 1, at least 1 s), at a rate that asks for 70 % of the cpu of `nodes` nodes
 * of 64 cpu once as many pods end as arrive. Five numbers a pod, so that another count of shapes moves no time.
 *
 * Of `shapes`, each has a share of the distribution of cpu and of memory, put together by chance, and all are as likely.
 */
export class ReplayWork {
  readonly #options: WorkOptions
  readonly #uniform: () => number
  readonly #shapes: readonly Shape[] | undefined
  /** Pods that arrive a second, on average. */
  readonly podsPerSecond: number
  #seconds = 0
  #made = 0

  constructor(options: WorkOptions) {
    this.#options = options
    this.#uniform = sfc32(options.seed)
    this.#shapes = options.shapes === undefined ? undefined : shapesOf(options.shapes, options.seed)
    const cpuAsked = UTILIZATION * WORK_NODE.cpuMilli * options.nodes
    this.podsPerSecond = cpuAsked / (meanCpu(this.#shapes) * MEAN_DURATION_SECONDS)
  }

  /** Pods made so far. */
  get made(): number {
    return this.#made
  }

  /** Fills in the next pod; false after the last one. */
  next(pod: WorkPod): boolean {
    if (this.#made === this.#options.pods) return false
    this.#made += 1
    const uniform = this.#uniform
    this.#seconds += -Math.log(uniform()) / this.podsPerSecond
    const cpuDraw = uniform()
    const memoryDraw = uniform()
    const shape = this.#shapes?.[Math.floor(cpuDraw * this.#shapes.length)]
    pod.cpuMilli = shape?.cpuMilli ?? logUniform(CPU_MILLI, cpuDraw)
    pod.memoryMib = shape?.memoryMib ?? logUniform(MEMORY_MIB, memoryDraw)
    // Box and Muller's transform.
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    const mu = Math.log(MEAN_DURATION_SECONDS) - (SIGMA * SIGMA) / 2
    pod.arrivalMs = thousandths(this.#seconds)
    pod.durationMs = thousandths(Math.max(1, Math.exp(mu + SIGMA * normal)))
    return true
  }
}

/** A pod as a row of CSV, without the line's end. */
export function workRow(pod: WorkPod): string {
  const arrival = (pod.arrivalMs / 1000).toFixed(3)
  return `${arrival},${(pod.durationMs / 1000).toFixed(3)},${pod.cpuMilli},${pod.memoryMib}`
}

/** The number below which a share of a log-uniform distribution lies, as an integer. */
function logUniform([low, high]: readonly [number, number], share: number): number {
  const lowest = Math.log(low)
  return Math.round(Math.exp(lowest + (Math.log(high) - lowest) * share))
}

function meanCpu(shapes: readonly Shape[] | undefined): number {
  if (shapes !== undefined) return shapes.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0) / shapes.length
  const [low, high] = CPU_MILLI
  return (high - low) / (Math.log(high) - Math.log(low))
}

function shapesOf(count: number, seed: number): readonly Shape[] {
  const uniform = sfc32(seed ^ SHAPES_SEED)
  const order = Array.from({ length: count }, (_, index) => ({ index, draw: uniform() }))
  order.sort((one, other) => one.draw - other.draw || one.index - other.index)
  return order.map(({ index }, place) => ({
    cpuMilli: logUniform(CPU_MILLI, (place + 0.5) / count),
    memoryMib: logUniform(MEMORY_MIB, (index + 0.5) / count),
  }))
}

/** Thousandths of a number as `toFixed(3)` writes them, which is slow and asked only where the product may mislead. */
function thousandths(value: number): number {
  const product = value * 1000
  const below = Math.floor(product)
  const distance = product - below - 0.5
  if (Math.abs(distance) < 1e-4) return Math.round(Number(value.toFixed(3)) * 1000)
  return distance > 0 ? below + 1 : below
}
