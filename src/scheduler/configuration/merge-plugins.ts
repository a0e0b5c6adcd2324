import type { FeatureGates } from '../framework/plugin-factory.ts'
import { actsAt, defaultPlugins } from './default-plugins.ts'
import type { EnabledPlugin } from './default-plugins.ts'
import { refuseImpossible } from './possible-plugins.ts'
import type { ImpossiblePlugin } from './possible-plugins.ts'
import { EXTENSION_POINTS } from './resolved.ts'
import type { ExtensionPoint } from './resolved.ts'

/** Plugins that a profile enables and disables, at one extension point or (`multiPoint`) at all of theirs. */
export interface PluginSet {
  readonly enabled?: readonly EnabledPlugin[] | null
  readonly disabled?: readonly { readonly name: string }[] | null
}

/** `plugins` of a profile. */
export type PluginSets = Readonly<Partial<Record<ExtensionPoint | 'multiPoint', PluginSet | null>>>

/** What a profile's plugin sets come to. */
export interface MergedPlugins {
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>
  readonly weights: ReadonlyMap<string, number>
  readonly placementWeights: ReadonlyMap<string, number>
  /** What keeps a scheduler from being built of it; `known` are the plugins that there are, undefined for any. */
  check(schedulerName: string, known: ReadonlySet<string> | undefined): readonly ImpossiblePlugin[]
}

/**
 * Merges a profile's sets with the defaults and expands `multiPoint`.
 *
 * Source: Kubernetes v1.37, `mergePluginSet` (apis/config/v1/default_plugins.go), `expandMultiPointPlugins` and
 * `getScoreWeights` (framework/runtime/framework.go).
 */
export function mergePlugins(sets: PluginSets, gates: FeatureGates): MergedPlugins {
  const multiPoint = mergeMultiPoint(sets.multiPoint ?? {}, gates)
  const points: Partial<Record<ExtensionPoint, readonly string[]>> = {}
  for (const point of EXTENSION_POINTS) points[point] = expandPoint(point, sets[point] ?? {}, multiPoint)
  const merged = points as Record<ExtensionPoint, readonly string[]>
  return {
    points: merged,
    weights: scoreWeights([...(sets.score?.enabled ?? []), ...multiPoint]),
    placementWeights: scoreWeights([...(sets.placementScore?.enabled ?? []), ...multiPoint]),
    check: (schedulerName, known) =>
      refuseImpossible({
        sets,
        multiPoint: multiPoint.map(({ name }) => name),
        points: merged,
        schedulerName,
        known,
      }),
  }
}

/** Defaults that are not disabled, replaced in place where they are enabled again; then the new ones. */
function mergeMultiPoint(set: PluginSet, gates: FeatureGates): readonly EnabledPlugin[] {
  const disabled = new Set((set.disabled ?? []).map(({ name }) => name))
  const enabled = set.enabled ?? []
  const merged: EnabledPlugin[] = []
  const replacing = new Set<string>()
  for (const plugin of disabled.has('*') ? [] : defaultPlugins(gates)) {
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
): readonly string[] {
  const enabled = (set.enabled ?? []).map(({ name }) => name)
  const disabled = new Set((set.disabled ?? []).map(({ name }) => name))
  if (disabled.has('*')) return enabled
  const acting = multiPoint
    .map(({ name }) => name)
    .filter((name) => actsAt(name, point) && !disabled.has(name))
  const overriding = enabled.filter((name) => acting.includes(name))
  const rest = enabled.filter((name) => !acting.includes(name))
  return [...overriding, ...acting.filter((name) => !enabled.includes(name)), ...rest]
}

/** The first weight named counts; 0 or none is 1. */
function scoreWeights(plugins: readonly EnabledPlugin[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const { name, weight } of plugins) {
    if (!weights.has(name)) weights.set(name, (weight ?? 0) === 0 ? 1 : (weight ?? 1))
  }
  return weights
}
