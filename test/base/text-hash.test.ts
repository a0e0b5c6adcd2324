import { describe, expect, it } from 'vitest'

import { uniformOfText } from '../../src/base/text-hash.ts'

describe('uniformOfText', () => {
  it('says the same of the same text, and something else of another', () => {
    expect(uniformOfText('node/7/default/web-1')).toBe(uniformOfText('node/7/default/web-1'))
    expect(uniformOfText('node/7/default/web-1')).not.toBe(uniformOfText('node/7/default/web-2'))
  })

  it('spreads texts that differ in their last characters evenly', () => {
    const counts = new Array<number>(20).fill(0)
    const texts = 20_000
    for (let i = 0; i < texts; i++) {
      const bin = Math.floor(uniformOfText(`node/42/default/openb-pod-${String(i).padStart(5, '0')}`) * 20)
      counts[bin] = (counts[bin] ?? 0) + 1
    }
    const expected = texts / counts.length
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // The 99.99 % quantile with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(50.8)
  })
})
