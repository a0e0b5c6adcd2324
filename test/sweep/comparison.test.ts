import { describe, expect, it } from 'vitest'

import { compareScenarioSamples, isClear } from '../../src/sweep/comparison.ts'
import { metricSamples } from '../../src/sweep/metric-samples.ts'

/** A scenario whose runs have these values of one metric, by seed. */
function scenario(
  name: string,
  values: readonly (number | undefined)[],
): Parameters<typeof compareScenarioSamples>[0][number] {
  const results = values.map((value) => ({
    metrics: [{ name: 'wait', unit: 's', label: 'wait', value }],
    warnings: [],
    interrupted: false,
    eventDigest: '',
  }))
  return { name, samples: metricSamples(results) }
}

describe('a comparison over seeds', () => {
  const base = [10, 20, 30, 40, 50, 60, 70, 80]

  it('has the paired difference, its interval, its test and the adjustment over all scenarios', () => {
    const [metric] = compareScenarioSamples([
      scenario('base', base),
      scenario(
        'near',
        base.map((value, index) => value + [1, -1, 2, -2, 3, -3, 4, -4][index]!),
      ),
      scenario(
        'far',
        base.map((value, index) => value + 5 + (index % 2)),
      ),
    ])
    const [first, near, far] = metric?.cells ?? []
    expect([first?.difference, first?.pValue, first?.adjustedPValue]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    // Eight differences 5, 6, 5, 6 …: mean 5.5, deviation √(2/7), t of 7 degrees of freedom 2.364624.
    expect(far?.difference?.mean).toBe(5.5)
    expect(far?.difference?.deviation).toBeCloseTo(Math.sqrt(2 / 7), 12)
    expect(far?.difference?.halfWidth).toBeCloseTo((2.364624 * Math.sqrt(2 / 7)) / Math.sqrt(8), 6)
    expect([far?.pValue, far?.adjustedPValue]).toEqual([2 / 256, 4 / 256])
    expect([near?.difference?.mean, near?.pValue, near?.adjustedPValue]).toEqual([0, 1, 1])
    expect([isClear(far?.difference), isClear(near?.difference)]).toEqual([true, false])
  })

  it('takes equal differences as exact, and leaves out seeds without a value', () => {
    const [metric] = compareScenarioSamples([
      scenario('base', [1, 2, undefined, 4]),
      scenario('other', [3, 4, 9, 6]),
    ])
    const other = metric?.cells[1]
    expect(other?.difference).toMatchObject({ count: 3, mean: 2, halfWidth: 0 })
    expect([other?.pValue, isClear(other?.difference)]).toEqual([undefined, false])
  })
})
