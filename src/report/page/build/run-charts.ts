import { durationText, grouped } from '../../metric-text.ts'
import { packColumn } from '../packed-column.ts'
import type { Chart, ChartLine, ChartLines } from '../report-data.ts'
import { keptRows } from './downsample.ts'
import { picked } from './picked.ts'
import { readColumns } from '../../table/read-table.ts'
import { scalingChart } from './scaling-chart.ts'

/** A line of a chart before it is packed. */
export interface TimeLine extends Pick<ChartLine, 'name' | 'isHidden'> {
  /** NaN where there is none. */
  readonly values: Float64Array
}

/** Lines over the same times. */
export interface TimeLines {
  readonly time: Float64Array
  readonly lines: readonly TimeLine[]
  /** A sentence to say beside what the lines are. */
  readonly note?: string
}

/** A chart of a run over all rows of its table. */
export interface TimeChart extends TimeLines, Pick<Chart, 'id' | 'title' | 'unit' | 'isStepped'> {
  readonly parts?: readonly (TimeLines & { readonly name: string })[]
  /** Whether values are means of the interval that ends at their time; else they are of that instant, or are counts. */
  readonly areMeans: boolean
}

/** Points that a chart has at most. */
export const CHART_POINTS_MAX = 2000
/** Points that all parts of a chart have together at most. */
const PART_POINTS_MAX = 40_000

const WANTED = {
  time_s: 'number',
  interval_s: 'number',
  cpu_requested_share: 'number',
  memory_requested_share: 'number',
  gpu_requested_share: 'number',
  memory_used_share: 'number',
  stranded_cpu_share: 'number',
  stranded_memory_share: 'number',
  fragmented_gpu_share: 'number',
  pending_pods: 'number',
  starting_pods: 'number',
  running_pods: 'number',
  nodes: 'number',
  nodes_ready: 'number',
  nodes_in_use: 'number',
  pods_created: 'number',
  pods_bound: 'number',
  pods_finished: 'number',
  decisions: 'number',
  evictions: 'number',
  machine_failures: 'number',
} as const

type SeriesColumn = keyof typeof WANTED

interface ChartPlan extends Pick<TimeChart, 'id' | 'title' | 'unit' | 'areMeans'> {
  readonly lines: readonly (readonly [name: string, column: SeriesColumn])[]
}

const CHARTS: readonly ChartPlan[] = [
  {
    id: 'utilisation',
    title: 'Utilisation',
    unit: 'share',
    areMeans: true,
    lines: [
      ['CPU requested', 'cpu_requested_share'],
      ['memory requested', 'memory_requested_share'],
      ['GPU requested', 'gpu_requested_share'],
      ['memory used', 'memory_used_share'],
    ],
  },
  {
    id: 'pods',
    title: 'Pods',
    unit: 'count',
    areMeans: false,
    lines: [
      ['pending', 'pending_pods'],
      ['starting', 'starting_pods'],
      ['running', 'running_pods'],
    ],
  },
  {
    id: 'scheduling',
    title: 'Scheduling',
    unit: 'per_second',
    areMeans: true,
    lines: [
      ['pods created', 'pods_created'],
      ['pods bound', 'pods_bound'],
      ['pods finished', 'pods_finished'],
      ['scheduling attempts', 'decisions'],
    ],
  },
  {
    id: 'evictions',
    title: 'Evictions and failures',
    unit: 'count',
    areMeans: false,
    lines: [
      ['evictions', 'evictions'],
      ['machines that went down', 'machine_failures'],
    ],
  },
  {
    id: 'nodes',
    title: 'Nodes',
    unit: 'count',
    areMeans: false,
    lines: [
      ['nodes', 'nodes'],
      ['ready', 'nodes_ready'],
      ['in use', 'nodes_in_use'],
    ],
  },
  {
    id: 'packing',
    title: 'Room that nothing fits into',
    unit: 'share',
    areMeans: false,
    lines: [
      ['CPU stranded', 'stranded_cpu_share'],
      ['memory stranded', 'stranded_memory_share'],
      ['GPU fragmented', 'fragmented_gpu_share'],
    ],
  },
]

/** The charts of a run over all rows of timeseries.csv; lines that have no value are left out. */
export async function timeCharts(directory: string): Promise<readonly TimeChart[]> {
  const table = await readColumns(directory, 'timeseries.csv', WANTED)
  if (table === undefined || table.rowCount === 0) return []
  const { columns } = table
  const charts = CHARTS.map(({ id, title, unit, areMeans, lines }) => ({
    id,
    title,
    unit,
    areMeans,
    time: columns.time_s,
    lines: lines.map(([name, column]) => ({
      name,
      values: unit === 'per_second' ? rate(columns[column], columns.interval_s) : columns[column],
    })),
  }))
  const scaling = (await scalingChart(directory, columns.time_s.at(-1) ?? 0)) ?? podScaling(columns)
  return [...charts, scaling]
    .map((chart) => ({ ...chart, lines: chart.lines.filter(hasValue) }))
    .filter(({ lines }) => lines.length > 0)
}

function hasValue({ values }: TimeLine): boolean {
  for (let row = 0; row < values.length; row += 1) if (!Number.isNaN(values[row])) return true
  return false
}

/** Where nothing has replicas: pods that are there against those that run. */
function podScaling(columns: Readonly<Record<SeriesColumn, Float64Array>>): TimeChart {
  const wanted = columns.running_pods.map(
    (running, row) => running + (columns.starting_pods[row] ?? 0) + (columns.pending_pods[row] ?? 0),
  )
  return {
    id: 'scaling',
    title: 'Scaling: pods that are there, and that run',
    unit: 'count',
    areMeans: false,
    time: columns.time_s,
    lines: [
      { name: 'pods there', values: wanted },
      { name: 'running', values: columns.running_pods },
    ],
  }
}

function rate(counts: Float64Array, intervals: Float64Array): Float64Array {
  return counts.map((count, row) => count / (intervals[row] ?? Number.NaN))
}

/** Packs a chart, fewer rows where there are many: every peak of every line stays. */
export function packChart({ id, title, unit, isStepped, areMeans, parts = [], ...all }: TimeChart): Chart {
  const pointsMax = Math.min(CHART_POINTS_MAX, Math.floor(PART_POINTS_MAX / Math.max(1, parts.length)))
  return {
    id,
    title,
    unit,
    ...(isStepped === undefined ? {} : { isStepped }),
    ...packLines(areMeans ? fromStart(all) : all, unit, CHART_POINTS_MAX),
    ...(parts.length === 0
      ? {}
      : { parts: parts.map((part) => ({ name: part.name, ...packLines(part, unit, pointsMax) })) }),
  }
}

/** The mean of the first interval stands from the start of the run on. */
function fromStart({ time, lines, ...rest }: TimeLines): TimeLines {
  const before = (first: number, values: Float64Array): Float64Array => Float64Array.of(first, ...values)
  return {
    ...rest,
    time: before(0, time),
    lines: lines.map((line) => ({ ...line, values: before(line.values[0] ?? Number.NaN, line.values) })),
  }
}

function packLines(all: TimeLines, unit: Chart['unit'], pointsMax: number): ChartLines {
  const { time, lines, note } = all
  const rows = keptRows(
    lines.map(({ values }) => values),
    time.length,
    pointsMax,
  )
  const pick = (values: Float64Array): Float64Array => picked(values, rows)
  return {
    time: packColumn('f64', pick(time)),
    lines: lines.map(({ values, ...line }) => ({ ...line, values: packColumn('f32', pick(values)) })),
    summary: [chartSummary({ ...all, unit }), ...(note === undefined ? [] : [note])].join(' '),
  }
}

/** Least and greatest value of each line, and when the greatest was first: a chart in words. */
function chartSummary({ unit, time, lines }: TimeLines & Pick<Chart, 'unit'>): string {
  const texts = lines.map(({ name, values }) => {
    let [least, most, mostAt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
    for (let row = 0; row < time.length; row += 1) {
      const value = values[row] ?? Number.NaN
      if (value < least) least = value
      if (value <= most || Number.isNaN(value)) continue
      most = value
      mostAt = time[row] ?? 0
    }
    const [low, high] = [numberOf(least, unit), numberOf(most, unit)]
    const words = UNIT_WORDS[unit]
    return low === high
      ? `${name}: always ${low}${words}`
      : `${name}: ${low} to ${high}${words}, most at ${durationText(mostAt)}`
  })
  return `${texts.join('; ')}.`
}

/** A value of a chart with its unit. */
export function valueText(value: number, unit: Chart['unit']): string {
  return numberOf(value, unit) + UNIT_WORDS[unit]
}

/** What is said behind numbers of a chart, by its unit. */
const UNIT_WORDS: Readonly<Record<Chart['unit'], string>> = {
  share: ' %',
  count: '',
  per_second: ' a second',
}

function numberOf(value: number, unit: Chart['unit']): string {
  if (unit === 'share') return String(Number((value * 100).toFixed(1)))
  return grouped(unit === 'per_second' ? Number(value.toPrecision(3)) : value)
}
