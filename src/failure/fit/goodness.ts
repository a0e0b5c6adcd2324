import type { FittedFamily } from './families.ts'

/** How well a distribution fits a sample. */
export interface Goodness {
  readonly negativeLogLikelihood: number
  /** Akaike's criterion: twice that and twice the number of parameters; the smallest is the best. */
  readonly aic: number
  /** Kolmogorov and Smirnov's distance: the largest between the shares below any value, from 0 to 1. */
  readonly distance: number
  /**
   * Chance of such a distance or a larger one, were the sample drawn from the distribution. Too high by far where the parameters
   * were fitted to the same sample: a small one rejects, a large one proves nothing.
   */
  readonly distanceProbability: number
  /** Anderson and Darling's A², which weighs the tails. */
  readonly andersonDarling: number
}

/** Measures a distribution against a sample in ascending order. */
export function goodnessOf(family: FittedFamily, sorted: readonly number[]): Goodness {
  const count = sorted.length
  let logLikelihood = 0
  let distance = 0
  let weighted = 0
  sorted.forEach((value, index) => {
    const below = family.below(value)
    logLikelihood += family.logDensity(value)
    distance = Math.max(distance, (index + 1) / count - below, below - index / count)
    const mirrored = sorted[count - 1 - index] ?? 0
    weighted += (2 * index + 1) * (Math.log(positive(below)) + Math.log(positive(family.above(mirrored))))
  })
  const parameterCount = Object.keys(family.parameters).length
  return {
    negativeLogLikelihood: -logLikelihood,
    aic: 2 * parameterCount - 2 * logLikelihood,
    distance,
    distanceProbability: kolmogorovShareAbove(distance, count),
    andersonDarling: -count - weighted / count,
  }
}

/** A share that is too small for a number counts as the smallest one. */
function positive(share: number): number {
  return Math.max(share, Number.MIN_VALUE)
}

const TERMS_MAX = 100

/**
 * Chance of a distance or a larger one: Kolmogorov's series, with the correction for small samples of Stephens, Journal of
 * the Royal Statistical Society B 32 (1970).
 */
export function kolmogorovShareAbove(distance: number, count: number): number {
  const root = Math.sqrt(count)
  const stretched = (root + 0.12 + 0.11 / root) * distance
  // The series settles slowly here, and is 1 to ten digits.
  if (stretched < 0.25) return 1
  let sum = 0
  for (let term = 1; term <= TERMS_MAX; term++) {
    const addend = Math.exp(-2 * (term * stretched) ** 2)
    sum += term % 2 === 1 ? addend : -addend
    if (addend < 1e-16) break
  }
  return Math.min(1, Math.max(0, 2 * sum))
}
