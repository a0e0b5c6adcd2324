import {
  digamma,
  gammaFunction,
  gammaShareAbove,
  gammaShareBelow,
  logGamma,
  normalShareBelow,
  trigamma,
} from '../../base/special-functions.ts'
import type { FamilyName } from './family-names.ts'

/** A distribution with its parameters, over values above 0. */
export interface FittedFamily {
  readonly name: FamilyName
  /** By name: `mean`; `shape` and `scale`; `mu` and `sigma` of the logarithm. */
  readonly parameters: Readonly<Record<string, number>>
  /** The parameter without a unit that stays when the values are measured in another one; none of an exponential. */
  readonly shape: { readonly name: 'shape' | 'sigma'; readonly value: number } | undefined
  readonly mean: number
  readonly logDensity: (x: number) => number
  /** Share of the distribution below a value, and above it: both exact in their tail. */
  readonly below: (x: number) => number
  readonly above: (x: number) => number
}

/** What the fits need to know of a sample of values above 0, two of which differ. */
interface Moments {
  readonly values: readonly number[]
  readonly mean: number
  /** Mean of the logarithms. */
  readonly logMean: number
  /** Mean of the squared distances of the logarithms from their mean. */
  readonly logVariance: number
}

/** Fits every family to values above 0 by maximum likelihood; empty where no two values differ. */
export function fitFamilies(values: readonly number[]): readonly FittedFamily[] {
  if (values.every((value) => value === values[0])) return []
  const mean = meanOf(values)
  const logs = values.map((value) => Math.log(value))
  const logMean = meanOf(logs)
  const logVariance = meanOf(logs.map((log) => (log - logMean) ** 2))
  const moments = { values, mean, logMean, logVariance }
  return [fitExponential(moments), fitWeibull(moments), fitLognormal(moments), fitGamma(moments)]
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function fitExponential({ mean }: Moments): FittedFamily {
  return {
    name: 'exponential',
    parameters: { mean },
    shape: undefined,
    mean,
    logDensity: (x) => -Math.log(mean) - x / mean,
    below: (x) => -Math.expm1(-x / mean),
    above: (x) => Math.exp(-x / mean),
  }
}

function fitWeibull({ values, logMean, logVariance }: Moments): FittedFamily {
  const logs = values.map((value) => Math.log(value) - logMean)
  const shape = weibullShape(logs, Math.sqrt(logVariance))
  const scale = Math.exp(logMean) * meanOf(logs.map((log) => Math.exp(shape * log))) ** (1 / shape)
  const power = (x: number): number => (x / scale) ** shape
  return {
    name: 'weibull',
    parameters: { shape, scale },
    shape: { name: 'shape', value: shape },
    mean: scale * gammaFunction(1 + 1 / shape),
    logDensity: (x) => Math.log(shape / scale) + (shape - 1) * Math.log(x / scale) - power(x),
    below: (x) => -Math.expm1(-power(x)),
    above: (x) => Math.exp(-power(x)),
  }
}

const STEPS_MAX = 200
const PRECISION = 1e-12

/**
 * The shape at which the likelihood's derivative is 0: Σ x^k ln x / Σ x^k - 1/k - mean ln x, which ascends with k (Lawless,
 * Statistical Models and Methods for Lifetime Data, section 5.2). By bisection, from the values' logarithms less their
 * mean. Starts from the moments of the logarithm, whose deviation is π / (k √6).
 */
function weibullShape(logs: readonly number[], logDeviation: number): number {
  const derivative = (shape: number): number => {
    let weights = 0
    let weighted = 0
    for (const log of logs) {
      const weight = Math.exp(shape * log)
      weights += weight
      weighted += weight * log
    }
    return weighted / weights - 1 / shape
  }
  const start = Math.PI / (logDeviation * Math.sqrt(6))
  let low = start
  let high = start
  for (let i = 0; i < STEPS_MAX && derivative(low) > 0; i++) low /= 1.5
  for (let i = 0; i < STEPS_MAX && derivative(high) < 0; i++) high *= 1.5
  for (let i = 0; i < STEPS_MAX && high - low > PRECISION * high; i++) {
    const middle = (low + high) / 2
    if (derivative(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function fitLognormal({ logMean: mu, logVariance }: Moments): FittedFamily {
  const sigma = Math.sqrt(logVariance)
  const standard = (x: number): number => (Math.log(x) - mu) / sigma
  return {
    name: 'lognormal',
    parameters: { mu, sigma },
    shape: { name: 'sigma', value: sigma },
    mean: Math.exp(mu + logVariance / 2),
    logDensity: (x) => -Math.log(x * sigma * Math.sqrt(2 * Math.PI)) - standard(x) ** 2 / 2,
    below: (x) => normalShareBelow(standard(x)),
    above: (x) => normalShareBelow(-standard(x)),
  }
}

/**
 * Solves ln k - ψ(k) = ln mean - mean ln x for the shape k by the generalised Newton steps of Minka, Estimating a Gamma
 * distribution (2002), equation 10, from his starting value.
 */
function fitGamma({ mean, logMean }: Moments): FittedFamily {
  const distance = Math.log(mean) - logMean
  let shape = 0.5 / distance
  for (let i = 0; i < STEPS_MAX; i++) {
    const slope = shape * shape * (1 / shape - trigamma(shape))
    const next = 1 / (1 / shape + (Math.log(shape) - digamma(shape) - distance) / slope)
    const isSettled = Math.abs(next - shape) < PRECISION * shape
    shape = next
    if (isSettled) break
  }
  const scale = mean / shape
  const constant = logGamma(shape) + shape * Math.log(scale)
  return {
    name: 'gamma',
    parameters: { shape, scale },
    shape: { name: 'shape', value: shape },
    mean,
    logDensity: (x) => (shape - 1) * Math.log(x) - x / scale - constant,
    below: (x) => gammaShareBelow(shape, x / scale),
    above: (x) => gammaShareAbove(shape, x / scale),
  }
}
