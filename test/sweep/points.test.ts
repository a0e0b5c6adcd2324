import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { InputError } from '../../src/base/errors.ts'
import { rangeParameter, valuesParameter } from '../../src/sweep/parameter-text.ts'
import { valueAt } from '../../src/sweep/parameter.ts'
import type { Parameter } from '../../src/sweep/parameter.ts'
import { latinShares, pointsOf } from '../../src/sweep/points.ts'
import { RandomStreams } from '../../src/base/random.ts'

const values = (text: string): Parameter => valuesParameter(text, '--grid')
const range = (text: string): Parameter => rangeParameter(text, '--range')

describe('a grid', () => {
  it('is every combination of values, the last parameter changing first', () => {
    const parameters = [values('a=1,2'), values('b=x,[y, z],{w: 1}')]
    expect(pointsOf(parameters, { method: 'grid', count: 0, seed: '1' })).toEqual([
      [1, 'x'],
      [1, ['y', 'z']],
      [1, { w: 1 }],
      [2, 'x'],
      [2, ['y', 'z']],
      [2, { w: 1 }],
    ])
  })
})

describe('drawn points', () => {
  const draws = { method: 'random', count: 40, seed: '7' } as const

  it('are within the ranges, ends included, and of their scale', () => {
    const ends = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }))
    fc.assert(
      fc.property(
        ends,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ([low, size], share) => {
          const high = low + size
          for (const scale of ['integer', 'linear', 'log']) {
            const value = Number(valueAt(range(`a=${scale}:${low}..${high}`), share))
            expect(value).toBeGreaterThanOrEqual(low)
            expect(value).toBeLessThanOrEqual(high)
            if (scale === 'integer') expect(Number.isInteger(value)).toBe(true)
          }
        },
      ),
    )
    expect([0, 0.3, 0.999].map((share) => valueAt(range('a=1..3'), share))).toEqual([1, 1, 3])
    expect(valueAt(range('a=log:0.1..10'), 0.5)).toBe(1)
    expect(valueAt(range('a=linear:1..2'), 0.5)).toBe(1.5)
    expect(valueAt(range('a=1m..90m'), 0.5)).toBe('46m')
    expect(valueAt(values('a=x,y'), 0.5)).toBe('y')
  })

  it('follow from the seed, and a further parameter moves none of the others', () => {
    const parameters = [range('a=0..1000'), range('b=linear:0..1')]
    const points = pointsOf(parameters, draws)
    expect(pointsOf(parameters, draws)).toEqual(points)
    expect(pointsOf(parameters, { ...draws, seed: '8' })).not.toEqual(points)
    const more = pointsOf([range('c=0..9'), ...parameters], draws)
    expect(more.map(([, ...rest]) => rest)).toEqual(points)
  })
})

describe('a Latin hypercube', () => {
  it('has one point in each of n equal parts of every parameter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.string(), (count, seed) => {
        const shares = latinShares(count, new RandomStreams(seed).stream('latin'))
        const strata = shares.map((share) => Math.floor(share * count))
        expect(strata.toSorted((one, other) => one - other)).toEqual(shares.map((_, index) => index))
        expect(Math.max(...shares)).toBeLessThan(1)
      }),
    )
  })

  it('gives each value as often as the others, each integer once, and pairs them by chance', () => {
    const parameters = [values('a=x,y,z'), range('b=1..30'), range('c=1..30')]
    const points = pointsOf(parameters, { method: 'latin', count: 30, seed: '1' })
    for (const letter of ['x', 'y', 'z'])
      expect(points.filter(([value]) => value === letter)).toHaveLength(10)
    for (const column of [1, 2]) expect(new Set(points.map((point) => point[column])).size).toBe(30)
    expect(points.filter(([, b, c]) => b === c).length).toBeLessThan(8)
  })
})

describe('what is no parameter', () => {
  it.each([
    ['a', '--grid: "a" has no "="'],
    ['a=', '--grid: a has no values'],
    ['a=[', '--grid: "[" are no values'],
  ])('%s as values is told', (text, message) => {
    expect(() => values(text)).toThrow(message)
  })

  it.each([
    ['a=5', '--range a: "5" is no range'],
    ['a=cubic:1..5', 'with linear, log, integer'],
    ['a=1m..5h', 'one unit behind both'],
    ['a=9..1', 'the range from 9 to 1 is empty'],
    ['a=log:0..1', 'cannot begin at 0'],
    ['a=integer:0.5..2', 'no integers'],
  ])('%s as a range is told', (text, message) => {
    expect(() => range(text)).toThrow(InputError)
    expect(() => range(text)).toThrow(message)
  })
})
