import { createHash } from 'node:crypto'

import type { ScenarioInput } from '../scenario/load.ts'
import type { Parameter } from './parameter.ts'
import type { ParetoMetric } from './pareto.ts'
import type { PointFiles } from './point-files.ts'
import { pointsOf } from './points.ts'
import type { Draws, PointValues } from './points.ts'
import type { RunUnit } from './run-unit.ts'
import { settingOf } from './variants.ts'

/** All that a sweep is, as plain data. */
export interface SweepDefinition {
  readonly name: string
  /** The scenario of all points, as a run unit has it. */
  readonly base: Pick<RunUnit, 'file' | 'raw' | 'overrides' | 'flags'>
  readonly parameters: readonly Parameter[]
  readonly draws: Draws
  readonly seeds: readonly number[]
  /** What tables of points have; undefined for the main metrics. */
  readonly metrics: readonly string[] | undefined
  /** What the Pareto front is of; undefined for cost, time spent pending and availability, as far as they differ. */
  readonly pareto: readonly ParetoMetric[] | undefined
}

/** One run of a sweep: a run unit with a name that follows from what it runs. */
export interface SweepUnit extends RunUnit {
  /** Digits of a digest of its overrides, its seed and the files that its point alone names: equal ones are the same run. */
  readonly id: string
}

/** A point of a sweep with its runs, by seed. */
export interface SweepPoint {
  /** From 1, in the order of the points. */
  readonly number: number
  readonly values: PointValues
  readonly units: readonly SweepUnit[]
}

/** Hexadecimal digits of an id. */
const ID_LENGTH = 16

/** The scenario of a sweep as a run unit has it. */
export function baseOf({ file, raw, overrides, flags }: ScenarioInput): SweepDefinition['base'] {
  return { file, raw, overrides, flags: [...(flags ?? [])] }
}

/** The points of a sweep, each with a unit a seed: records that can be sent to a thread or another machine as they are. */
export function sweepPoints(
  definition: SweepDefinition,
  version: string,
  files: PointFiles,
): readonly SweepPoint[] {
  const { base, parameters, draws, seeds } = definition
  const sources = parameters.map(({ path, source }) => [path, source] as const)
  return pointsOf(parameters, draws).map((values, index) => {
    const settings = parameters.flatMap(({ path }, at) => settingOf(path, values[at]))
    const overrides = [...base.overrides, ...settings]
    const flags = [...base.flags, ...sources]
    const named = Object.values(files.of({ ...base, overrides, flags }, values))
    const units = seeds.map((seed): SweepUnit => {
      const id = createHash('sha256')
        .update(JSON.stringify(named.length === 0 ? [overrides, seed] : [overrides, seed, named]))
        .digest('hex')
        .slice(0, ID_LENGTH)
      return { ...base, id, overrides, flags, seed, directory: undefined, command: [], version }
    })
    return { number: index + 1, values, units }
  })
}

/** Digest of all that the results of a sweep depend on; how they are shown is left out. */
export function sweepDigest(
  { base, parameters, draws, seeds }: SweepDefinition,
  inputs: Readonly<Record<string, string>>,
  version: string,
): string {
  const domains = parameters.map(({ path, domain }) => ({ path, domain }))
  const { file, raw, overrides } = base
  const all = { file, raw, overrides, domains, draws, seeds, inputs, version }
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}
