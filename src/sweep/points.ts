import { assert } from '../base/assert.ts'
import { RandomStreams } from '../base/random.ts'
import type { RandomStream } from '../base/random.ts'
import { valueAt } from './parameter.ts'
import type { Parameter } from './parameter.ts'

/**
 * How points are chosen: every combination of values; each parameter of each point drawn by itself; or a Latin hypercube, in
 * which each of n equal parts of every parameter has one of n points.
 */
export const METHODS = ['grid', 'random', 'latin'] as const

export type SweepMethod = (typeof METHODS)[number]

/** The values of a point, in the order of the parameters. */
export type PointValues = readonly unknown[]

/** How many points are drawn, and from which seed. */
export interface Draws {
  readonly method: SweepMethod
  /** Points of methods that draw. */
  readonly count: number
  readonly seed: string
}

/** The points of a sweep. Each parameter draws from a stream of its own, by its path: another one moves none of its values. */
export function pointsOf(parameters: readonly Parameter[], draws: Draws): readonly PointValues[] {
  if (draws.method === 'grid') return grid(parameters)
  const random = new RandomStreams(draws.seed)
  const columns = parameters.map((parameter) => {
    const stream = random.stream(`sweep/${draws.method}/${parameter.path}`)
    const shares =
      draws.method === 'latin' ? latinShares(draws.count, stream) : freeShares(draws.count, stream)
    return shares.map((share) => valueAt(parameter, share))
  })
  return Array.from({ length: draws.count }, (_, point) => columns.map((column) => column[point]))
}

/** Points that the grid has. */
export function gridSize(parameters: readonly Parameter[]): number {
  return parameters.reduce((size, { domain }) => size * ('values' in domain ? domain.values.length : 0), 1)
}

/** Every combination, the last parameter changing first. */
function grid(parameters: readonly Parameter[]): readonly PointValues[] {
  return parameters.reduce<readonly PointValues[]>(
    (points, { domain }) => {
      assert('values' in domain, 'a grid is of values')
      return points.flatMap((point) => domain.values.map((value) => [...point, value]))
    },
    [[]],
  )
}

function freeShares(count: number, stream: RandomStream): readonly number[] {
  return Array.from({ length: count }, () => stream.uniform())
}

/**
 * Shares from 0 to below 1, one in each of `count` equal parts, in random order and at a random place within its part.
 *
 * Source: McKay, Beckman and Conover, Technometrics 21 (1979), 239–245.
 */
export function latinShares(count: number, stream: RandomStream): readonly number[] {
  const strata = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = stream.integer(last + 1)
    const swapped = strata[last] ?? 0
    strata[last] = strata[other] ?? 0
    strata[other] = swapped
  }
  // Rounding must not lift the greatest to 1, nor any into the next part.
  return strata.map((stratum) => Math.min((stratum + stream.uniform()) / count, below((stratum + 1) / count)))
}

function below(limit: number): number {
  return limit - limit * Number.EPSILON
}
