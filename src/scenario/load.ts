import { createHash } from 'node:crypto'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import type { InputProblem } from '../base/errors.ts'
import { applyOverride, overriddenField } from './overrides.ts'
import { resolveScenario } from './resolve.ts'
import type { Scenario } from './scenario.ts'
import { schemaProblems } from './validate.ts'
import type { YamlPositions } from './validate.ts'
import { parseYamlFile } from './yaml-file.ts'

/** What a scenario is made from: a file or a plain value, and overrides of its fields. */
export interface ScenarioInput {
  /** Path of a scenario file. */
  readonly file?: string
  /** A raw scenario, when the command line says it instead of a file. */
  readonly raw?: Readonly<Record<string, unknown>>
  /** `path=value`, applied in order. */
  readonly overrides: readonly string[]
  /** Flags that overrides stand for, by the field: errors name these instead of a place in the file. */
  readonly flags?: ReadonlyMap<string, string>
}

/**
 * Reads a scenario, applies overrides, checks it against the schema and resolves every value.
 *
 * Throws `InputError` with all problems found, each with line and column where the text has them, or with the flag that
 * gave the value.
 */
export function loadScenario(input: ScenarioInput): Scenario {
  try {
    return load(input)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(error.problems.map((problem) => atFlag(problem, input)))
  }
}

/** A problem of a value that the command line gave, placed there. */
function atFlag(problem: InputProblem, { overrides, flags }: ScenarioInput): InputProblem {
  const { field = '', message, hint } = problem
  const given = overrides
    .map(overriddenField)
    .findLast((path) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`))
  if (given === undefined) return problem
  const named = flags?.get(given)
  const flag = named ?? `--set ${given}`
  // Whoever gave a flag of its own does not know the fields below the one that it stands for.
  const below = named === undefined ? field.slice(given.length).replace(/^\./, '') : ''
  return {
    field: below === '' ? flag : `${flag}: ${below}`,
    message,
    ...(hint === undefined ? {} : { hint }),
  }
}

/** The fields of a scenario with the overrides applied, before anything is checked or defaulted. Throws as `loadScenario` does. */
export function scenarioFields(input: ScenarioInput): Readonly<Record<string, unknown>> {
  return overriddenFields(input, input.file === undefined ? undefined : parseYamlFile(input.file))
}

function load(input: ScenarioInput): Scenario {
  const positions = input.file === undefined ? undefined : parseYamlFile(input.file)
  const fields = overriddenFields(input, positions)
  writeVersionAsText(fields)
  const problems = schemaProblems(fields, positions)
  if (problems.length > 0) throw new InputError(problems)
  const folder = input.file === undefined ? process.cwd() : path.dirname(path.resolve(input.file))
  return resolveScenario(fields, { file: input.file, folder, digest: digestOf(fields), positions })
}

/** Digest of all that a run follows from: in which form its tables are written is no part of it. */
function digestOf(fields: Readonly<Record<string, unknown>>): string {
  const spec = fields['spec'] as Readonly<Record<string, unknown>>
  const { tables, ...report } = (spec['report'] ?? {}) as Readonly<Record<string, unknown>>
  const parts = Object.entries(spec).map(([name, part]) => [name, name === 'report' ? report : part] as const)
  const kept = parts.filter(([, part]) => part !== report || Object.keys(report).length > 0)
  const content = tables === undefined ? fields : { ...fields, spec: Object.fromEntries(kept) }
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

function overriddenFields(
  input: ScenarioInput,
  positions: YamlPositions | undefined,
): Record<string, unknown> {
  const raw = (
    positions === undefined ? structuredClone(input.raw ?? {}) : positions.document.toJS()
  ) as unknown
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new InputError({
      ...(input.file === undefined ? {} : { file: input.file }),
      message: 'expected a scenario object',
    })
  }
  const fields = raw as Record<string, unknown>
  for (const override of input.overrides) applyOverride(fields, override)
  return fields
}

/** YAML reads a version without quotes as a number: `kubernetesVersion: 1.36`. */
function writeVersionAsText(fields: Record<string, unknown>): void {
  const spec = fields['spec']
  if (typeof spec !== 'object' || spec === null || !('kubernetesVersion' in spec)) return
  if (typeof spec.kubernetesVersion === 'number') spec.kubernetesVersion = String(spec.kubernetesVersion)
}
