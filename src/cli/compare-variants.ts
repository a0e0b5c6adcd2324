import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { nearestWord } from '../base/nearest-word.ts'
import { loadScenario, scenarioFields } from '../scenario/load.ts'
import type { ScenarioInput } from '../scenario/load.ts'
import { SCHEDULING_POLICIES } from '../scenario/scheduling-policies.ts'
import { exclusionsOf, ownSchedulingName, settingOf } from '../sweep/variants.ts'
import type { Variant } from '../sweep/variants.ts'
import { fromScenario, scenarioInputOf } from './run-flags.ts'
import type { ScenarioFlags } from './run-flags.ts'

/** Flags that say what is compared. */
export interface VariantFlags extends ScenarioFlags {
  readonly policies?: string
  readonly schedulerConfigs?: readonly string[]
  readonly try?: readonly string[]
  readonly variant?: readonly string[]
  readonly baseline?: string
}

/** What is compared: scenarios, or variants of one. */
export interface Compared {
  /** Of the whole, for the directory. */
  readonly name: string
  /** The one that the others are compared with first. */
  readonly entries: readonly ComparedEntry[]
}

/** One column of a comparison, and what its runs are made from. */
export interface ComparedEntry {
  readonly name: string
  readonly input: ScenarioInput
}

/**
 * What a command line compares: several scenario files, or one scenario (a file, or flags alone) as it stands and with the scheduling
 * policies, scheduler configurations, plugins and other values that are asked for.
 */
export function comparedOf(files: readonly string[], flags: VariantFlags): Compared {
  const [file] = files
  if (files.length > 1) return comparedScenarios(files, flags)
  const base = scenarioInputOf(file, flags)
  const { name } = loadScenario(base)
  const own: Variant = { name: ownSchedulingName(scenarioFields(base)), overrides: [], flags: [] }
  const variants = [
    own,
    // The scenario as it stands is one of them: a policy of its name is the same.
    ...policies(flags).filter((variant) => variant.name !== own.name),
    ...configurations(file, flags),
    ...tried(file, flags, own),
    ...set(flags),
  ]
  if (variants.length < 2) {
    throw new InputError({
      message: 'there is one scenario and nothing to compare it with',
      hint: 'give two scenarios, or --policies, --scheduler-configs, --try or --variant',
    })
  }
  const entries = variants.map(({ name: variant, overrides, flags: names }) => ({
    name: variant,
    input: {
      ...base,
      overrides: [...base.overrides, ...overrides],
      flags: new Map([...(base.flags ?? []), ...names]),
    },
  }))
  return { name: `${name}-compared`, entries: baselineFirst(unique(entries), flags.baseline) }
}

function comparedScenarios(files: readonly string[], flags: VariantFlags): Compared {
  const given = (['policies', 'schedulerConfigs', 'try', 'variant'] as const).find(
    (name) => flags[name] !== undefined,
  )
  if (given !== undefined) {
    throw new InputError({
      field: given === 'schedulerConfigs' ? '--scheduler-configs' : `--${given}`,
      message: `makes variants of one scenario, and there are ${files.length}`,
      hint: 'give one scenario, or leave the flag out',
    })
  }
  const inputs = files.map((file) => scenarioInputOf(file, flags))
  const names = namesOf(
    files,
    inputs.map((input) => loadScenario(input).name),
  )
  const entries = inputs.map((input, index) => ({ name: names[index] ?? '', input }))
  return {
    name: names.join('-vs-').slice(0, 100),
    entries: baselineFirst(unique(entries), flags.baseline),
  }
}

/** Names of the scenarios; those of their files where two have one name. */
function namesOf(files: readonly string[], names: readonly string[]): readonly string[] {
  return new Set(names).size === names.length
    ? names
    : files.map((file) => path.basename(file).replace(/\.ya?ml$/, ''))
}

function policies({ policies: text }: VariantFlags): readonly Variant[] {
  const known = Object.keys(SCHEDULING_POLICIES)
  const names = text === 'all' ? known : (text?.split(',').map((name) => name.trim()) ?? [])
  return names.map((name, index) => {
    if (names.indexOf(name) < index) {
      throw new InputError({ field: '--policies', message: `has ${name} twice` })
    }
    if (!known.includes(name)) {
      const near = nearestWord(name, known)
      throw new InputError({
        field: '--policies',
        message: name === '' ? 'there is no policy without a name' : `there is no policy ${name}`,
        hint: near === undefined ? `expected some of ${known.join(', ')}, or all` : `did you mean ${near}?`,
      })
    }
    const field = 'spec.scheduler.policy'
    return { name, overrides: settingOf(field, name), flags: [[field, '--policies']] }
  })
}

/** `FILE`, named by the file, or `NAME=FILE`. */
function configurations(
  scenario: string | undefined,
  { schedulerConfigs = [] }: VariantFlags,
): readonly Variant[] {
  return schedulerConfigs.map((text) => {
    const [, given, file = text] = /^([^=/\\]+)=(.+)$/.exec(text) ?? []
    const field = 'spec.scheduler.configFile'
    return {
      name: given ?? stemOf(file),
      overrides: settingOf(field, fromScenario(scenario, file)),
      flags: [[field, '--scheduler-configs']],
    }
  })
}

/** The scenario with one more plugin: a variant a file. */
function tried(
  scenario: string | undefined,
  { try: files = [] }: VariantFlags,
  own: Variant,
): readonly Variant[] {
  return files.map((file) => ({
    name: `${own.name} + ${stemOf(file)}`,
    overrides: [`spec.scheduler.plugins[+]=${JSON.stringify(fromScenario(scenario, file))}`],
    flags: [['spec.scheduler.plugins', '--try']],
  }))
}

/** `NAME:path=value`; those of one name are one variant. */
function set({ variant = [] }: VariantFlags): readonly Variant[] {
  const variants = new Map<string, Variant>()
  for (const text of variant) {
    const [, name = '', field = '', value = ''] = /^([^:]+):([^=]+)=([\s\S]*)$/.exec(text) ?? []
    if (name === '') {
      throw new InputError({
        field: '--variant',
        message: `"${text}" is no variant`,
        hint: 'expected NAME:path=value, such as small:spec.nodes[0].template.count=10',
      })
    }
    const { overrides, flags } = variants.get(name) ?? { overrides: [], flags: [] }
    variants.set(name, {
      name,
      overrides: [...overrides, ...exclusionsOf(field), `${field}=${value}`],
      flags: [...flags, [field, `--variant ${name}: ${field}`]],
    })
  }
  return [...variants.values()]
}

function stemOf(file: string): string {
  return path.basename(file).replace(/\.[a-z]+$/i, '')
}

function unique(entries: readonly ComparedEntry[]): readonly ComparedEntry[] {
  const twice = entries.find(({ name }, index) => entries.findIndex((one) => one.name === name) !== index)
  if (twice === undefined) return entries
  throw new InputError({
    message: `two scenarios have the name ${twice.name}`,
    hint: 'give each a name of its own: metadata.name of scenarios, NAME=FILE of configurations',
  })
}

function baselineFirst(
  entries: readonly ComparedEntry[],
  baseline: string | undefined,
): readonly ComparedEntry[] {
  if (baseline === undefined) return entries
  const first = entries.find(({ name }) => name === baseline)
  if (first !== undefined) return [first, ...entries.filter((entry) => entry !== first)]
  const names = entries.map(({ name }) => name)
  throw new InputError({
    field: '--baseline',
    message: `nothing has the name ${baseline}`,
    hint: `expected one of ${names.join(', ')}`,
  })
}
