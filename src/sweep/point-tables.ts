import { csvText } from '../report/csv.ts'
import type { Cell } from '../report/csv.ts'
import type { Parameter } from './parameter.ts'
import { sampleAt } from './point-front.ts'
import type { PointFront } from './point-front.ts'
import type { PointOutcome } from './run-sweep.ts'
import type { SweepPoint } from './sweep-definition.ts'

/** points.csv: a row a point, with its parameters and the mean of each metric over its seeds, with the ends of the interval. */
export function pointsCsv(
  outcomes: readonly PointOutcome[],
  parameters: readonly Parameter[],
  metrics: readonly string[],
): string {
  const rows = outcomes.map((outcome): Cell[] => {
    const cells = metrics.flatMap((metric): Cell[] => {
      const { mean, halfWidth } = sampleAt(outcome, metric)?.interval ?? {}
      const hasEnds = mean !== undefined && halfWidth !== undefined
      return [mean, ...(hasEnds ? [mean - halfWidth, mean + halfWidth] : [undefined, undefined])]
    })
    return [...pointCells(outcome.point), outcome.seeds.length, outcome.failures.length, ...cells]
  })
  const columns = metrics.flatMap((metric) => [`${metric}_mean`, `${metric}_low`, `${metric}_high`])
  return csvText([[...pointColumns(parameters), 'runs', 'failed', ...columns], ...rows])
}

/** runs.csv: a row a point, seed and metric. */
export function pointRunsCsv(outcomes: readonly PointOutcome[]): string {
  const rows = outcomes.flatMap(({ point, seeds, samples }) =>
    seeds.flatMap((seed, index) =>
      samples.map(({ name, unit, values }): Cell[] => [point.number, seed, name, values[index], unit]),
    ),
  )
  return csvText([['point', 'seed', 'metric', 'value', 'unit'], ...rows])
}

/** failed.csv: a row a run that failed. */
export function failedCsv(outcomes: readonly PointOutcome[], parameters: readonly Parameter[]): string {
  const rows = outcomes.flatMap(({ point, failures }) =>
    failures.map(({ unit, name, message }): Cell[] => [
      ...pointCells(point),
      unit.seed,
      unit.id,
      name,
      message,
    ]),
  )
  return csvText([[...pointColumns(parameters), 'seed', 'run_id', 'error', 'message'], ...rows])
}

/** pareto.csv: a row a point that could be judged, those on the front first, by the first metric. */
export function paretoCsv({ metrics, points }: PointFront, parameters: readonly Parameter[]): string {
  const rows = sorted(points).map(({ outcome, values, isOnFront }): Cell[] => [
    ...pointCells(outcome.point),
    ...values,
    isOnFront,
  ])
  const columns = [...pointColumns(parameters), ...metrics.map(({ metric }) => `${metric}_mean`), 'on_front']
  return csvText([columns, ...rows])
}

/** Points on the front first, by the first metric, then by their numbers. */
export function sorted(points: PointFront['points']): PointFront['points'] {
  return points.toSorted((one, other) => {
    if (one.isOnFront !== other.isOnFront) return one.isOnFront ? -1 : 1
    const by = (one.values[0] ?? 0) - (other.values[0] ?? 0)
    return by === 0 ? one.outcome.point.number - other.outcome.point.number : by
  })
}

function pointColumns(parameters: readonly Parameter[]): readonly string[] {
  return ['point', ...parameters.map(({ path }) => path)]
}

/** The number of a point and its values; lists and objects as JSON. */
export function pointCells({ number, values }: SweepPoint): Cell[] {
  return [number, ...values.map(valueCell)]
}

function valueCell(value: unknown): Cell {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value)
}
