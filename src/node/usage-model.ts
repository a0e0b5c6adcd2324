import type { RandomStream } from '../base/random.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import type { PodRow } from '../cluster/rows.ts'

/** How much of their requests containers really use. */
export interface UsageOptions {
  /** Peak memory over request, drawn for each start of a pod whose trace does not say it; 0.8 by default. */
  readonly memoryFactor: (stream: RandomStream) => number
  /**
   * Share of the peak, from 0 to 1, that a container uses from its start until its rise; 1 by default: no
   * rise.
   */
  readonly initialShare: number
}

const DEFAULTS: UsageOptions = { memoryFactor: () => 0.8, initialShare: 1 }

/** What one run of a container will use of memory: two levels, with the rise at a point of its run. */
export interface MemoryUse {
  /** Bytes at the start. */
  readonly initial: number
  /** Bytes from the rise on. */
  readonly peak: number
  /** Point of the run at which memory rises, from 0 (start) to 1 (end). */
  readonly riseAt: number
}

/** Draws what containers really use; streams of its own, at most one draw of each a start. */
export class UsageModel {
  readonly #pods: PodStore
  readonly #options: UsageOptions
  readonly #factors: RandomStream
  readonly #rises: RandomStream
  readonly #use = { initial: 0, peak: 0, riseAt: 0 }

  constructor(
    pods: PodStore,
    options: Partial<UsageOptions>,
    streams: { readonly factors: RandomStream; readonly rises: RandomStream },
  ) {
    this.#pods = pods
    this.#options = { ...DEFAULTS, ...options }
    this.#factors = streams.factors
    this.#rises = streams.rises
  }

  /** Bytes that one run of a container uses at most that asks for so many, and that nobody said anything about. */
  peakOf(request: number): number {
    return Math.max(0, Math.round(request * this.#options.memoryFactor(this.#factors)))
  }

  /** The use of a pod that starts now; the same object is refilled for the next. */
  draw(row: PodRow): MemoryUse {
    const { table } = this.#pods
    const known = table.usedMemory(row)
    const use = this.#use
    const peak = known >= 0 ? known : table.memory(row) * this.#options.memoryFactor(this.#factors)
    use.peak = Math.max(0, Math.round(peak))
    use.initial = Math.round(use.peak * this.#options.initialShare)
    use.riseAt = use.initial === use.peak ? 0 : this.#rises.uniform()
    return use
  }
}
