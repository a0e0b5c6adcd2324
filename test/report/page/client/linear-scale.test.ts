import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { labelledTicks, linearScale } from '../../../../src/report/page/client/linear-scale.ts'

describe('a linear scale', () => {
  it('has round ticks', () => {
    expect(linearScale([0, 100], 5).ticks).toEqual([0, 20, 40, 60, 80, 100])
    expect(linearScale([0.61, 0.65], 4).ticks).toEqual([0.61, 0.62, 0.63, 0.64, 0.65])
  })

  it('has room for one value, and for none', () => {
    expect(linearScale([5], 4).place(5)).toBeCloseTo(0.5)
    expect(linearScale([], 4).low).toBe(0)
  })

  it('has no tick beside it where values differ in their last digits alone', () => {
    const scale = linearScale([999_999_999.996_154, 999_999_999.999_310_6], 5)
    expect(scale.ticks).toEqual([999_999_999.996, 999_999_999.997, 999_999_999.998, 999_999_999.999])
  })

  it('holds all values and all ticks', () => {
    const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(values, (numbers) => {
        const scale = linearScale(numbers, 5)
        for (const value of [...numbers, ...scale.ticks]) {
          expect(scale.place(value)).toBeGreaterThanOrEqual(-1e-6)
          expect(scale.place(value)).toBeLessThanOrEqual(1 + 1e-6)
        }
        expect(scale.ticks.length).toBeLessThanOrEqual(14)
      }),
    )
  })

  it('labels every tick where there is room and leaves some out where labels would meet', () => {
    const scale = linearScale([19_900, 22_100], 4)
    expect(scale.ticks).toEqual([20_000, 20_500, 21_000, 21_500, 22_000])
    expect(labelledTicks(scale, 1000, 44)).toEqual(scale.ticks)
    expect(labelledTicks(scale, 208, 44)).toEqual([20_000, 21_000, 22_000])
  })
})
