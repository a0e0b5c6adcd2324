import { comparisonReport } from '../report/page/build/comparison-report.ts'
import type { ParetoAxis, ParetoView } from '../report/page/report-data.ts'
import { writePage } from '../report/page/write-page.ts'
import { packageVersion } from '../run/package.ts'
import { mainFirst } from '../sweep/main-metrics.ts'
import { paretoFront } from '../sweep/pareto.ts'
import type { ParetoMetric } from '../sweep/pareto.ts'
import { sampleAt } from '../sweep/point-front.ts'
import { pointCells } from '../sweep/point-tables.ts'
import type { PointOutcome } from '../sweep/run-sweep.ts'
import { shortNames } from './sweep-points-text.ts'
import type { SweepView } from './sweep-points-text.ts'

/** Points beside each other in the table: of more, the first point and those on the front. */
const COLUMNS_MAX = 12

/** Writes the page of a sweep: the front of its first two metrics with all points, and points beside each other. */
export async function writeSweepPage(file: string, view: SweepView): Promise<void> {
  const { definition, outcomes, front } = view
  const pareto = paretoView(view)
  const onFront = new Set(front.points.filter(({ isOnFront }) => isOnFront).map(({ outcome }) => outcome))
  const whole = outcomes.filter(({ isWhole }) => isWhole)
  const shown =
    whole.length <= COLUMNS_MAX
      ? whole
      : whole.filter((outcome, index) => index === 0 || onFront.has(outcome)).slice(0, COLUMNS_MAX)
  const page = await comparisonReport({
    title: `stowage: ${definition.name}`,
    version: packageVersion(),
    scenarios: shown.map((outcome) => ({
      name: labelOf(outcome, view),
      samples: mainFirst(outcome.samples),
      directories: [],
    })),
    seeds: definition.seeds,
    ...(pareto === undefined ? {} : { pareto }),
  })
  writePage(file, page)
}

/** All points by the first two metrics that they are judged by; undefined where there are fewer. */
function paretoView(view: SweepView): ParetoView | undefined {
  const { front } = view
  const [x, y] = front.metrics
  if (x === undefined || y === undefined || front.points.length === 0) return undefined
  const onFront = paretoFront(
    front.points.map(({ values }) => values.slice(0, 2)),
    [x, y],
  )
  const points = front.points.map(({ outcome, values }, index) => ({
    label: labelOf(outcome, view),
    x: values[0] ?? 0,
    y: values[1] ?? 0,
    isOnFront: onFront[index] === true,
  }))
  return { x: axisOf(x, view), y: axisOf(y, view), points }
}

function axisOf({ metric, better }: ParetoMetric, { outcomes }: SweepView): ParetoAxis {
  const sample = outcomes.map((outcome) => sampleAt(outcome, metric)).find((found) => found !== undefined)
  return { metric, label: sample?.label ?? metric, better }
}

/** `3: count 14, policy MostAllocated`. */
function labelOf({ point }: PointOutcome, { definition }: SweepView): string {
  const names = shortNames(definition.parameters.map(({ path }) => path))
  const [number, ...values] = pointCells(point)
  return `${number}: ${values.map((value, index) => `${names[index] ?? ''} ${value}`).join(', ')}`
}
