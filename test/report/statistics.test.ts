import { expect, it } from 'vitest'
import { exactStatistics, powerLaw, slopeOf } from '../../src/report/statistics.ts'

it('describes nothing as undefined', () => {
  expect(exactStatistics([])).toBeUndefined()
})

it('interpolates quantiles as NumPy does, whatever the order of the values', () => {
  expect(exactStatistics([4, 1, 3, 2])).toEqual({
    count: 4,
    mean: 2.5,
    min: 1,
    p50: 2.5,
    p90: 3.7,
    p99: expect.closeTo(3.97, 12) as number,
    max: 4,
  })
  expect(exactStatistics([7])).toEqual({ count: 1, mean: 7, min: 7, p50: 7, p90: 7, p99: 7, max: 7 })
})

it('leaves the given values as they are', () => {
  const values = [10, 9, 100]
  expect(exactStatistics(values)?.max).toBe(100)
  expect(values).toEqual([10, 9, 100])
})

it('finds the power law through points, and says how well it fits', () => {
  const law = powerLaw([
    [1, 3],
    [10, 30 * Math.sqrt(10)],
    [100, 3000],
  ])
  expect(law?.exponent).toBeCloseTo(1.5, 10)
  expect(law?.factor).toBeCloseTo(3, 10)
  expect(law?.rSquared).toBeCloseTo(1, 10)
  expect(powerLaw([[1, 1]])).toBeUndefined()
})

it('finds the slope of a straight line', () => {
  expect(
    slopeOf([
      [0, 5],
      [10, 25],
    ]),
  ).toBeCloseTo(2)
  expect(slopeOf([])).toBeUndefined()
})
