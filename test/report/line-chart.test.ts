import { describe, expect, it } from 'vitest'

import { lineChart } from '../../src/report/line-chart.ts'
import type { LineChart } from '../../src/report/line-chart.ts'

const CHART: LineChart = {
  title: 'a & b',
  xLabel: 'days',
  yLabel: 'MiB',
  isLogarithmic: false,
  hasMarks: false,
  lines: [
    {
      name: 'one',
      points: [
        [0, 0],
        [10, 37],
      ],
    },
    {
      name: 'other',
      points: [
        [0, 20],
        [5, 20],
      ],
    },
  ],
}

/** Words of the drawing, in order. */
function wordsOf(drawing: string): string[] {
  return [...drawing.matchAll(/>([^<>\n]+)<\/text>/g)].map((match) => match[1] ?? '')
}

describe('a line chart', () => {
  it('has round marks from 0 on, its names, and the same bytes each time', () => {
    const drawing = lineChart(CHART)
    expect(wordsOf(drawing)).toEqual([
      ...['a &amp; b', 'one', 'other'],
      ...['0', '5', '10', '15', '20', '25', '30', '35', '40'],
      ...['0', '2', '4', '6', '8', '10'],
      ...['days', 'MiB'],
    ])
    expect(lineChart(CHART)).toBe(drawing)
  })

  it('has the ends of a line where the axes say', () => {
    const [, line = ''] = /<path d="M([^"]+)"/.exec(lineChart(CHART)) ?? []
    expect(line).toBe('78.0,368.0L726.0,84.9')
  })

  it('goes by powers of ten where it is logarithmic', () => {
    const points = [
      [100, 0.5],
      [10_000, 50],
    ] as const
    const lines = [{ name: 'cost', points }]
    const drawing = lineChart({ ...CHART, isLogarithmic: true, hasMarks: true, lines })
    expect(wordsOf(drawing).slice(2, 9)).toEqual(['0.1', '1', '10', '100', '100', '1,000', '10,000'])
    expect(drawing.match(/<circle /g)).toHaveLength(2)
  })

  it('puts names below that have no room in the line', () => {
    const names = ['a'.repeat(60), 'b'.repeat(60), 'c']
    const lines = names.map((name) => ({ name, points: [[0, 1]] as const }))
    const drawing = lineChart({ ...CHART, lines })
    expect([...drawing.matchAll(/y="(\d+)" fill=/g)].map((match) => match[1])).toEqual(['38', '53', '53'])
  })

  it('is empty without points', () => {
    expect(lineChart({ ...CHART, lines: [] })).toContain('</svg>')
  })
})
