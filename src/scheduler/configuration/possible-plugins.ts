import { nearestWord } from '../../base/nearest-word.ts'
import { actsAt } from './default-plugins.ts'
import type { PluginSets } from './merge-plugins.ts'
import type { FieldPath } from './problems.ts'
import { EXTENSION_POINTS } from './resolved.ts'
import type { ExtensionPoint } from './resolved.ts'

/** Why the framework cannot be built, with the way to the field below the profile. */
export interface ImpossiblePlugin {
  readonly path: FieldPath
  readonly message: string
  readonly hint?: string | undefined
}

/** A profile's plugins before and after merging. */
export interface PluginsToCheck {
  readonly sets: PluginSets
  /** Names that `multiPoint` enables, defaults merged in. */
  readonly multiPoint: readonly string[]
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>
  readonly schedulerName: string
  /** Names of the plugins that there are; undefined when any is accepted. */
  readonly known: ReadonlySet<string> | undefined
}

/** Go's name of the interface of an extension point, as messages have it. */
function interfaceOf(point: ExtensionPoint): string {
  return `${point.charAt(0).toUpperCase()}${point.slice(1)}Plugin`
}

/**
 * Says what keeps a framework from being built of a profile: plugins that are not there, do not act at the point or are
 * named twice; not one plugin that sorts the queue; none that binds.
 *
 * Source: Kubernetes v1.37, `NewFramework`, `updatePluginList` and `expandMultiPointPlugins` (framework.go).
 */
export function refuseImpossible(plugins: PluginsToCheck): readonly ImpossiblePlugin[] {
  const found = [...EXTENSION_POINTS.flatMap((point) => atPoint(plugins, point)), ...atMultiPoint(plugins)]
  if (found.length > 0) return found
  const { points, schedulerName } = plugins
  const sorters = points.queueSort.length
  const profile = `profile with scheduler name ${JSON.stringify(schedulerName)}`
  if (sorters !== 1) {
    const message = `only one queue sort plugin required for ${profile}, but got ${sorters}`
    found.push({ path: ['plugins', 'queueSort'], message })
  }
  if (points.bind.length === 0) {
    found.push({ path: ['plugins', 'bind'], message: `at least one bind plugin is needed for ${profile}` })
  }
  return found
}

function atPoint({ sets, known }: PluginsToCheck, point: ExtensionPoint): ImpossiblePlugin[] {
  const names = (sets[point]?.enabled ?? []).map(({ name }) => name)
  return names.flatMap((name, index): ImpossiblePlugin[] => {
    const path = ['plugins', point, 'enabled', index]
    const type = interfaceOf(point)
    if (known !== undefined && !known.has(name)) {
      return [{ path, message: `${type} "${name}" does not exist`, hint: hintFor(name, known) }]
    }
    if (!actsAt(name, point)) return [{ path, message: `plugin "${name}" does not extend ${type} plugin` }]
    if (names.indexOf(name) < index)
      return [{ path, message: `plugin "${name}" already registered as "${type}"` }]
    return []
  })
}

function atMultiPoint({ sets, multiPoint, known }: PluginsToCheck): ImpossiblePlugin[] {
  const given = (sets.multiPoint?.enabled ?? []).map(({ name }) => name)
  const path = (name: string): FieldPath => ['plugins', 'multiPoint', 'enabled', given.lastIndexOf(name)]
  return multiPoint.flatMap((name, index): ImpossiblePlugin[] => {
    // The first point that the framework expands is PreFilter.
    if (known !== undefined && !known.has(name)) {
      const message = `PreFilterPlugin "${name}" does not exist`
      return [{ path: path(name), message, hint: hintFor(name, known) }]
    }
    if (multiPoint.indexOf(name) === index) return []
    const point = EXTENSION_POINTS.find(
      (one) => actsAt(name, one) && !(sets[one]?.enabled ?? []).some((plugin) => plugin.name === name),
    )
    if (point === undefined) return []
    return [{ path: path(name), message: `plugin "${name}" already registered as "${interfaceOf(point)}"` }]
  })
}

function hintFor(name: string, known: ReadonlySet<string>): string {
  const near = nearestWord(name, [...known])
  const all = `known are ${[...known].join(', ')}; add your own with --plugin FILE`
  return near === undefined ? all : `did you mean ${near}?`
}
