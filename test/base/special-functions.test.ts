import { describe, expect, it } from 'vitest'

import {
  betaShareBelow,
  digamma,
  gammaFunction,
  gammaShareAbove,
  gammaShareBelow,
  logGamma,
  normalShareBelow,
  studentQuantile,
  trigamma,
} from '../../src/base/special-functions.ts'

const EULER = 0.5772156649015329

/** Equal to so many digits that matter. */
function expectDigits(value: number, wanted: number, digits = 12): void {
  expect(Math.abs(value - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 10 ** -digits)
}

describe('the gamma function and its relatives', () => {
  it('have their known values', () => {
    expectDigits(gammaFunction(5), 24)
    expectDigits(gammaFunction(1.5), Math.sqrt(Math.PI) / 2)
    expectDigits(logGamma(0.5), Math.log(Math.PI) / 2)
    expectDigits(logGamma(0.01), 4.599479878042022)
    expectDigits(logGamma(101), 363.7393755555635)
    expectDigits(digamma(1), -EULER)
    expectDigits(digamma(0.5), -EULER - 2 * Math.log(2))
    expectDigits(digamma(10), 2.251752589066721)
    expectDigits(trigamma(1), Math.PI ** 2 / 6)
    expectDigits(trigamma(0.5), Math.PI ** 2 / 2)
  })

  it('have derivatives that are their slopes', () => {
    for (const x of [0.1, 0.7, 1, 3.3, 11.9, 12.1, 50]) {
      const step = 1e-5 * x
      expectDigits((logGamma(x + step) - logGamma(x - step)) / (2 * step), digamma(x), 6)
      expectDigits((digamma(x + step) - digamma(x - step)) / (2 * step), trigamma(x), 6)
    }
  })
})

describe('shares of distributions', () => {
  it('of the gamma distribution are those of sums of exponentials', () => {
    for (const x of [0.01, 0.5, 1, 2.5, 7, 20]) {
      expectDigits(gammaShareAbove(1, x), Math.exp(-x))
      expectDigits(gammaShareAbove(3, x), Math.exp(-x) * (1 + x + (x * x) / 2))
      expectDigits(gammaShareBelow(2.5, x) + gammaShareAbove(2.5, x), 1)
    }
    expect(gammaShareBelow(2, 0)).toBe(0)
    expect(gammaShareBelow(2, Number.POSITIVE_INFINITY)).toBe(1)
  })

  it('of the normal distribution are exact in the tail', () => {
    expect(normalShareBelow(0)).toBe(0.5)
    expectDigits(normalShareBelow(1.959963984540054), 0.975)
    expectDigits(normalShareBelow(-10), 7.619853024160527e-24, 10)
  })

  it('of the beta distribution have their known values', () => {
    expectDigits(betaShareBelow(0.3, 1, 1), 0.3)
    expectDigits(betaShareBelow(0.5, 2, 3), 0.6875)
    expectDigits(betaShareBelow(0.9, 2, 3), 0.9963)
    expect([betaShareBelow(0, 2, 3), betaShareBelow(1, 2, 3)]).toEqual([0, 1])
  })
})

it("Student's t has the values of its tables", () => {
  // Two-sided 95 % and 99 %, from any printed table.
  expect(studentQuantile(0.975, 1)).toBeCloseTo(12.706, 3)
  expect(studentQuantile(0.975, 4)).toBeCloseTo(2.776, 3)
  expect(studentQuantile(0.975, 9)).toBeCloseTo(2.262, 3)
  expect(studentQuantile(0.995, 30)).toBeCloseTo(2.75, 3)
  expect(studentQuantile(0.975, 1e6)).toBeCloseTo(1.95997, 4)
})
