import { styleText } from 'node:util'

import { durationText } from './metric-text.ts'
import { timeCharts, valueText } from './page/build/run-charts.ts'
import type { Chart } from './page/report-data.ts'
import { SPARK_GLYPHS, sparkline } from './sparkline.ts'

/** How a timeline is printed. */
export interface TimelineStyle {
  /** Letters of a line over time at most. */
  readonly width: number
  readonly glyphs: keyof typeof SPARK_GLYPHS
  readonly colour: boolean
}

/** A line of a chart that is told. */
interface ToldLine {
  readonly label: string
  readonly chart: Chart['id']
  readonly line: string
  readonly shows: 'most' | 'least'
}

const TOLD: readonly ToldLine[] = [
  { label: 'cpu requested', chart: 'utilisation', line: 'CPU requested', shows: 'most' },
  { label: 'memory requested', chart: 'utilisation', line: 'memory requested', shows: 'most' },
  { label: 'gpu requested', chart: 'utilisation', line: 'GPU requested', shows: 'most' },
  { label: 'pending pods', chart: 'pods', line: 'pending', shows: 'most' },
  { label: 'running pods', chart: 'pods', line: 'running', shows: 'most' },
  { label: 'nodes ready', chart: 'nodes', line: 'ready', shows: 'least' },
  { label: 'evictions', chart: 'evictions', line: 'evictions', shows: 'most' },
]

/**
 * How a run went over time, a line a measure: each letter stands for the greatest value of a span, of Ready nodes the least; shares from 0 to 1, others from
 * 0 to the greatest of all. Empty for a run without intervals. Ends with a line end.
 */
export async function timelineText(
  directory: string,
  { width, glyphs, colour }: TimelineStyle,
): Promise<string> {
  const charts = await timeCharts(directory)
  const end = charts[0]?.time.at(-1)
  if (end === undefined) return ''
  const labelWidth = Math.max(...TOLD.map(({ label }) => label.length))
  const paint = (style: 'bold' | 'dim', text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const rows = TOLD.flatMap(({ label, chart: id, line: name, shows }) => {
    const chart = charts.find((one) => one.id === id)
    const line = chart?.lines.find((one) => one.name === name)
    if (chart === undefined || line === undefined) return []
    const values = Array.from(line.values).filter((value) => !Number.isNaN(value))
    const most = values.reduce((one, other) => Math.max(one, other), 0)
    const extreme = shows === 'most' ? most : values.reduce((one, other) => Math.min(one, other), most)
    const top = chart.unit === 'share' ? Math.max(1, most) : most
    const text = sparkline(line.values, { top, width, glyphs: SPARK_GLYPHS[glyphs], shows })
    return [
      `  ${paint('dim', label.padEnd(labelWidth))}  ${text}  ${shows} ${valueText(extreme, chart.unit)}`,
    ]
  })
  return `${[paint('bold', `Over time, to ${durationText(end)}`), ...rows].join('\n')}\n`
}
