import { describe, expect, it } from 'vitest'

import { arrivalSeries } from '../../../src/benchmark/fgd/arrival-series.ts'

describe('the series of a run', () => {
  it('has the mean of the events whose load rounds to a percent, else of those beside it', () => {
    const events = [
      { arrived: 100, allocated: 100, fragmented: 500 },
      { arrived: 140, allocated: 140, fragmented: 600 },
      { arrived: 360, allocated: 300, fragmented: 970 },
    ]
    const series = arrivalSeries(events, 10_000)
    expect(series.alloc_pct.slice(0, 6)).toEqual([1.2, 1.2, 1.2, 3, 3, 3])
    expect(series.frag_amount_pct.slice(0, 5)).toEqual([5.5, 5.5, 5.5, 9.7, 9.7])
    // 100 · 500 / 9900 = 5.05 and 100 · 600 / 9860 = 6.09, rounded each.
    expect(series.frag_ratio_pct[1]).toBeCloseTo((5.05 + 6.09) / 2, 10)
    expect(series.frag_ratio_pct[4]).toBe(10)
    expect(series.alloc_pct[7]).toBeUndefined()
    expect(series.alloc_pct).toHaveLength(131)
  })

  it('rounds halves of a percent to the even one', () => {
    const events = [50, 150].map((arrived) => ({ arrived, allocated: arrived, fragmented: 0 }))
    const series = arrivalSeries(events, 10_000)
    expect([series.alloc_pct[0], series.alloc_pct[1], series.alloc_pct[2]]).toEqual([0.5, 1, 1.5])
  })

  it('takes the events on both sides of an empty percent together', () => {
    const events = [100, 110, 300].map((arrived) => ({ arrived, allocated: arrived, fragmented: 0 }))
    expect(arrivalSeries(events, 10_000).alloc_pct[2]).toBe(1.7)
  })
})
