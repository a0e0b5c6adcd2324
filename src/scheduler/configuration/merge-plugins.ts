import { InputError } from '../../base/errors.ts'
import { DEFAULT_PLUGINS, PLUGIN_POINTS } from './default-plugins.ts'
import type { EnabledPlugin } from './default-plugins.ts'
import { EXTENSION_POINTS } from './resolved.ts'
import type { ExtensionPoint } from './resolved.ts'

/** Plugins that a profile enables and disables, at one extension point or (`multiPoint`) at all of theirs. */
export interface PluginSet {
  readonly enabled?: readonly EnabledPlugin[]
  readonly disabled?: readonly { readonly name: string }[]
}

/** `plugins` of a profile. */
export type PluginSets = Readonly<Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>>>

/** What a profile's plugin sets come to. */
export interface MergedPlugins {
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>
  readonly weights: ReadonlyMap<string, number>
}

/**
 * Merges a profile's sets with the defaults and expands `multiPoint`.
 *
 * Source: Kubernetes v1.37, `mergePluginSet` (apis/config/v1/default_plugins.go), `expandMultiPointPlugins` and
 * `getScoreWeights` (framework/runtime/framework.go).
 */
export function mergePlugins(sets: PluginSets, path: string): MergedPlugins {
  const multiPoint = mergeMultiPoint(sets.multiPoint ?? {})
  const points: Partial<Record<ExtensionPoint, readonly string[]>> = {}
  for (const point of EXTENSION_POINTS) {
    points[point] = expandPoint(point, sets[point] ?? {}, multiPoint, `${path}.${point}`)
  }
  return {
    points: points as Record<ExtensionPoint, readonly string[]>,
    weights: scoreWeights([...(sets.score?.enabled ?? []), ...multiPoint]),
  }
}

/** Defaults that are not disabled, replaced in place where they are enabled again; then the new ones. */
function mergeMultiPoint(set: PluginSet): readonly EnabledPlugin[] {
  const disabled = new Set((set.disabled ?? []).map(({ name }) => name))
  const enabled = set.enabled ?? []
  const merged: EnabledPlugin[] = []
  const replacing = new Set<string>()
  for (const plugin of disabled.has('*') ? [] : DEFAULT_PLUGINS) {
    if (disabled.has(plugin.name)) continue
    const custom = enabled.find(({ name }) => name === plugin.name)
    if (custom !== undefined) replacing.add(custom.name)
    merged.push(custom ?? plugin)
  }
  return [...merged, ...enabled.filter(({ name }) => !replacing.has(name))]
}

/** First what the point enables over `multiPoint`, then the rest of `multiPoint`, then the rest of the point. */
function expandPoint(
  point: ExtensionPoint,
  set: PluginSet,
  multiPoint: readonly EnabledPlugin[],
  path: string,
): readonly string[] {
  const enabled = (set.enabled ?? []).map(({ name }) => name)
  refuseDuplicates(enabled, path)
  const disabled = new Set((set.disabled ?? []).map(({ name }) => name))
  if (disabled.has('*')) return enabled
  const acting = multiPoint
    .map(({ name }) => name)
    .filter((name) => (PLUGIN_POINTS[name]?.includes(point) ?? true) && !disabled.has(name))
  refuseDuplicates(acting, path)
  const overriding = enabled.filter((name) => acting.includes(name))
  const rest = enabled.filter((name) => !acting.includes(name))
  return [...overriding, ...acting.filter((name) => !enabled.includes(name)), ...rest]
}

function refuseDuplicates(names: readonly string[], path: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  throw new InputError({ field: path, message: `plugin "${twice}" already registered` })
}

/** The first weight named counts; 0 or none is 1. */
function scoreWeights(plugins: readonly EnabledPlugin[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const { name, weight } of plugins) {
    if (!weights.has(name)) weights.set(name, weight === undefined || weight === 0 ? 1 : weight)
  }
  return weights
}
