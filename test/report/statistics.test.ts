import { expect, it } from 'vitest'
import { exactStatistics } from '../../src/report/statistics.ts'

it('describes nothing as undefined', () => {
  expect(exactStatistics([])).toBeUndefined()
})

it('interpolates quantiles as NumPy does, whatever the order of the values', () => {
  expect(exactStatistics([4, 1, 3, 2])).toEqual({ count: 4, mean: 2.5, p50: 2.5, p90: 3.7, max: 4 })
  expect(exactStatistics([7])).toEqual({ count: 1, mean: 7, p50: 7, p90: 7, max: 7 })
})

it('leaves the given values as they are', () => {
  const values = [10, 9, 100]
  expect(exactStatistics(values)?.max).toBe(100)
  expect(values).toEqual([10, 9, 100])
})
