import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { zoomed } from '../../../../src/report/page/client/chart-keys.ts'
import { nearest } from '../../../../src/report/page/client/chart-figure.ts'
import { sharedTime, within } from '../../../../src/report/page/client/make-context.ts'

const WHOLE = { from: 0, to: 1000 }

describe('the time that is shown', () => {
  it('is moved into the run, and cut where it is longer', () => {
    expect(within({ from: -50, to: 50 }, WHOLE)).toEqual({ from: 0, to: 100 })
    expect(within({ from: 950, to: 1050 }, WHOLE)).toEqual({ from: 900, to: 1000 })
    expect(within({ from: -500, to: 5000 }, WHOLE)).toEqual(WHOLE)
  })

  it('always lies in the run and is a second at least', () => {
    const number = fc.double({ min: -1e4, max: 1e4, noNaN: true })
    fc.assert(
      fc.property(number, number, (from, to) => {
        const range = within({ from, to }, WHOLE)
        expect(range.from).toBeGreaterThanOrEqual(0)
        expect(range.to).toBeLessThanOrEqual(1000 + 1e-9)
        expect(range.to - range.from).toBeGreaterThanOrEqual(1 - 1e-9)
      }),
    )
  })

  it('is zoomed about an instant that stays in its place', () => {
    expect(zoomed({ from: 0, to: 100 }, 25, 0.5)).toEqual({ from: 12.5, to: 62.5 })
  })

  it('tells of a change once', () => {
    const time = sharedTime(1000)
    const told: unknown[] = []
    time.range.follow((range) => told.push(range))
    time.zoom({ from: 100, to: 200 })
    time.zoom({ from: 100, to: 200 })
    expect(told).toEqual([{ from: 100, to: 200 }])
  })
})

it('finds the nearest of rising times', () => {
  const times = [0, 10, 20, 40]
  expect([-5, 4, 6, 29, 31, 99].map((at) => nearest(times, at))).toEqual([0, 0, 1, 2, 3, 3])
  expect(nearest([], 3)).toBe(0)
})
