import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { keptRows } from '../../../../src/report/page/build/downsample.ts'

const lines = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 400 }))
  .chain(([count, rows]) =>
    fc.array(
      fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(Number.NaN)), {
        minLength: rows,
        maxLength: rows,
      }),
      { minLength: count, maxLength: count },
    ),
  )

describe('fewer rows of a chart', () => {
  it('are as many as there may be, in order, with both ends and the extremes of every line', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 10, max: 100 }), (values, pointsMax) => {
        const rowCount = values[0]?.length ?? 0
        const rows = [...keptRows(values, rowCount, pointsMax)]
        expect(rows.length).toBeLessThanOrEqual(pointsMax)
        expect(rows).toEqual(rows.toSorted((one, other) => one - other))
        expect(new Set(rows).size).toBe(rows.length)
        expect([rows[0], rows.at(-1)]).toEqual([0, rowCount - 1])
        for (const line of values) {
          const all = line.filter((value) => !Number.isNaN(value))
          if (all.length === 0) continue
          const kept = rows.map((row) => line[row] ?? Number.NaN)
          expect(kept).toContain(Math.min(...all))
          expect(kept).toContain(Math.max(...all))
        }
      }),
    )
  })

  it('are all rows where these are few enough', () => {
    expect([...keptRows([[3, 1, 2]], 3, 4)]).toEqual([0, 1, 2])
  })

  it('keep a peak of one row in each part', () => {
    const flat = Array.from({ length: 1000 }, (_, row) => (row === 777 ? 1 : 0))
    expect([...keptRows([flat], 1000, 40)]).toContain(777)
  })
})
