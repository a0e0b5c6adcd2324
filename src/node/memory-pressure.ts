import type { Micros } from '../base/time.ts'

/** An amount of memory: absolute, or a share (from 0 to 1) of the machine's. */
export type MemoryThreshold = { readonly bytes: number } | { readonly share: number }

/** When a node is short of memory: the settings of `memory.available` in a kubelet's configuration. */
export interface MemoryPressureOptions {
  /** `evictionHard`: pressure while less than this is available. */
  readonly hard: MemoryThreshold | undefined
  /** `evictionSoft`, how long it has to hold, and the longest grace period of pods. */
  readonly soft?: {
    readonly threshold: MemoryThreshold
    readonly grace: Micros
    readonly maxPodGrace: Micros
  }
  /** `evictionMinimumReclaim`: how much above the threshold must be available for evictions to end. */
  readonly minReclaim?: MemoryThreshold
  /** `evictionPressureTransitionPeriod`: how long the condition outlasts the signal. */
  readonly pressureTransition: Micros
}

/** The memory of a machine as the kubelet observes it, in bytes. */
export interface MemoryObservation {
  /** May be below 0: more is in use than there is. */
  readonly available: number
  readonly capacity: number
}

/** What follows from a look at the memory. */
export interface MemoryVerdict {
  /** Whether the node's condition MemoryPressure is True. */
  readonly hasPressure: boolean
  /** Whether a pod has to go, and by which threshold. */
  readonly evict: 'hard' | 'soft' | undefined
  /** The threshold to evict by, in bytes; 0 without one. */
  readonly threshold: number
  /** Whether another look is needed although nothing changes: for a grace or transition period to end. */
  readonly isSettled: boolean
}

/**
 * What the eviction manager of one kubelet remembers between its looks at the memory signal.
 *
 * Source: kubelet v1.37, eviction/eviction_manager.go `synchronize` and helpers.go `thresholdsMet`.
 */
export class MemoryPressure {
  readonly #options: MemoryPressureOptions
  /** Since when the soft threshold has been met; undefined while it is not. */
  #softSince: Micros | undefined
  /** When a threshold was last met. */
  #metAt: Micros = Number.NEGATIVE_INFINITY
  /** Thresholds that drove the last look's eviction: they hold until the minimum reclaim is there. */
  #wasHard = false
  #wasSoft = false

  constructor(options: MemoryPressureOptions) {
    this.#options = options
  }

  /** One look: remembers it, and says what follows. */
  look(now: Micros, memory: MemoryObservation): MemoryVerdict {
    const { hard, soft, minReclaim, pressureTransition } = this.#options
    const isHard = isBelow(memory, hard, this.#wasHard ? minReclaim : undefined)
    const isSoft = isBelow(memory, soft?.threshold, this.#wasSoft ? minReclaim : undefined)
    this.#softSince = isSoft ? (this.#softSince ?? now) : undefined
    const isSoftOver = soft !== undefined && isSoft && now - (this.#softSince ?? now) >= soft.grace
    if (isHard || isSoft) this.#metAt = now
    const hasPressure = now - this.#metAt < pressureTransition
    this.#wasHard = isHard
    this.#wasSoft = isSoftOver
    const evict = isHard ? 'hard' : isSoftOver ? 'soft' : undefined
    const threshold = bytesOf(isHard ? hard : soft?.threshold, memory.capacity)
    return {
      hasPressure,
      evict,
      threshold: evict === undefined ? 0 : threshold,
      isSettled: !hasPressure && !isSoft && evict === undefined,
    }
  }
}

/** Bytes below which any threshold is met on a machine with this capacity. */
export function highestThreshold({ hard, soft }: MemoryPressureOptions, capacity: number): number {
  return Math.max(bytesOf(hard, capacity), bytesOf(soft?.threshold, capacity))
}

function isBelow(
  { available, capacity }: MemoryObservation,
  threshold: MemoryThreshold | undefined,
  reclaim: MemoryThreshold | undefined,
): boolean {
  if (threshold === undefined) return false
  return available < bytesOf(threshold, capacity) + bytesOf(reclaim, capacity)
}

/** Shares are kept in 32 bits and the product is cut off, as upstream does. */
function bytesOf(threshold: MemoryThreshold | undefined, capacity: number): number {
  if (threshold === undefined) return 0
  return 'bytes' in threshold ? threshold.bytes : Math.trunc(capacity * Math.fround(threshold.share))
}
