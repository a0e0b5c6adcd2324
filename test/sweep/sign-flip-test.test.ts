import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import { holmAdjusted, signFlipTest } from '../../src/sweep/sign-flip-test.ts'

const stream = (): ReturnType<RandomStreams['stream']> => new RandomStreams(1).stream('test')

describe('the sign-flip test', () => {
  it('counts the choices of signs whose sum is as far from 0', () => {
    // Sums of ±1 ±2 ±3: 6 4 2 0 0 -2 -4 -6; two of eight are as far as 6, four as far as 4.
    expect(signFlipTest([1, 2, 3], stream)).toBe(0.25)
    expect(signFlipTest([-1, 2, 3], stream)).toBe(0.5)
    expect(signFlipTest([3, -1, -2], stream)).toBe(1)
    // The best that seven pairs can say.
    expect(signFlipTest([1, 1, 1, 1, 1, 1, 2], stream)).toBe(2 / 128)
  })

  it("has Darwin's maize at 0.0526, as Fisher counted", () => {
    // The Design of Experiments, section 21: 863 + 863 of 32,768 choices for 15 pairs, in eighths of an inch.
    const inches = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    expect(signFlipTest(inches, stream)).toBe(1726 / 32_768)
  })

  it('draws signs where there are too many, and comes close', () => {
    const inches = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48, 0]
    // A difference of 0 changes no sum.
    expect(Math.abs((signFlipTest(inches, stream) ?? 1) - 1726 / 32_768)).toBeLessThan(0.01)
  })

  it('says nothing of one difference, of none, and of equal ones', () => {
    for (const list of [[], [3], [2, 2, 2], [0, 0]]) expect(signFlipTest(list, stream)).toBeUndefined()
  })

  it('is the same for both directions, and never below what so many pairs can say', () => {
    const lists = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 10 })
    fc.assert(
      fc.property(lists, (list) => {
        const value = signFlipTest(list, stream)
        if (value === undefined) return
        expect(value).toBeGreaterThanOrEqual(2 ** (1 - list.length))
        expect(value).toBeLessThanOrEqual(1)
        expect(
          signFlipTest(
            list.map((difference) => -difference),
            stream,
          ),
        ).toBe(value)
      }),
    )
  })
})

describe("Holm's adjustment", () => {
  it('multiplies the least by the number of tests, the next by one less, and never falls', () => {
    const adjusted = holmAdjusted([0.01, 0.04, 0.03, undefined])
    expect(adjusted.slice(0, 3).map((value) => Number(value?.toFixed(6)))).toEqual([0.03, 0.06, 0.06])
    expect(adjusted[3]).toBeUndefined()
    expect(holmAdjusted([0.5, 0.9])).toEqual([1, 1])
    expect(holmAdjusted([])).toEqual([])
  })
})
