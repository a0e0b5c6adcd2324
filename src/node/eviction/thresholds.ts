import { formatQuantity } from '../../api/quantity.ts'
import type { ParsedQuantity } from '../../api/quantity.ts'
import type { QuantityFormat } from '../../api/quantity-text.ts'
import type { Micros } from '../../base/time.ts'
import { resourceOf } from './signals.ts'
import type { EvictionSignal } from './signals.ts'

/** An amount, or a share of the capacity: from 0 to 1, of 32 bits as in the kubelet. */
export type ThresholdValue = { readonly quantity: ParsedQuantity } | { readonly percentage: number }

/** Evictions begin when less than `value` is left of what `signal` measures (kubelet v1.37, `evictionapi.Threshold`). */
export interface Threshold {
  readonly signal: EvictionSignal
  readonly value: ThresholdValue
  /** How long the signal has to be low; 0: a hard threshold. */
  readonly grace: Micros
  /** How much above `value` has to be left for evictions to end. */
  readonly minReclaim?: ThresholdValue
}

/** What a kubelet measured. */
export interface SignalObservation {
  /** Bytes, inodes or processes; may be below 0. */
  readonly available: number
  readonly capacity: number
  /** When it was measured; undefined where nobody knows, which counts as new. */
  readonly at: Micros | undefined
}

/** What a kubelet measured of each signal; without those that it cannot measure. */
export type Observations = ReadonlyMap<EvictionSignal, SignalObservation>

const NANO = 1_000_000_000

/** A threshold that evicts at once. */
export function isHard({ grace }: Threshold): boolean {
  return grace === 0
}

/**
 * The amount in the unit of `capacity`; that of a share is cut off.
 *
 * Source: kubelet v1.37, eviction/api/types.go `GetThresholdQuantity`.
 */
export function amountOf(value: ThresholdValue, capacity: number): number {
  if ('percentage' in value) return Math.trunc(capacity * value.percentage)
  return Number(value.quantity.nano) / NANO
}

/** The amount as messages write it. */
export function amountText(value: ThresholdValue, capacity: number): string {
  if ('quantity' in value) return formatQuantity(value.quantity)
  return numberText(amountOf(value, capacity), 'BinarySI')
}

/** A measured amount as messages write it: bytes in powers of two, all else in powers of ten. */
export function observedText(signal: EvictionSignal, amount: number): string {
  const resource = resourceOf(signal)
  const isBytes = resource === 'memory' || resource === 'ephemeral-storage'
  return numberText(amount, isBytes ? 'BinarySI' : 'DecimalSI')
}

/** Canonical text of a whole number. */
export function numberText(amount: number, format: QuantityFormat): string {
  return formatQuantity({ nano: BigInt(amount) * BigInt(NANO), format })
}

/**
 * The thresholds below which the observations are, whatever their grace; with `minReclaim` those that are not yet that
 * much above. Signals without an observation are met by nothing.
 *
 * Source: kubelet v1.37, eviction/helpers.go `thresholdsMet`.
 */
export function thresholdsMet(
  thresholds: readonly Threshold[],
  observations: Observations,
  withReclaim: boolean,
): Threshold[] {
  return thresholds.filter(({ signal, value, minReclaim }) => {
    const observed = observations.get(signal)
    if (observed === undefined) return false
    const reclaim = withReclaim && minReclaim !== undefined ? amountOf(minReclaim, observed.capacity) : 0
    return observed.available < amountOf(value, observed.capacity) + reclaim
  })
}

/**
 * Both lists, the second without what the first has: thresholds are the same up to their minimum reclaim.
 *
 * Source: kubelet v1.37, eviction/helpers.go `mergeThresholds`.
 */
export function mergeThresholds(one: readonly Threshold[], other: readonly Threshold[]): Threshold[] {
  return [...one, ...other.filter((threshold) => !one.some((present) => isSame(present, threshold)))]
}

function isSame(one: Threshold, other: Threshold): boolean {
  return one.signal === other.signal && one.grace === other.grace && isSameValue(one.value, other.value)
}

function isSameValue(one: ThresholdValue, other: ThresholdValue): boolean {
  if ('quantity' in one) return 'quantity' in other && one.quantity.nano === other.quantity.nano
  return 'percentage' in other && one.percentage === other.percentage
}
