import { existsSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { loadScenario } from '../scenario/load.ts'
import type { ScenarioInput } from '../scenario/load.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { tableFormatsOf } from './table-flags.ts'
import type { TableFlags } from './table-flags.ts'

/** Flags of commands that take a scenario, as commander hands them over. */
export interface ScenarioFlags extends TableFlags {
  readonly trace?: string
  readonly format?: string
  readonly nodes?: string
  readonly schedulerConfig?: string
  readonly policy?: string
  readonly plugin?: readonly string[]
  readonly extender?: readonly string[]
  readonly pluginTimeout?: string
  readonly until?: string
  /** The moment that is asked about: the run ends there, whatever `until` says. */
  readonly at?: string
  readonly seed?: string
  readonly set?: readonly string[]
  readonly from?: string
  readonly limit?: string
  readonly scale?: string
  readonly timeScale?: string
  readonly warmUp?: string
  readonly skipBadRows?: string
}

/** Loads the scenario that a command line means: a file with flags over it, or flags alone. */
export function scenarioOf(file: string | undefined, flags: ScenarioFlags): Scenario {
  return loadScenario(scenarioInputOf(file, flags))
}

/** What the scenario of a command line is made from. */
export function scenarioInputOf(file: string | undefined, flags: ScenarioFlags): ScenarioInput {
  const given = flagOverrides(file, flags)
  const overrides = [...given.map(({ field, value }) => `${field}=${value}`), ...(flags.set ?? [])]
  const names = new Map(given.map(({ field, flag }) => [field, flag]))
  if (file !== undefined) return { file, overrides, flags: names }
  if (flags.trace === undefined || flags.nodes === undefined) {
    throw new InputError({
      message: 'there is nothing to run',
      hint: 'give a scenario file, or --trace FILE [--format FORMAT] --nodes FILE|COUNTxCPU:MEMORY; `stowage init` writes a scenario',
    })
  }
  return { raw: rawScenario(flags), overrides, flags: names }
}

function rawScenario(flags: ScenarioFlags): Record<string, unknown> {
  return {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: {},
    spec: {
      // Of the flag, which goes over it and is named in errors.
      nodes: [],
      workload: [{ trace: { file: flags.trace, format: flags.format ?? 'csv' } }],
    },
  }
}

/** `5000x64:256Gi` is a counted shape; anything else is a file, of openb's form when the trace is. */
function nodesOf(
  text: string,
  { format }: ScenarioFlags,
  place: (given: string) => string,
): Record<string, unknown> {
  const shape = /^(\d+)x(.+)$/.exec(text)
  if (shape !== null && !existsSync(text)) return { template: { count: Number(shape[1]), shape: shape[2] } }
  const isList = /\.csv(\.gz)?$/.test(text)
  return { file: place(text), format: isList && format === 'openb' ? 'openb' : 'kubernetes' }
}

/** A field that a flag stands for, and its value as YAML. */
interface FlagOverride {
  readonly field: string
  readonly value: string
  readonly flag: string
}

/** Flags as overrides of the fields that they stand for. */
function flagOverrides(file: string | undefined, flags: ScenarioFlags): readonly FlagOverride[] {
  const place = (given: string): string => fromScenario(file, given)
  const trace = 'spec.workload[0].trace'
  const { nodes, plugin = [], extender = [] } = flags
  const values: readonly (readonly [string, string, unknown])[] = [
    ['--until', 'spec.until', mapped(flags.until, numberIfAny)],
    ['--at', 'spec.until', mapped(flags.at, numberIfAny)],
    ['--seed', 'spec.seed', mapped(flags.seed, numberIfAny)],
    ['--warm-up', 'spec.warmUp', mapped(flags.warmUp, numberIfAny)],
    ['--scheduler-config', 'spec.scheduler.configFile', mapped(flags.schedulerConfig, place)],
    ['--policy', 'spec.scheduler.policy', flags.policy],
    ['--plugin-timeout', 'spec.scheduler.pluginTimeout', mapped(flags.pluginTimeout, numberIfAny)],
    ['--from', `${trace}.from`, mapped(flags.from, numberIfAny)],
    ['--limit', `${trace}.limit`, mapped(flags.limit, numberIfAny)],
    ['--scale', `${trace}.scale`, mapped(flags.scale, numberIfAny)],
    ['--time-scale', `${trace}.timeScale`, mapped(flags.timeScale, numberIfAny)],
    ['--skip-bad-rows', `${trace}.skipBadRows`, mapped(flags.skipBadRows, numberIfAny)],
    ['--trace', `${trace}.file`, file === undefined ? undefined : mapped(flags.trace, place)],
    ['--format', `${trace}.format`, file === undefined ? undefined : flags.format],
    ['--tables', 'spec.report.tables', tableFormatsOf(flags)],
    ['--nodes', 'spec.nodes', mapped(nodes, (text) => [nodesOf(text, flags, place)])],
    ['--plugin', 'spec.scheduler.plugins', plugin.length === 0 ? undefined : plugin.map(place)],
    ['--extender', 'spec.scheduler.extenders', extender.length === 0 ? undefined : extender.map(place)],
  ]
  return values.flatMap(([flag, field, value]) =>
    value === undefined ? [] : [{ field, value: JSON.stringify(value), flag }],
  )
}

/** Paths of flags are relative to where the command runs, those of a scenario to its file. */
export function fromScenario(file: string | undefined, given: string): string {
  if (file === undefined || path.isAbsolute(given)) return given
  return path.relative(path.dirname(path.resolve(file)), path.resolve(given))
}

function mapped<Result>(text: string | undefined, map: (text: string) => Result): Result | undefined {
  return text === undefined ? undefined : map(text)
}

/** The number that a text spells as YAML would; the text itself when it is none. */
function numberIfAny(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
