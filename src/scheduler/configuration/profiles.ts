import type { FeatureGates } from '../framework/plugin-factory.ts'
import { readArguments } from './arguments.ts'
import { mergePlugins } from './merge-plugins.ts'
import type { PluginSets } from './merge-plugins.ts'
import { readPercentage } from './percentage.ts'
import type { FieldPath, Problems } from './problems.ts'
import { EXTENSION_POINTS } from './resolved.ts'
import type { ResolvedProfile } from './resolved.ts'

type Fields = Readonly<Record<string, unknown>>

/** What profiles are checked against. */
export interface ProfileSetting {
  readonly gates?: FeatureGates
  readonly known?: ReadonlySet<string>
}

/** Plugins that were once there and that this version refuses by name. */
const REMOVED = ['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits']
const WAS_REMOVED =
  'was invalid in version "v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")'

/**
 * Reads the profiles, none of which is the default one, and checks them one by one and against each other.
 *
 * Source: Kubernetes v1.37, scheduler/apis/config/validation `validateKubeSchedulerProfile`,
 * `validateCommonQueueSort` and v1 `SetDefaults_KubeSchedulerConfiguration`.
 */
export function readProfiles(
  value: unknown,
  path: FieldPath,
  problems: Problems,
  setting: ProfileSetting,
): readonly ResolvedProfile[] {
  const given = (value ?? []) as readonly (Fields | null)[]
  const list = given.length === 0 ? [{}] : given.map((profile) => profile ?? {})
  const profiles = list.map((profile, index) => {
    const fallback = list.length === 1 ? 'default-scheduler' : ''
    const schedulerName = String(profile['schedulerName'] ?? fallback)
    return readProfile(profile, schedulerName, [...path, index], problems, setting)
  })
  const names = profiles.map((profile) => profile.schedulerName)
  names.forEach((name, index) => {
    const first = names.lastIndexOf(name, index - 1)
    if (index > 0 && first >= 0)
      problems.duplicate([...path, index, 'schedulerName'], problems.text([...path, first, 'schedulerName']))
  })
  checkCommonQueueSort(list, path, problems)
  return profiles
}

function readProfile(
  profile: Fields,
  schedulerName: string,
  path: FieldPath,
  problems: Problems,
  setting: ProfileSetting,
): ResolvedProfile {
  if (schedulerName === '') problems.required([...path, 'schedulerName'])
  const percentageOfNodesToScore = readPercentage(profile, path, problems)
  const sets = readSets(profile['plugins'])
  const pluginsPath = [...path, 'plugins']
  const before = problems.found.length
  refuseRemoved(sets, pluginsPath, problems)
  const gates = setting.gates ?? new Map<string, boolean>()
  const args = readArguments(profile['pluginConfig'], [...path, 'pluginConfig'], problems, {
    gates,
    known: setting.known,
    removed: REMOVED,
    wasRemoved: WAS_REMOVED,
  })
  const merged = mergePlugins(sets, gates)
  // The framework is built of profiles that passed the validation.
  if (problems.found.length === before && schedulerName !== '') {
    for (const { path: below, message, hint } of merged.check(schedulerName, setting.known)) {
      problems.add([...path, ...below], message, hint)
    }
  }
  const { points, weights, placementWeights } = merged
  return { schedulerName, percentageOfNodesToScore, points, weights, placementWeights, args }
}

/** The sets with a name for each plugin: an empty one where it has none. */
function readSets(value: unknown): PluginSets {
  const given = (value ?? {}) as Readonly<Record<string, Readonly<Record<string, Fields[] | null>> | null>>
  const named = (list: readonly Fields[] | null | undefined): { name: string; weight: number }[] =>
    (list ?? []).map((plugin) => ({
      name: String(plugin['name'] ?? ''),
      weight: Number(plugin['weight'] ?? 0),
    }))
  const sets = Object.entries(given).map(([point, set]) => [
    point,
    { enabled: named(set?.['enabled']), disabled: named(set?.['disabled']) },
  ])
  return Object.fromEntries(sets) as PluginSets
}

function refuseRemoved(sets: PluginSets, path: FieldPath, problems: Problems): void {
  for (const point of EXTENSION_POINTS) {
    sets[point]?.enabled?.forEach(({ name }, index) => {
      if (REMOVED.includes(name)) problems.invalid([...path, point, 'enabled', index], name, WAS_REMOVED)
    })
  }
}

function checkCommonQueueSort(list: readonly Fields[], path: FieldPath, problems: Problems): void {
  const sets = list.map((profile) => queueSortOf(profile))
  const [first] = sets
  const count = first?.Enabled.length ?? 0
  if (count > 1) {
    const at = [...path, 0, 'plugins', 'queueSort', 'Enabled']
    problems.invalid(at, count, 'only one queue sort plugin can be enabled')
  }
  const sorter = first?.Enabled[0]?.Name ?? ''
  const canon = JSON.stringify(argsOf(list[0], sorter))
  list.slice(1).forEach((profile, position) => {
    const at = [...path, position + 1]
    if (JSON.stringify(sets[position + 1]) !== JSON.stringify(first)) {
      problems.invalid(
        [...at, 'plugins', 'queueSort'],
        sets[position + 1],
        'must be the same for all profiles',
      )
    }
    const args = argsOf(profile, sorter)
    if (sorter === '' || args === undefined || JSON.stringify(args) === canon) return
    problems.invalid([...at, 'pluginConfig', 'args'], args, 'queueSort must be the same for all profiles')
  })
}

/** The set as the validation sees it, with the names of its Go type. */
function queueSortOf(profile: Fields): {
  readonly Enabled: readonly { readonly Name: string; readonly Weight: number }[]
  readonly Disabled: readonly { readonly Name: string; readonly Weight: number }[]
} {
  const set = readSets(profile['plugins']).queueSort ?? {}
  const named = (list: readonly { name: string; weight?: number }[] | null | undefined) =>
    (list ?? []).map(({ name, weight }) => ({ Name: name, Weight: weight ?? 0 }))
  return { Enabled: named(set.enabled), Disabled: named(set.disabled) }
}

function argsOf(profile: Fields | undefined, plugin: string): unknown {
  const list = (profile?.['pluginConfig'] ?? []) as readonly Fields[]
  return list.find((item) => item['name'] === plugin)?.['args']
}
