import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../../src/base/random.ts'
import type { RandomStream } from '../../../src/base/random.ts'
import { fitFamilies } from '../../../src/failure/fit/families.ts'
import type { FamilyName } from '../../../src/failure/fit/family-names.ts'
import { kolmogorovShareAbove } from '../../../src/failure/fit/goodness.ts'
import { familyOf, fitSample } from '../../../src/failure/fit/sample-fit.ts'

const DRAWS = 20_000

function drawn(name: string, draw: (stream: RandomStream) => number): number[] {
  const stream = new RandomStreams(1).stream(name)
  return Array.from({ length: DRAWS }, () => draw(stream))
}

describe.each<[FamilyName, (stream: RandomStream) => number, Record<string, number>, number]>([
  ['exponential', (stream) => stream.exponential(7), { mean: 7 }, 7],
  ['weibull', (stream) => stream.weibull(0.7, 12), { shape: 0.7, scale: 12 }, 15.1903],
  ['lognormal', (stream) => stream.lognormal(0.5, 1.2), { mu: 0.5, sigma: 1.2 }, 3.38719],
  ['gamma', (stream) => stream.gamma(0.4, 30), { shape: 0.4, scale: 30 }, 12],
  ['gamma', (stream) => stream.gamma(25, 2), { shape: 25, scale: 2 }, 50],
])('draws of a known %s', (name, draw, parameters, mean) => {
  const fit = fitSample(drawn(name, draw))

  it('give its parameters and its mean back, to the error of a sample', () => {
    const family = familyOf(fit, name)
    for (const [parameter, value] of Object.entries(parameters)) {
      expect(Math.abs((family?.parameters[parameter] ?? 0) / value - 1)).toBeLessThan(0.03)
    }
    expect(Math.abs((family?.mean ?? 0) / mean - 1)).toBeLessThan(0.05)
  })

  it('are fitted best by it, and not rejected', () => {
    // An exponential is a Weibull and a gamma too: these may win by what chance gives a second parameter.
    const aic = (of: FamilyName): number => familyOf(fit, of)?.aic ?? Number.POSITIVE_INFINITY
    if (name === 'exponential') expect(aic(name) - aic(fit.best ?? name)).toBeLessThan(6)
    else expect(fit.best).toBe(name)
    expect(familyOf(fit, name)?.distanceProbability).toBeGreaterThan(0.05)
    expect(familyOf(fit, name)?.andersonDarling).toBeLessThan(2.5)
    for (const other of fit.families) {
      if (aic(other.name) - aic(name) > 100) expect(other.distanceProbability).toBeLessThan(0.01)
    }
  })
})

describe('maximum likelihood', () => {
  /** Lifetimes of ball bearings in millions of turns (Lieblein and Zelen, 1956; in Lawless, example 5.2.1). */
  const BEARINGS = [
    17.88, 28.92, 33, 41.52, 42.12, 45.6, 48.48, 51.84, 51.96, 54.12, 55.56, 67.8, 68.64, 68.64, 68.88, 84.12,
    93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.4,
  ]
  const families = fitFamilies(BEARINGS)
  const of = (name: FamilyName): Readonly<Record<string, number>> =>
    families.find((family) => family.name === name)?.parameters ?? {}

  it('has the published values for the ball bearings', () => {
    expect(of('weibull')['shape']).toBeCloseTo(2.102, 3)
    expect(of('weibull')['scale']).toBeCloseTo(81.88, 2)
    expect(of('lognormal')['mu']).toBeCloseTo(4.15, 2)
    expect(of('lognormal')['sigma']).toBeCloseTo(0.522, 3)
    expect(of('gamma')['shape']).toBeCloseTo(4.025, 2)
  })

  it('is at the top: any other parameters are less likely', () => {
    const sample = fitSample(BEARINGS)
    const { shape = 0, scale = 0 } = of('weibull')
    const logLikelihood = (k: number, s: number): number =>
      BEARINGS.reduce((sum, x) => sum + Math.log((k / s) * (x / s) ** (k - 1)) - (x / s) ** k, 0)
    const top = -(familyOf(sample, 'weibull')?.negativeLogLikelihood ?? 0)
    expect(logLikelihood(shape, scale)).toBeCloseTo(top, 9)
    for (const [k, s] of [
      [1.01, 1],
      [0.99, 1],
      [1, 1.01],
      [1, 0.99],
    ] as const) {
      expect(logLikelihood(shape * k, scale * s)).toBeLessThan(top)
    }
  })
})

describe('a sample', () => {
  it('counts spans of no length, and leaves them out of the fits alone', () => {
    const fit = fitSample([0, 4, 0, 2])
    expect(fit).toMatchObject({ count: 4, zeros: 2, mean: 1.5, median: 1 })
    expect(familyOf(fit, 'exponential')?.parameters).toEqual({ mean: 3 })
  })

  it('is not fitted where no two spans differ', () => {
    expect(fitSample([])).toMatchObject({ count: 0, mean: undefined, median: undefined, families: [] })
    expect(fitSample([3, 3])).toMatchObject({
      count: 2,
      mean: 3,
      deviation: 0,
      families: [],
      best: undefined,
    })
    expect(fitSample([0])).toMatchObject({ zeros: 1, mean: 0, families: [] })
  })
})

it("Kolmogorov's distance has the quantiles of its table", () => {
  // Asymptotic 5 % and 1 % points, 1.358 and 1.628, over the root of the count.
  expect(kolmogorovShareAbove(1.358 / 1000, 1e6)).toBeCloseTo(0.05, 3)
  expect(kolmogorovShareAbove(1.628 / 1000, 1e6)).toBeCloseTo(0.01, 3)
  expect(kolmogorovShareAbove(0, 10)).toBe(1)
})
