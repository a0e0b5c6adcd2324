import type { FeatureGates } from '../framework/plugin-factory.ts'
import { ARGUMENT_FIELDS } from './argument-fields.ts'
import { decodeStrictly } from './decode.ts'
import type { FieldPath, Problems } from './problems.ts'
import { ARGUMENT_VALIDATORS } from './validate-arguments.ts'

type Fields = Readonly<Record<string, unknown>>

const GROUP = 'kubescheduler.config.k8s.io'

/** What arguments are checked against. */
export interface ArgumentSetting {
  readonly gates: FeatureGates
  /** Names of the plugins that there are; undefined when nobody knows. */
  readonly known: ReadonlySet<string> | undefined
  /** Plugins that this version refuses, and what it says then. */
  readonly removed: readonly string[]
  readonly wasRemoved: string
}

/**
 * Reads `pluginConfig`: arguments by plugin. Those of kube-scheduler's plugins are checked, others are handed on.
 *
 * Source: Kubernetes v1.37, kube-scheduler/config/v1 `decodeNestedObjects` and validation `validatePluginConfig`.
 */
export function readArguments(
  value: unknown,
  path: FieldPath,
  problems: Problems,
  setting: ArgumentSetting,
): ReadonlyMap<string, unknown> {
  const args = new Map<string, unknown>()
  const list = (value ?? []) as readonly (Fields | null)[]
  list.forEach((item, index) => {
    const at = [...path, index]
    const name = String(item?.['name'] ?? '')
    if (args.has(name)) problems.duplicate(at, name)
    const own = item?.['args'] ?? undefined
    if (setting.removed.includes(name)) problems.invalid(at, name, setting.wasRemoved)
    else if (Object.hasOwn(ARGUMENT_FIELDS, name))
      checkArguments(name, own, [...at, 'args'], problems, setting.gates)
    else if (setting.known !== undefined && !setting.known.has(name)) {
      problems.warn(at, `has no effect: there is no plugin "${name}"`)
    }
    args.set(name, own)
  })
  return args
}

function checkArguments(
  name: string,
  args: unknown,
  path: FieldPath,
  problems: Problems,
  gates: FeatureGates,
): void {
  const type = ARGUMENT_FIELDS[name]
  if (type === undefined || args === undefined) return
  const prefix = `decoding args for plugin ${name}: `
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    const found = Array.isArray(args) ? 'array' : typeof args === 'boolean' ? 'bool' : typeof args
    problems.add(path, `${prefix}json: cannot unmarshal ${found} into Go value of type ${type.go}`)
    return
  }
  const fields = args as Fields
  const wanted = `${name}Args`
  const kind = String(fields['kind'] ?? wanted)
  const version = String(fields['apiVersion'] ?? `${GROUP}/v1`)
  if (version !== `${GROUP}/v1`) {
    const message = `${prefix}no kind "${kind}" is registered for version "${version}"`
    problems.add([...path, 'apiVersion'], message, `expected ${GROUP}/v1`)
    return
  }
  if (kind !== wanted) {
    const isOther = kind.endsWith('Args') && Object.hasOwn(ARGUMENT_FIELDS, kind.slice(0, -'Args'.length))
    const message = isOther
      ? `args for plugin ${name} were not of type ${wanted}.${GROUP}, got ${kind}.${GROUP}`
      : `${prefix}no kind "${kind}" is registered for version "${version}"`
    problems.add([...path, 'kind'], message, `expected ${wanted}`)
    return
  }
  const before = problems.found.length
  decodeStrictly(fields, type, path, problems, prefix)
  if (problems.found.length > before) return
  ARGUMENT_VALIDATORS[name]?.(fields, path, problems, gates)
}
