import { randomGamma } from 'd3-random'
import { describe, expect, it } from 'vitest'

import { compileDistribution, plainNumber } from '../../src/base/distribution.ts'
import { InputError } from '../../src/base/errors.ts'
import { RandomStreams, normalQuantile } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'

const DRAWS = 40_000

function stream(name = 'test'): RandomStream {
  return new RandomStreams(7).stream(name)
}

function draws(sample: (stream: RandomStream) => number): number[] {
  const from = stream()
  return Array.from({ length: DRAWS }, () => sample(from)).sort((one, other) => one - other)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Within three standard errors of the quantile of a uniform: |F(x) - q| small. */
function expectQuantiles(values: readonly number[], distribution: (x: number) => number): void {
  for (const q of [0.05, 0.25, 0.5, 0.75, 0.95]) {
    const x = values[Math.floor(q * values.length)] ?? 0
    expect(Math.abs(distribution(x) - q)).toBeLessThan(3 * Math.sqrt((q * (1 - q)) / DRAWS))
  }
}

describe('RandomStreams', () => {
  it('gives a stream by name whatever other streams there are', () => {
    const one = new RandomStreams('s')
    const other = new RandomStreams('s')
    other.stream('noise').uniform()
    expect(one.stream('a').uniform()).toBe(other.stream('a').uniform())
    expect(one.stream('a')).toBe(one.stream('a'))
    expect(new RandomStreams('t').stream('a').uniform()).not.toBe(
      new RandomStreams('s').stream('a').uniform(),
    )
  })

  it('saves and restores a stream', () => {
    const from = stream()
    from.uniform()
    const state = from.state()
    const next = [from.uniform(), from.normal(0, 1), from.exponential(3)]
    from.restore(state)
    expect([from.uniform(), from.normal(0, 1), from.exponential(3)]).toEqual(next)
  })
})

describe('distributions', () => {
  it('have the quantiles of their closed forms', () => {
    expectQuantiles(
      draws((s) => s.exponential(5)),
      (x) => 1 - Math.exp(-x / 5),
    )
    expectQuantiles(
      draws((s) => s.weibull(1.5, 2)),
      (x) => 1 - Math.exp(-((x / 2) ** 1.5)),
    )
    expectQuantiles(
      draws((s) => s.pareto(1.3, 4)),
      (x) => 1 - (4 / x) ** 1.3,
    )
    expectQuantiles(
      draws((s) => s.uniformBetween(2, 6)),
      (x) => (x - 2) / 4,
    )
  })

  it('have normal and lognormal means and spreads', () => {
    const normal = draws((s) => s.normal(10, 2))
    expect(mean(normal)).toBeCloseTo(10, 1)
    expect(Math.sqrt(mean(normal.map((value) => (value - 10) ** 2)))).toBeCloseTo(2, 1)
    const logs = draws((s) => s.lognormal(1, 0.5)).map(Math.log)
    expect(mean(logs)).toBeCloseTo(1, 1)
  })

  it('draw gammas as d3-random does from the same uniforms', () => {
    const ours = stream()
    const theirs = stream('test')
    const gamma = randomGamma.source(() => new RandomStreams(7).stream('x').uniform())
    expect(gamma(2, 3)()).toBeGreaterThan(0)
    expect(mean(Array.from({ length: DRAWS }, () => ours.gamma(2, 3)))).toBeCloseTo(6, 0)
    expect(theirs.gamma(2, 3)).toBeGreaterThan(0)
  })

  it('pick by weight', () => {
    const from = stream()
    const counts = [0, 0, 0]
    for (let i = 0; i < 30_000; i++) {
      const picked = from.pick([1, 1, 4])
      counts[picked] = (counts[picked] ?? 0) + 1
    }
    expect(counts[1]).toBe(0)
    expect((counts[2] ?? 0) / (counts[0] ?? 1)).toBeGreaterThan(2.7)
    expect((counts[2] ?? 0) / (counts[0] ?? 1)).toBeLessThan(3.3)
  })

  it('invert the normal distribution', () => {
    expect(normalQuantile(0.5)).toBe(0)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12)
    expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 10)
  })

  it('are made from descriptions', () => {
    const sampler = compileDistribution({ weibull: { shape: 2, mean: 10 } }, 'x', plainNumber)
    expect(mean(draws(sampler))).toBeCloseTo(10, 0)
    expect(compileDistribution(4, 'x', plainNumber)(stream())).toBe(4)
    const empirical = compileDistribution({ empirical: [1, { value: 9, weight: 3 }] }, 'x', plainNumber)
    expect(mean(draws(empirical))).toBeCloseTo(7, 0)
  })

  it.each([
    [{ exponential: {} }, 'x.exponential.mean: is missing'],
    [{ exponential: { mean: -1 } }, 'x.exponential.mean: -1 is not above 0'],
    [{ exponentail: { mean: 1 } }, 'x.exponentail: "exponentail" is no distribution'],
    [{ uniform: { low: 3, high: 2 } }, 'x.uniform.high: is below low'],
    [{ empirical: [] }, 'x.empirical: expected a list of values'],
    [{}, 'x: expected one distribution'],
  ])('refuse %j', (spec, message) => {
    expect(() => compileDistribution(spec, 'x', plainNumber)).toThrow(InputError)
    expect(() => compileDistribution(spec, 'x', plainNumber)).toThrow(message)
  })
})
