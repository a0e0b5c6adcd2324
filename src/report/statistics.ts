import { mean, quantileSorted } from 'simple-statistics'

/** Numbers that describe a small set of values exactly. */
interface ExactStatistics {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly max: number
}

/**
 * Describes a set that is small enough to keep; undefined when it is empty.
 *
 * Quantiles are interpolated between the two nearest values (type 7 of Hyndman and Fan, as NumPy and R).
 */
export function exactStatistics(values: readonly number[]): ExactStatistics | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((one, other) => one - other)
  return {
    count: sorted.length,
    mean: mean(sorted),
    p50: quantileSorted(sorted, 0.5),
    p90: quantileSorted(sorted, 0.9),
    max: quantileSorted(sorted, 1),
  }
}
