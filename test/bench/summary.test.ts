import { describe, expect, it } from 'vitest'

import type { BenchRow } from '../../bench/bench-row.ts'
import { comparison, summaryOf, tableOf } from '../../bench/summary.ts'
import type { SummaryRow } from '../../bench/summary.ts'

const MACHINE = { node: 'v0', cpu: 'none', cores: 1 }

function row(value: number, more: Partial<BenchRow> = {}): BenchRow {
  return { name: 'decision', value, unit: 'decisions/s', isHigherBetter: true, marginPercent: 1, ...more }
}

function summed(...values: readonly number[]): SummaryRow {
  const [first] = summaryOf(
    values.map((value) => [row(value)]),
    MACHINE,
  ).rows
  if (first === undefined) throw new Error('no row')
  return first
}

describe('the rounds of a bench', () => {
  it('come to their median, and how far they are apart', () => {
    expect(summed(100, 130, 110)).toMatchObject({ value: 110, rounds: [100, 130, 110] })
    expect(summed(100, 130, 110).noisePercent).toBeCloseTo(27.27, 1)
    expect(summed(100, 120).value).toBe(110)
  })

  it('are compared with a base beyond the noise of either', () => {
    expect(comparison(summed(200, 202), summed(100, 101))).toBe('2.00x the base')
    expect(comparison(summed(103, 103), summed(100, 110))).toMatch(/^~0\.98x/)
    const memory = { ...summed(50), isHigherBetter: false }
    expect(comparison(memory, { ...summed(100), isHigherBetter: false })).toBe('2.00x the base')
  })

  it('are a line each, with the ratio to a floor and the goals', () => {
    const summary = summaryOf(
      [
        [
          row(300, { against: { name: 'decision, bare loop', ratio: 0.6 } }),
          row(2, { name: 'cost', isHigherBetter: false, unit: 'times', wanted: { atLeast: 3, goal: 1.5 } }),
          row(5, { name: 'rate', wanted: { atLeast: 6, goal: 9 } }),
        ],
      ],
      MACHINE,
    )
    const [, , decision, cost, rate] = tableOf(summary, summary)
    expect(decision).toMatch(/300 decisions\/s .* 0\.60x the bare loop .*~1\.00x the base$/)
    expect(cost).toContain('at least (3; goal 1.5)')
    expect(rate).toContain('MISSED (6; goal 9)')
  })
})
