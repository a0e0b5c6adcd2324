import { csvText } from '../report/csv.ts'
import { lineChart } from '../report/line-chart.ts'
import { powerLaw, slopeOf } from '../report/statistics.ts'
import type { PowerLaw } from '../report/statistics.ts'
import type { ReplayFigures } from './replay.ts'

/** Which of two sizes grows; `empty`: nodes without work to speak of. */
export type Sweep = 'nodes' | 'pods' | 'empty'

/** One replay of a sweep. */
export interface ScalingPoint {
  readonly sweep: Sweep
  readonly figures: ReplayFigures
  /** A replay of hardly any pods on as many nodes: what costs so much without work. */
  readonly empty: ReplayFigures
}

/** How a measure grows with the size that a sweep is over. */
export interface ScalingFit extends PowerLaw {
  readonly sweep: Sweep
  readonly measure: string
  readonly unit: string
}

interface Measure {
  readonly name: string
  readonly unit: string
  /** Whether it is a difference to the empty cluster, which has none itself. */
  readonly isDifference: boolean
  readonly of: (figures: ReplayFigures, empty: ReplayFigures) => number
}

const MICROS = 1e6
const MIB = 2 ** 20

/** What is measured at each point; costs of a pod and of a decision are those beyond the empty cluster's. */
const MEASURES: readonly Measure[] = [
  { name: 'cpu', unit: 's', isDifference: false, of: ({ cpuSeconds }) => cpuSeconds },
  {
    name: 'cpu_per_pod',
    unit: 'µs',
    isDifference: true,
    of: (figures, empty) =>
      (MICROS * (figures.cpuSeconds - empty.cpuSeconds)) / (figures.podsFinished - empty.podsFinished),
  },
  {
    name: 'scheduling_per_decision',
    unit: 'µs',
    isDifference: true,
    of: (figures, empty) =>
      (MICROS * ((figures.phases?.scheduling ?? 0) - (empty.phases?.scheduling ?? 0))) /
      (figures.decisions - empty.decisions),
  },
  {
    name: 'peak_memory',
    unit: 'MiB',
    isDifference: false,
    of: ({ peakRssBytes }) => peakRssBytes / MIB,
  },
]

/** The measures of a point by their names; an empty cluster has no differences to itself. */
export function measuresOf({ sweep, figures, empty }: ScalingPoint): ReadonlyMap<string, number> {
  const measures = sweep === 'empty' ? MEASURES.filter(({ isDifference }) => !isDifference) : MEASURES
  return new Map(measures.map(({ name, of }) => [name, of(figures, empty)]))
}

/** Power laws of all measures over each sweep that has two points or more. */
export function scalingFits(points: readonly ScalingPoint[]): readonly ScalingFit[] {
  return (['nodes', 'pods'] as const).flatMap((sweep) =>
    MEASURES.flatMap(({ name, unit }): ScalingFit[] => {
      const law = powerLaw(pointsOf(points, sweep, name))
      return law === undefined ? [] : [{ sweep, measure: name, unit, ...law }]
    }),
  )
}

/** Resident memory that a node adds, in bytes: the slope of a straight line through the points of empty nodes. */
export function bytesPerNode(points: readonly ScalingPoint[]): number | undefined {
  return slopeOf(pointsOf(points, 'empty', 'peak_memory').map(([nodes, mib]) => [nodes, mib * MIB]))
}

/** scaling.csv: a row a point. */
export function scalingCsv(points: readonly ScalingPoint[]): string {
  const header = [
    'sweep',
    'nodes',
    'pods',
    'shapes',
    'decisions',
    'events',
    ...MEASURES.map(({ name, unit }) => `${name}_${unit === 'µs' ? 'us' : unit.toLowerCase()}`),
  ]
  const rows = points.map((point) => {
    const { nodes, pods, shapes, decisions, events } = point.figures
    const measures = measuresOf(point)
    return [
      point.sweep,
      nodes,
      pods,
      shapes,
      decisions,
      events,
      ...MEASURES.map(({ name }) => measures.get(name)),
    ]
  })
  return csvText([header, ...rows])
}

/** scaling-fits.csv: a row a measure and sweep. */
export function fitsCsv(fits: readonly ScalingFit[]): string {
  const header = ['sweep', 'measure', 'unit', 'exponent', 'factor', 'r_squared']
  const rows = fits.map((fit) => [fit.sweep, fit.measure, fit.unit, fit.exponent, fit.factor, fit.rSquared])
  return csvText([header, ...rows])
}

/** The curves of a sweep over logarithmic axes, SVG. */
export function scalingChart(
  points: readonly ScalingPoint[],
  fits: readonly ScalingFit[],
  sweep: 'nodes' | 'pods',
): string {
  const fixed = points.find((point) => point.sweep === sweep)?.figures
  const rest =
    sweep === 'nodes'
      ? `${fixed?.pods.toLocaleString('en') ?? ''} pods`
      : `${fixed?.nodes.toLocaleString('en') ?? ''} nodes`
  return lineChart({
    title: `replay of ${rest}, as ${sweep} grow`,
    xLabel: sweep,
    yLabel: 'by the units beside the names',
    isLogarithmic: true,
    hasMarks: true,
    lines: MEASURES.map(({ name, unit }) => {
      const fit = fits.find((one) => one.sweep === sweep && one.measure === name)
      const law = fit === undefined ? '' : `: ${sweep}^${fit.exponent.toFixed(2)}`
      return { name: `${name} (${unit})${law}`, points: pointsOf(points, sweep, name) }
    }),
  })
}

function pointsOf(
  points: readonly ScalingPoint[],
  sweep: Sweep,
  name: string,
): (readonly [number, number])[] {
  return points
    .filter((point) => point.sweep === sweep)
    .map((point) => {
      const { nodes, pods } = point.figures
      return [sweep === 'pods' ? pods : nodes, measuresOf(point).get(name) ?? 0] as const
    })
    .filter(([, value]) => value > 0)
}
