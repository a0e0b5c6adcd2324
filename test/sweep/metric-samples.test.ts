import { describe, expect, it } from 'vitest'

import { meanInterval } from '../../src/report/statistics.ts'
import { compareScenarioSamples } from '../../src/sweep/comparison.ts'
import { differencesOf, metricSamples } from '../../src/sweep/metric-samples.ts'
import type { UnitResult } from '../../src/sweep/run-unit.ts'
import { compareCsv, runsCsv, seedsCsv } from '../../src/sweep/sweep-tables.ts'

function result(metrics: Readonly<Record<string, number | undefined>>): UnitResult {
  return {
    metrics: Object.entries(metrics).map(([name, value]) => ({ name, unit: 's', label: name, value })),
    warnings: [],
    interrupted: false,
    eventDigest: '',
  }
}

describe('the mean of runs', () => {
  it("has the interval of Student's t", () => {
    // Ten values of deviation 3.0277: 5.5 ± 2.262157 × 3.02765 / √10.
    const interval = meanInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(interval).toMatchObject({ count: 10, mean: 5.5, min: 1, max: 10 })
    expect(interval?.deviation).toBeCloseTo(3.02765, 5)
    expect(interval?.halfWidth).toBeCloseTo(2.165851, 5)
  })

  it('is exact for equal values, has no interval for one, and is none for nothing', () => {
    expect(meanInterval([0.1, 0.1, 0.1])).toMatchObject({ mean: 0.1, deviation: 0, halfWidth: 0 })
    expect(meanInterval([7])).toMatchObject({ count: 1, mean: 7, deviation: undefined, halfWidth: undefined })
    expect(meanInterval([])).toBeUndefined()
  })
})

describe('metrics over runs', () => {
  const samples = metricSamples([
    result({ pods: 4, wait: undefined, evictions: 1, evictions_by_A: 1 }),
    result({ pods: 6, wait: 3, evictions: 2, evictions_by_B: 2 }),
  ])

  it('are in the order of the summary; a part that did not occur is 0, and nothing measured is no value', () => {
    expect(samples.map(({ name, values }) => [name, values])).toEqual([
      ['pods', [4, 6]],
      ['wait', [undefined, 3]],
      ['evictions', [1, 2]],
      ['evictions_by_B', [0, 2]],
      ['evictions_by_A', [1, 0]],
    ])
    expect(samples[1]?.interval).toMatchObject({ count: 1, mean: 3 })
  })

  it('differ seed by seed: what both runs of a seed have in common falls out', () => {
    const [one] = metricSamples([result({ wait: 10 }), result({ wait: 90 }), result({ wait: 50 })])
    const [other] = metricSamples([result({ wait: 12 }), result({ wait: 93 }), result({ wait: 51 })])
    expect(one === undefined || other === undefined).toBe(false)
    if (one === undefined || other === undefined) return
    expect(differencesOf(other, one)).toEqual([2, 3, 1])
    expect(differencesOf(other, undefined)).toEqual([])
  })

  it('are written as tables', () => {
    expect(seedsCsv(samples.slice(0, 2))).toBe(
      [
        'metric,unit,runs,mean,standard_deviation,interval_low,interval_high,min,max',
        'pods,s,2,5,1.414214,-7.706205,17.706205,4,6',
        'wait,s,1,3,,,,3,3',
        '',
      ].join('\n'),
    )
    expect(runsCsv([{ name: 'a', samples: samples.slice(0, 2) }], [1, 2])).toBe(
      'scenario,seed,metric,value,unit\na,1,pods,4,s\na,1,wait,,s\na,2,pods,6,s\na,2,wait,3,s\n',
    )
    const other = metricSamples([result({ pods: 5 }), result({ pods: 9 })])
    const [head = '', ...rows] = compareCsv(
      ['a', 'b'],
      compareScenarioSamples([
        { name: 'a', samples: samples.slice(0, 1) },
        { name: 'b', samples: other },
      ]),
    ).split('\n')
    const last = ['difference', 'difference_low', 'difference_high', 'p_value', 'p_adjusted']
    expect(head.split(',').slice(-5)).toEqual(last)
    expect(rows[0]).toMatch(/^pods,s,a,2,5,.*,4,6,,,,,$/)
    expect(rows[1]).toMatch(/^pods,s,b,2,7,.*,5,9,2,-10\.706205,14\.706205,0\.5,0\.5$/)
  })
})
