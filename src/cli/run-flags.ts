import { existsSync } from 'node:fs'

import { InputError } from '../base/errors.ts'
import { loadScenario } from '../scenario/load.ts'
import type { Scenario } from '../scenario/scenario.ts'

/** Flags of commands that take a scenario, as commander hands them over. */
export interface ScenarioFlags {
  readonly trace?: string
  readonly format?: string
  readonly nodes?: string
  readonly schedulerConfig?: string
  readonly plugin?: readonly string[]
  readonly extender?: readonly string[]
  readonly until?: string
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
  const overrides = [...flagOverrides(file, flags), ...(flags.set ?? [])]
  if (file !== undefined) return loadScenario({ file, overrides })
  if (flags.trace === undefined || flags.nodes === undefined) {
    throw new InputError({
      message: 'there is nothing to run',
      hint: 'give a scenario file, or --trace FILE --format FORMAT --nodes FILE|COUNTxSHAPE; `stowage init` writes a scenario',
    })
  }
  return loadScenario({ raw: rawScenario(flags), overrides })
}

function rawScenario(flags: ScenarioFlags): Record<string, unknown> {
  return {
    apiVersion: 'stowage.dev/v1alpha1',
    kind: 'Scenario',
    metadata: {},
    spec: {
      nodes: [nodesOf(flags.nodes ?? '', flags.format ?? 'csv')],
      workload: [{ trace: { file: flags.trace, format: flags.format ?? 'csv' } }],
    },
  }
}

/** `5000x64:256Gi` is a counted shape; anything else is a file, of openb's form when the trace is. */
function nodesOf(text: string, format: string): Record<string, unknown> {
  const shape = /^(\d+)x(.+)$/.exec(text)
  if (shape !== null && !existsSync(text)) return { template: { count: Number(shape[1]), shape: shape[2] } }
  const isList = /\.csv(\.gz)?$/.test(text)
  return { file: text, format: isList && format === 'openb' ? 'openb' : 'kubernetes' }
}

/** Flags as overrides of the fields that they stand for. */
function flagOverrides(file: string | undefined, flags: ScenarioFlags): string[] {
  const trace = 'spec.workload[0].trace'
  const values: readonly (readonly [string, string | undefined])[] = [
    ['spec.until', flags.until],
    ['spec.seed', flags.seed],
    ['spec.warmUp', flags.warmUp],
    ['spec.scheduler.configFile', flags.schedulerConfig],
    [`${trace}.from`, flags.from],
    [`${trace}.limit`, flags.limit],
    [`${trace}.scale`, flags.scale],
    [`${trace}.timeScale`, flags.timeScale],
    [`${trace}.skipBadRows`, flags.skipBadRows],
    [`${trace}.file`, file === undefined ? undefined : flags.trace],
    [`${trace}.format`, file === undefined ? undefined : flags.format],
  ]
  const overrides = values.flatMap(([path, value]) =>
    value === undefined ? [] : [`${path}=${JSON.stringify(value)}`],
  )
  const numeric = overrides.map((override) => override.replace(/="(\d+(?:\.\d+)?)"$/, '=$1'))
  if (file !== undefined && flags.nodes !== undefined) {
    numeric.push(`spec.nodes=${JSON.stringify([nodesOf(flags.nodes, flags.format ?? 'csv')])}`)
  }
  const plugins = flags.plugin ?? []
  if (plugins.length > 0) numeric.push(`spec.scheduler.plugins=${JSON.stringify(plugins)}`)
  const extenders = flags.extender ?? []
  if (extenders.length > 0) numeric.push(`spec.scheduler.extenders=${JSON.stringify(extenders)}`)
  return numeric
}
