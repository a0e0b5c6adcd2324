import {
  linearRegression,
  linearRegressionLine,
  mean,
  quantileSorted,
  rSquared,
  sampleStandardDeviation,
} from 'simple-statistics'

import { studentQuantile } from '../base/special-functions.ts'

/** Numbers that describe a small set of values exactly. */
export interface ExactStatistics {
  readonly count: number
  readonly mean: number
  readonly min: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
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
    min: quantileSorted(sorted, 0),
    p50: quantileSorted(sorted, 0.5),
    p90: quantileSorted(sorted, 0.9),
    p99: quantileSorted(sorted, 0.99),
    max: quantileSorted(sorted, 1),
  }
}

/** A power law `factor × x^exponent` through points. */
export interface PowerLaw {
  readonly exponent: number
  readonly factor: number
  /** Share of the variance of the logarithms that it explains. */
  readonly rSquared: number
}

/** The power law by least squares over the logarithms; undefined for fewer than two points. All numbers are above 0. */
export function powerLaw(points: readonly (readonly [x: number, y: number])[]): PowerLaw | undefined {
  if (points.length < 2) return undefined
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)])
  const line = linearRegression(logs)
  const share = rSquared(logs, linearRegressionLine(line))
  // Equal values have no variance to explain.
  return { exponent: line.m, factor: Math.exp(line.b), rSquared: Number.isNaN(share) ? 1 : share }
}

/** Slope of the straight line by least squares; undefined for fewer than two points. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number | undefined {
  return points.length < 2 ? undefined : linearRegression(points.map(([x, y]) => [x, y])).m
}

/** A mean of a sample, and how well it is known. */
export interface MeanInterval {
  readonly count: number
  readonly mean: number
  readonly min: number
  readonly max: number
  /** Of the sample, over its count less one; undefined for a single value. */
  readonly deviation: number | undefined
  /** Half the length of the 95 % confidence interval around the mean; undefined for a single value. */
  readonly halfWidth: number | undefined
}

/** Chance that a value is below the upper end of an interval of 95 %. */
const UPPER_SHARE = 0.975

/**
 * The mean of a sample with its confidence interval of 95 % by Student's t: in 95 of 100 such samples of independent runs it
 * holds the true mean, if runs are about normally distributed. Undefined for an empty sample.
 */
export function meanInterval(values: readonly number[]): MeanInterval | undefined {
  const [first] = values
  if (first === undefined) return undefined
  const count = values.length
  const [min, max] = [Math.min(...values), Math.max(...values)]
  // Rounding must not put the mean of equal values beside them.
  const isConstant = min === max
  const known = isConstant ? 0 : sampleStandardDeviation([...values])
  const deviation = count < 2 ? undefined : known
  return {
    count,
    mean: isConstant ? first : mean([...values]),
    min,
    max,
    deviation,
    halfWidth:
      deviation === undefined
        ? undefined
        : (studentQuantile(UPPER_SHARE, count - 1) * deviation) / Math.sqrt(count),
  }
}
