import path from 'node:path'

import { lineChart } from '../line-chart.ts'
import { makeDirectory } from '../make-directory.ts'
import { writing } from '../output-error.ts'
import { writeOutput } from '../output-file.ts'
import { chartFile } from '../page-files.ts'
import { unpackColumn } from './packed-column.ts'
import type { Chart, Marker, ReportData } from './report-data.ts'

const UNITS: Readonly<Record<Chart['unit'], string>> = {
  share: 'share',
  count: 'count',
  per_second: 'a second',
}

/** A chart of a report as SVG, for places that show no page. */
function chartSvg({ title, unit, time, lines, isStepped }: Chart, markers: readonly Marker[]): string {
  const times = unpackColumn(time)
  const shown = lines.filter(({ isHidden }) => isHidden !== true)
  return lineChart({
    title,
    xLabel: 'simulated time',
    yLabel: UNITS[unit],
    isLogarithmic: false,
    // A line of one point would not be seen.
    hasMarks: times.length === 1,
    isArea: shown.length === 1,
    x: 'time',
    y: unit === 'share' ? 'share' : 'linear',
    lines: shown.map(({ name, values }) => {
      const column = unpackColumn(values)
      const points = Array.from(times, (at, row) => [at, column[row] ?? Number.NaN] as const)
      return { name, points: isStepped === true ? stepped(points) : points }
    }),
    markers: markers.map(({ at, until, label }) => ({
      at,
      label,
      ...(until === undefined ? {} : { until }),
    })),
  })
}

type Point = readonly [at: number, value: number]

/** Each value until the next one's time. */
function stepped(points: readonly Point[]): readonly Point[] {
  return points.flatMap((point, index) => {
    const [, before] = points[index - 1] ?? point
    return Object.is(before, point[1]) ? [point] : [[point[0], before] as const, point]
  })
}

/**
 * Writes the charts of a report into a directory, those of a comparison where it is one; returns the names of the files.
 */
export function writeCharts(directory: string, { runs, comparison }: ReportData): readonly string[] {
  writing(directory, () => makeDirectory(path.resolve(directory)))
  const [run] = runs
  const charts = comparison === undefined ? (run?.charts ?? []) : comparison.charts
  const markers = comparison === undefined ? (run?.markers ?? []) : []
  const counts = new Map<string, number>()
  return charts.map((chart) => {
    const count = (counts.get(chart.id) ?? 0) + 1
    counts.set(chart.id, count)
    const name = chartFile(count === 1 ? chart.id : `${chart.id}-${count}`)
    writeOutput(path.join(directory, name), chartSvg(chart, markers))
    return name
  })
}
