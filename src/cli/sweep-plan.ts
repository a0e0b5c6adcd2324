import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { loadScenario } from '../scenario/load.ts'
import { checkMetric } from '../sweep/main-metrics.ts'
import { rangeParameter, valuesParameter } from '../sweep/parameter-text.ts'
import type { Parameter } from '../sweep/parameter.ts'
import type { ParetoMetric } from '../sweep/pareto.ts'
import { paretoMetric } from '../sweep/point-front.ts'
import { gridSize } from '../sweep/points.ts'
import type { Draws } from '../sweep/points.ts'
import { baseOf } from '../sweep/sweep-definition.ts'
import type { SweepDefinition } from '../sweep/sweep-definition.ts'
import { isSweepFile, readSweepFile } from '../sweep/sweep-file.ts'
import type { SweepFile } from '../sweep/sweep-file.ts'
import { countNumber } from './flag-number.ts'
import { scenarioInputOf } from './run-flags.ts'
import type { ScenarioFlags } from './run-flags.ts'
import { seedsOf } from './sweep-flags.ts'
import type { SweepFlags } from './sweep-flags.ts'

/** Flags of `stowage sweep`, as commander hands them over. */
export interface SweepCommandFlags extends ScenarioFlags, SweepFlags {
  readonly grid?: readonly string[]
  readonly range?: readonly string[]
  readonly random?: string
  readonly latin?: string
  readonly metric?: readonly string[]
  readonly pareto?: string
  readonly out?: string
  readonly resume?: string
  readonly retryFailed?: boolean
  /** False: no page. */
  readonly html: boolean
  readonly force?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Runs of a sweep at most: what is more than this is a slip of the keyboard. */
const RUNS_MAX = 1_000_000
const POINTS_MAX = 100_000
/** Seeds of each point where nobody says how many. */
const SEEDS_DEFAULT = '5'

/** The sweep that a command line means: a Sweep file, or a scenario and flags; flags go over what the file says. */
export function sweepDefinitionOf(file: string | undefined, flags: SweepCommandFlags): SweepDefinition {
  const { seed: _, ...scenarioFlags } = flags
  const sweep = file !== undefined && isSweepFile(file) ? readSweepFile(file) : undefined
  const set = [...(sweep?.set ?? []), ...(flags.set ?? [])]
  const input = scenarioInputOf(sweep?.scenario ?? file, { ...scenarioFlags, set })
  const parameters = parametersOf(sweep, flags)
  const definition: SweepDefinition = {
    name: sweep?.name ?? loadScenario(input).name,
    base: baseOf(input),
    parameters,
    draws: drawsOf(sweep, flags, parameters),
    seeds:
      flags.seeds === undefined && sweep?.seeds !== undefined
        ? sweep.seeds
        : seedsOf(flags.seeds ?? SEEDS_DEFAULT),
    metrics: metricsOf(flags) ?? sweep?.metrics,
    pareto: paretoOf(flags) ?? sweep?.pareto,
  }
  const points = definition.draws.method === 'grid' ? gridSize(parameters) : definition.draws.count
  if (points * definition.seeds.length > RUNS_MAX) {
    throw new InputError({
      message: `${points} points with ${definition.seeds.length} seeds are too many runs`,
      hint: `at most ${RUNS_MAX.toLocaleString('en')}`,
    })
  }
  return definition
}

/** The sweep with the metrics and the front that flags ask for: these change none of its runs. */
export function shownAs(definition: SweepDefinition, flags: SweepCommandFlags): SweepDefinition {
  const { metrics, pareto } = definition
  return { ...definition, metrics: metricsOf(flags) ?? metrics, pareto: paretoOf(flags) ?? pareto }
}

/** Where the sweep's files go. */
export function sweepDirectory({ out, resume }: SweepCommandFlags, name: string): string {
  return resume ?? out ?? path.join('results', 'runs', `${name}-sweep`)
}

function parametersOf(sweep: SweepFile | undefined, flags: SweepCommandFlags): readonly Parameter[] {
  const parameters = [
    ...(sweep?.parameters ?? []),
    ...(flags.grid ?? []).map((text) => valuesParameter(text, '--grid')),
    ...(flags.range ?? []).map((text) => rangeParameter(text, '--range')),
  ]
  if (parameters.length === 0) {
    throw new InputError({
      message: 'there is nothing to vary',
      hint: 'give --grid path=value,value or --range path=from..to, or a file of kind Sweep',
    })
  }
  const twice = parameters.find(
    (one, index) => parameters.findIndex(({ path: at }) => at === one.path) !== index,
  )
  if (twice === undefined) return parameters
  throw new InputError({ field: twice.source, message: `${twice.path} is varied twice` })
}

function drawsOf(
  sweep: SweepFile | undefined,
  flags: SweepCommandFlags,
  parameters: readonly Parameter[],
): Draws {
  const { random, latin } = flags
  if (random !== undefined && latin !== undefined) {
    throw new InputError({ field: '--latin', message: 'excludes --random', hint: 'give one of them' })
  }
  const given = random === undefined ? (latin === undefined ? undefined : 'latin') : 'random'
  const method = given ?? sweep?.method ?? 'grid'
  const seed = flags.seed ?? sweep?.seed ?? '1'
  if (method === 'grid') {
    const range = parameters.find(({ domain }) => 'range' in domain)
    if (range === undefined) return { method, count: 0, seed }
    throw new InputError({
      field: range.source,
      message: 'a grid is of values, and this is a range',
      hint: 'give --latin COUNT or --random COUNT, or values',
    })
  }
  const text = random ?? latin
  const count = text === undefined ? sweep?.points : countNumber(`--${method}`, text, POINTS_MAX)
  if (count !== undefined) return { method, count, seed }
  throw new InputError({ field: 'spec.points', message: `is missing, and the method is ${method}` })
}

function metricsOf({ metric }: SweepCommandFlags): readonly string[] | undefined {
  for (const name of metric ?? []) checkMetric(name, '--metric')
  return metric
}

/** `cost:less,availability:more`; the better end may be left out. */
function paretoOf({ pareto }: SweepCommandFlags): readonly ParetoMetric[] | undefined {
  return pareto?.split(',').map((text) => {
    const [name = '', better, ...more] = text.trim().split(':')
    if (more.length > 0 || (better !== undefined && better !== 'less' && better !== 'more')) {
      throw new InputError({
        field: '--pareto',
        message: `"${text}" is no metric`,
        hint: 'expected METRIC:less or METRIC:more',
      })
    }
    checkMetric(name, '--pareto')
    return paretoMetric(name, better)
  })
}
