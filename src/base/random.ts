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
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
]
const CENTRAL_DENOMINATOR = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
]
const MIDDLE_NUMERATOR = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
]
const MIDDLE_DENOMINATOR = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
]
const TAIL_NUMERATOR = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
]
const TAIL_DENOMINATOR = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  0.000018463183175100548, 1.421511758316446e-7, 2.0442631033899397e-15,
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
