import { describe, expect, it } from 'vitest'

import { contrast } from '../../src/report/page/client/colour/oklch.ts'
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

describe('a chart over time', () => {
  const chart: LineChart = {
    ...CHART,
    x: 'time',
    y: 'share',
    isArea: true,
    markers: [
      { at: 3600, until: 7200, label: 'a <zone> is down' },
      { at: 9000, label: 'scaled' },
    ],
    lines: [
      {
        name: 'cpu',
        points: [
          [0, 0.1],
          [3600, Number.NaN],
          [7200, 0.5],
          [14_400, 0.4],
        ],
      },
    ],
  }

  it('has times and percentages at its axes, and ends with the last time', () => {
    const drawn = lineChart(chart)
    for (const text of ['0s', '30m', '4h', '0 %', '50 %']) expect(drawn).toContain(`>${text}</text>`)
    expect(drawn).not.toContain('5h')
    // The plot is from 78 to 726.
    expect(drawn).toMatch(/<line x1="726.0" x2="726.0" [^>]*\/><text [^>]*>4h</)
  })

  it('leaves a gap where there is no value, in the line and in what is below it', () => {
    const paths = [...lineChart(chart).matchAll(/<path d="([^"]*)"/g)].map((match) => match[1] ?? '')
    expect(paths.map((shape) => shape.split('M').length - 1)).toEqual([2, 2])
  })

  it('marks what happened, and what lasted as a band', () => {
    const bands = [
      ...lineChart(chart).matchAll(/<rect x="([\d.]+)" [^>]*width="([\d.]+)" [^>]*><title>([^<]*)</g),
    ]
    expect(bands.map((match) => match.slice(1))).toEqual([
      ['240.0', '162.0', 'a &lt;zone&gt; is down'],
      ['483.0', '1.0', 'scaled'],
    ])
  })
})

it('writes names of lines in colours that stand out from the ground by 4.5:1', () => {
  const lines = Array.from({ length: 6 }, (_, index) => ({
    name: `line ${index}`,
    points: [[0, index]] as const,
  }))
  const chart = { title: '', xLabel: '', yLabel: '', isLogarithmic: false, hasMarks: false, lines }
  const colours = [...lineChart(chart).matchAll(/fill="(#[0-9a-f]{6})" font-weight="bold"/g)].map(
    ([, colour = '']) => colour,
  )
  expect(new Set(colours).size).toBe(6)
  for (const colour of colours) expect(contrast(colour, '#ffffff')).toBeGreaterThanOrEqual(4.5)
})
