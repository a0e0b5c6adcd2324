import seedrandom from 'seedrandom'
import { randomGamma } from 'd3-random'

import { assert } from './assert.ts'

/** The state of a stream, plain data; opaque. */
export type RandomState = object

/**
 * All streams of chance of one run, by name: a stream's numbers follow from the run's seed and its own name alone, so
 * a new stream, or another draw from one, moves no other.
 */
export class RandomStreams {
  readonly seed: string
  readonly #streams = new Map<string, RandomStream>()

  constructor(seed: string | number) {
    this.seed = String(seed)
  }

  /** The stream of this name: the same object each time. */
  stream(name: string): RandomStream {
    let stream = this.#streams.get(name)
    if (stream === undefined) {
      stream = new RandomStream(`${this.seed}/${name}`)
      this.#streams.set(name, stream)
    }
    return stream
  }
}

/**
 * One stream of numbers: Johannes Baagøe's Alea generator by seedrandom, and distributions over it.
 *
 * All but `gamma` are inverse transforms and take exactly one uniform number a draw, so streams of two runs stay in
 * step draw by draw (common random numbers; Law, Simulation Modeling and Analysis, section 11.2).
 */
export class RandomStream {
  readonly #generator: seedrandom.StatefulPRNG<seedrandom.State.Alea>
  readonly #gamma: ReturnType<typeof randomGamma.source>

  constructor(seed: string) {
    const generator = seedrandom.alea(seed, { state: true })
    this.#generator = generator
    this.#gamma = randomGamma.source(() => generator.double())
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(): number {
    return this.#generator.double()
  }

  uniformBetween(low: number, high: number): number {
    return low + (high - low) * this.uniform()
  }

  /** An integer from 0 to below `below`. */
  integer(below: number): number {
    return Math.floor(this.uniform() * below)
  }

  exponential(mean: number): number {
    return -mean * Math.log1p(-this.uniform())
  }

  /** Weibull: scale × (-ln(1 - u))^(1/shape). */
  weibull(shape: number, scale: number): number {
    return scale * (-Math.log1p(-this.uniform())) ** (1 / shape)
  }

  normal(mean: number, deviation: number): number {
    return mean + deviation * normalQuantile(this.#open())
  }

  /** e to the power of a normal variate with mean `mu` and deviation `sigma`. */
  lognormal(mu: number, sigma: number): number {
    return Math.exp(this.normal(mu, sigma))
  }

  /** Pareto: minimum × (1 - u)^(-1/shape). */
  pareto(shape: number, minimum: number): number {
    return minimum * (1 - this.uniform()) ** (-1 / shape)
  }

  /**
   * Gamma by Marsaglia and Tsang's rejection (d3-random): takes a varying number of uniforms, so give it a stream of
   * its own.
   */
  gamma(shape: number, scale: number): number {
    return this.#gamma(shape, scale)()
  }

  /** Index of the first cumulative weight above a uniform share of the last one; weights ascend and end above 0. */
  pick(cumulativeWeights: readonly number[]): number {
    const total = cumulativeWeights.at(-1) ?? 0
    assert(total > 0, 'a choice among nothing')
    const at = this.uniform() * total
    let low = 0
    let high = cumulativeWeights.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((cumulativeWeights[middle] ?? 0) > at) high = middle
      else low = middle + 1
    }
    return low
  }

  state(): RandomState {
    return this.#generator.state()
  }

  restore(state: RandomState): void {
    const restored = seedrandom.alea('', { state: state as seedrandom.State.Alea })
    Object.assign(this.#generator, restored)
  }

  /** A number in (0, 1): both ends left out. */
  #open(): number {
    const u = this.uniform()
    return u === 0 ? Number.EPSILON / 2 : u
  }
}

const CENTRAL_NUMERATOR = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
  45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
]
const CENTRAL_DENOMINATOR = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
  39307.89580009271061, 28729.085735721942674, 5226.495278852854561,
]
const MIDDLE_NUMERATOR = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
  1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
]
const MIDDLE_DENOMINATOR = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
]
const TAIL_NUMERATOR = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
  0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
]
const TAIL_DENOMINATOR = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
]

/**
 * The standard normal quantile, relative accuracy about 1e-16.
 *
 * Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988), 477–484.
 */
export function normalQuantile(probability: number): number {
  const centred = probability - 0.5
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred
    return (centred * polynomial(CENTRAL_NUMERATOR, r)) / polynomial(CENTRAL_DENOMINATOR, r)
  }
  const tail = Math.sqrt(-Math.log(centred < 0 ? probability : 1 - probability))
  const value =
    tail <= 5
      ? polynomial(MIDDLE_NUMERATOR, tail - 1.6) / polynomial(MIDDLE_DENOMINATOR, tail - 1.6)
      : polynomial(TAIL_NUMERATOR, tail - 5) / polynomial(TAIL_DENOMINATOR, tail - 5)
  return centred < 0 ? -value : value
}

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + (coefficients[i] ?? 0)
  return value
}
