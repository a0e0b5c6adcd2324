import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { paretoFront } from '../../src/sweep/pareto.ts'

const LESS = [
  { metric: 'cost', better: 'less' },
  { metric: 'wait', better: 'less' },
] as const

describe('the Pareto front', () => {
  it('has what nothing beats: equal points together, and more where more is better', () => {
    const rows = [
      [1, 9],
      [2, 5],
      [2, 5],
      [3, 5],
      [4, 1],
    ]
    expect(paretoFront(rows, LESS)).toEqual([true, true, true, false, true])
    const more = [LESS[0], { metric: 'availability', better: 'more' }] as const
    expect(paretoFront(rows, more)).toEqual([true, false, false, false, false])
    expect(paretoFront([], LESS)).toEqual([])
  })

  it('beats every point that is not on it, and none of its own', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        const onFront = paretoFront(rows, LESS)
        const front = rows.filter((_, index) => onFront[index])
        expect(front.length).toBeGreaterThan(0)
        rows.forEach(([x, y], index) => {
          const beaten = front.some(([a, b]) => a <= x && b <= y && (a < x || b < y))
          expect(beaten).toBe(!onFront[index])
        })
      }),
    )
  })
})
