import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { searchFewest } from '../../../src/plan/compaction/compact-search.ts'

/** A search in which the counts of a list fail, and what was asked. */
async function search(
  fails: (count: number) => boolean,
  range: { bound: number; most: number; verified: number },
) {
  const asked: number[] = []
  const found = await searchFewest(async (count) => {
    asked.push(count)
    return !fails(count)
  }, range)
  return { ...found, asked }
}

describe('the search for the fewest machines', () => {
  it('finds the count below which all fail, in steps of a logarithm', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 4999 }),
        async (least, below) => {
          const bound = Math.max(1, least - below)
          const { machines, asked } = await search((count) => count < least, {
            bound,
            most: 5000,
            verified: 0,
          })
          expect(machines).toBe(least)
          expect(asked.length).toBeLessThan(30)
          expect(new Set(asked).size).toBe(asked.length)
        },
      ),
      { seed: 3, numRuns: 200 },
    )
  })

  it('ends where removal one by one would have, when a machine more does not help', async () => {
    // 40 fits, but 42 does not: who comes from above stops at 43. That 41 fits is told, too.
    const fails = (count: number): boolean => count < 40 || count === 42
    const { machines, anomalies } = await search(fails, { bound: 40, most: 100, verified: 2 })
    expect({ machines, anomalies }).toEqual({ machines: 43, anomalies: 2 })
  })

  it('counts a smaller one that fits, and does not take it', async () => {
    const fails = (count: number): boolean => count < 50 && count !== 48
    const { machines, anomalies } = await search(fails, { bound: 30, most: 100, verified: 2 })
    // 48 fits and 49 does not, and 48 fits below 50.
    expect({ machines, anomalies }).toEqual({ machines: 50, anomalies: 2 })
  })

  it('says when all machines are too few', async () => {
    const { machines } = await search(() => true, { bound: 3, most: 10, verified: 2 })
    expect(machines).toBeUndefined()
  })
})
