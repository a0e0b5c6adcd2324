import path from 'node:path'

import { Ajv2020 } from 'ajv/dist/2020.js'

import { InputError } from '../base/errors.ts'
import { CHECK_OPTIONS } from '../scenario/check-options.ts'
import { fieldText, positionOf, schemaProblems } from '../scenario/validate.ts'
import type { YamlPositions } from '../scenario/validate.ts'
import { parseYamlFile } from '../scenario/yaml-file.ts'
import { checkMetric } from './main-metrics.ts'
import { checkedRange, checkedValues } from './parameter.ts'
import type { Parameter, ParameterRange } from './parameter.ts'
import type { ParetoMetric } from './pareto.ts'
import { paretoMetric } from './point-front.ts'
import type { SweepMethod } from './points.ts'
import { SWEEP_SCHEMA } from './sweep-schema.ts'

/** What a Sweep file says; undefined where it says nothing. */
export interface SweepFile {
  readonly name: string
  /** Path of the scenario file. */
  readonly scenario: string
  readonly set: readonly string[]
  readonly method: SweepMethod | undefined
  readonly points: number | undefined
  readonly seed: string | undefined
  readonly seeds: readonly number[] | undefined
  readonly parameters: readonly Parameter[]
  readonly metrics: readonly string[] | undefined
  readonly pareto: readonly ParetoMetric[] | undefined
}

/** The fields of `spec`, once the schema has accepted them. */
interface RawSpec extends Pick<SweepFile, 'scenario' | 'metrics'> {
  readonly set?: readonly string[]
  readonly method?: SweepMethod
  readonly points?: number
  readonly seed?: number | string
  readonly seeds?: number | readonly number[]
  readonly parameters: readonly RawParameter[]
  readonly pareto?: readonly { readonly metric: string; readonly better?: ParetoMetric['better'] }[]
}

interface RawParameter {
  readonly path: string
  readonly values?: readonly unknown[]
  readonly range?: Pick<ParameterRange, 'from' | 'to'> & Partial<ParameterRange>
}

/** Whether a YAML file is of kind Sweep. Throws `InputError` when it cannot be read. */
export function isSweepFile(file: string): boolean {
  const value = parseYamlFile(file).document.toJS() as unknown
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Sweep'
}

/** Reads a Sweep; throws `InputError` for what is wrong with it, with line and field. */
export function readSweepFile(file: string): SweepFile {
  const positions = parseYamlFile(file)
  const raw = positions.document.toJS() as {
    readonly metadata?: { readonly name?: string }
    readonly spec: RawSpec
  }
  const problems = schemaProblems(raw, positions, new Ajv2020(CHECK_OPTIONS).compile(SWEEP_SCHEMA))
  if (problems.length > 0) throw new InputError(problems)
  const { spec } = raw
  spec.metrics?.forEach((metric, index) =>
    placed(positions, ['spec', 'metrics', index], (field) => checkMetric(metric, field)),
  )
  const pareto = spec.pareto?.map(({ metric, better }, index) => {
    placed(positions, ['spec', 'pareto', index, 'metric'], (field) => checkMetric(metric, field))
    return paretoMetric(metric, better)
  })
  return {
    name: raw.metadata?.name ?? path.basename(file).replace(/\.ya?ml$/, ''),
    scenario: path.join(path.dirname(file), spec.scenario),
    set: spec.set ?? [],
    method: spec.method,
    points: spec.points,
    seed: spec.seed === undefined ? undefined : String(spec.seed),
    seeds:
      typeof spec.seeds === 'number'
        ? Array.from({ length: spec.seeds }, (_, index) => index + 1)
        : spec.seeds,
    parameters: spec.parameters.map((parameter, index) =>
      placed(positions, ['spec', 'parameters', index], (field) => parameterOf(parameter, field)),
    ),
    metrics: spec.metrics,
    pareto,
  }
}

function parameterOf({ path: place, values, range }: RawParameter, field: string): Parameter {
  const source = `${field} (${place})`
  if (values !== undefined && range === undefined) {
    return { path: place, source, domain: { values: checkedValues(values, `${field}.values`) } }
  }
  if (values !== undefined || range === undefined) {
    throw new InputError({ field, message: 'expected values or a range, and one of them' })
  }
  const { from, to, unit = '' } = range
  const isWhole = Number.isInteger(from) && Number.isInteger(to)
  const scale = range.scale ?? (isWhole ? 'integer' : 'linear')
  return { path: place, source, domain: { range: checkedRange({ from, to, scale, unit }, `${field}.range`) } }
}

/** Adds the place in the file to what is found wrong with a field. */
function placed<Result>(
  positions: YamlPositions,
  at: readonly (string | number)[],
  body: (field: string) => Result,
): Result {
  try {
    return body(fieldText(at))
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(error.problems.map((problem) => ({ ...positionOf(at, positions), ...problem })))
  }
}
