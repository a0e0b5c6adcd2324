import { sampleAt } from '../sweep/point-front.ts'
import type { PointFront } from '../sweep/point-front.ts'
import { pointCells, sorted } from '../sweep/point-tables.ts'
import type { PointOutcome } from '../sweep/run-sweep.ts'
import type { SweepDefinition } from '../sweep/sweep-definition.ts'
import { failureLines } from './failed-runs.ts'
import { counted, meanCells } from './sweep-text.ts'
import { textTable } from './text-table.ts'
import type { TextCell } from './text-table.ts'

/** A sweep as it is told. */
export interface SweepView {
  readonly definition: SweepDefinition
  readonly outcomes: readonly PointOutcome[]
  /** Columns of points. */
  readonly metrics: readonly string[]
  readonly front: PointFront
}

/** Points that are printed at most. */
const LINES_MAX = 20

/** The points by the metrics that they are judged by, the front first; of many points the front alone. */
export function sweepText({ definition, outcomes, front }: SweepView): string {
  const { parameters, seeds, name } = definition
  const runs = outcomes.reduce((sum, outcome) => sum + outcome.seeds.length, 0)
  const title = `${name}: ${outcomes.length} points, ${counted(runs)} of ${outcomes.length * seeds.length}`
  if (front.metrics.length === 0 || front.points.length === 0) {
    return `${title}\n\nno Pareto front: ${front.points.length === 0 ? 'no point is whole' : 'the points do not differ in cost, waiting or availability'}\n`
  }
  const all = sorted(front.points)
  const shown = all.length <= LINES_MAX ? all : all.filter(({ isOnFront }) => isOnFront).slice(0, LINES_MAX)
  const rows = shown.map(({ outcome, isOnFront }): TextCell[] => [
    ...pointCells(outcome.point).map((cell) => (typeof cell === 'number' ? cell : String(cell))),
    ...front.metrics.flatMap(({ metric }) => meanCells(sampleAt(outcome, metric)?.interval)),
    isOnFront ? 'front' : '',
  ])
  const heads = front.metrics.flatMap(({ metric, better }) => [[metric, `(${better})`], '±'])
  const shortened = shortNames(parameters.map(({ path }) => path))
  const table = textTable(['point', ...shortened, ...heads, ''], rows)
  const words = front.metrics.map(({ metric, better }) => `${better} ${metric}`).join(', ')
  const rest = shown.length === all.length ? '' : `; ${all.length} points are in points.csv`
  return `${[title, '', ...table, '', `front: no point is as good in all of ${words}, and better in one${rest}`].join('\n')}\n`
}

/** The last part of each path, or the whole where two would be the same. */
export function shortNames(paths: readonly string[]): readonly string[] {
  const ends = paths.map((path) => path.split('.').at(-1) ?? path)
  return ends.map((end, index) =>
    ends.filter((one) => one === end).length > 1 ? (paths[index] ?? end) : end,
  )
}

/** What failed, a line a run, and how it is run again. */
export function failuresText(outcomes: readonly PointOutcome[], directory: string): string {
  const failed = outcomes.flatMap(({ point, failures }) =>
    failures.map(({ unit: { seed }, message }) => ({ scenario: `point ${point.number}`, seed, message })),
  )
  return `${failureLines(failed)}stowage sweep --resume ${directory} --retry-failed runs them again\n`
}

/** The points as JSON. */
export function sweepJson({ definition, outcomes, metrics, front }: SweepView): unknown {
  const onFront = new Set(
    front.points.flatMap(({ outcome, isOnFront }) => (isOnFront ? [outcome.point.number] : [])),
  )
  return {
    name: definition.name,
    seeds: definition.seeds,
    pareto: front.metrics,
    points: outcomes.map((outcome) => ({
      point: outcome.point.number,
      values: Object.fromEntries(
        definition.parameters.map(({ path }, index) => [path, outcome.point.values[index]]),
      ),
      seeds: outcome.seeds,
      failed: outcome.failures.map(({ unit, message }) => ({ seed: unit.seed, message })),
      metrics: metrics.flatMap((name) => {
        const sample = sampleAt(outcome, name)
        return sample === undefined ? [] : [{ name, unit: sample.unit, ...sample.interval }]
      }),
      isOnFront: onFront.has(outcome.point.number),
    })),
  }
}
