import { InputError } from '../src/base/errors.ts'
import type { PluginContext } from '../src/scheduler/framework/index.ts'

/** Arguments of a plugin as a plain object. */
export type PluginArguments = Readonly<Record<string, unknown>>

/** Keys that every arguments object may have. */
const TYPE_KEYS = ['apiVersion', 'kind']

/** The arguments as an object, empty when there are none; throws `InputError` for unknown fields. */
export function readArguments(
  args: unknown,
  context: PluginContext,
  known: readonly string[],
): PluginArguments {
  if (args === undefined || args === null) return {}
  if (typeof args !== 'object' || Array.isArray(args)) {
    throw new InputError({ field: context.path, message: 'expected an object of arguments' })
  }
  for (const key of Object.keys(args)) {
    if (known.includes(key) || TYPE_KEYS.includes(key)) continue
    throw new InputError({
      field: `${context.path}.${key}`,
      message: 'unknown field',
      hint: `expected one of ${known.join(', ')}`,
    })
  }
  return args as PluginArguments
}

/** A whole number of the arguments within bounds; `fallback` when it is absent. */
export function readInteger(
  args: PluginArguments,
  context: PluginContext,
  setting: { readonly field: string; readonly from: number; readonly to: number; readonly fallback: number },
): number {
  const value = args[setting.field] ?? setting.fallback
  if (typeof value === 'number' && Number.isInteger(value) && value >= setting.from && value <= setting.to) {
    return value
  }
  throw new InputError({
    field: `${context.path}.${setting.field}`,
    message: `Invalid value: ${JSON.stringify(value)}: not in valid range [${setting.from}, ${setting.to}]`,
  })
}

/** A resource that a strategy weighs. */
export interface WeightedResource {
  readonly name: string
  readonly weight: number
}

/** A list of resources with weights; absent weights are 1, an absent list is cpu and memory. */
export function readResources(value: unknown, field: string): readonly WeightedResource[] {
  if (value === undefined) return DEFAULT_RESOURCES
  if (!Array.isArray(value)) throw new InputError({ field, message: 'expected a list of resources' })
  if (value.length === 0) return DEFAULT_RESOURCES
  return value.map((item: unknown, index) => {
    const resource = item as { readonly name?: unknown; readonly weight?: unknown }
    const place = `${field}[${index}]`
    if (typeof resource.name !== 'string' || resource.name === '') {
      throw new InputError({ field: `${place}.name`, message: 'Required value: the name of a resource' })
    }
    const weight = resource.weight === undefined || resource.weight === 0 ? 1 : resource.weight
    if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 1 || weight > 100) {
      throw new InputError({
        field: `${place}.weight`,
        message: `Invalid value: ${JSON.stringify(resource.weight)}: resource weight of ${resource.name} not in valid range [1, 100]`,
      })
    }
    return { name: resource.name, weight }
  })
}

/** Whether a list of resources is cpu, then memory, with equal weights. */
export function isCpuAndMemory(resources: readonly WeightedResource[]): boolean {
  const [cpu, memory] = resources
  return (
    resources.length === 2 && cpu?.name === 'cpu' && memory?.name === 'memory' && cpu.weight === memory.weight
  )
}

const DEFAULT_RESOURCES: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]
