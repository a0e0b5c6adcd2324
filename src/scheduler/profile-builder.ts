import type { FeatureGates, PluginFactory, RunOutlook } from './framework/plugin-factory.ts'
import type { SchedulerPlugin } from './framework/plugin.ts'
import type { ConfigurationWarning } from './configuration/problems.ts'
import type { ResolvedConfiguration, ResolvedProfile } from './configuration/resolved.ts'
import type { ProfileDraft } from './profile.ts'

/** Plugins by name: the in-tree registry, with a user's own added. */
export type PluginRegistry = ReadonlyMap<string, PluginFactory>

/**
 * Builds the plugins of each profile from the registry; `root` is what paths of the configuration begin with.
 *
 * Throws `InputError` for wrong plugin arguments.
 */
export function buildProfiles(
  configuration: ResolvedConfiguration,
  parts: {
    readonly registry: PluginRegistry
    readonly gates: FeatureGates
    readonly root?: string
    readonly outlook?: RunOutlook | undefined
  },
): { readonly profiles: readonly ProfileDraft[]; readonly warnings: readonly ConfigurationWarning[] } {
  const warnings: ConfigurationWarning[] = [...configuration.warnings]
  const root = parts.root === undefined || parts.root === '' ? '' : `${parts.root}.`
  const profiles = configuration.profiles.map((profile, index) => {
    const plugins = namesOf(profile).flatMap((name): SchedulerPlugin[] => {
      const factory = parts.registry.get(name)
      if (factory === undefined) return []
      const place = [...profile.args.keys()].indexOf(name)
      const path = `${root}profiles[${index}].pluginConfig[${place}].args`
      const warn = (field: string, message: string): void => {
        warnings.push({ path: `${path}.${field}`, message })
      }
      const { gates, outlook } = parts
      return [factory(profile.args.get(name), { gates, path, warn, outlook })]
    })
    return draftOf(profile, plugins)
  })
  return { profiles, warnings }
}

function namesOf(profile: ResolvedProfile): readonly string[] {
  return [...new Set(Object.values(profile.points).flat())]
}

/** Keeps of each extension point the plugins that are there and have something to do at it. */
function draftOf(profile: ResolvedProfile, plugins: readonly SchedulerPlugin[]): ProfileDraft {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]))
  const having = (names: readonly string[], has: (plugin: SchedulerPlugin) => boolean): string[] =>
    names.filter((name) => {
      const plugin = byName.get(name)
      return plugin !== undefined && has(plugin)
    })
  const { points } = profile
  return {
    schedulerName: profile.schedulerName,
    percentageOfNodesToScore: profile.percentageOfNodesToScore,
    plugins,
    points: {
      queueSort: having(points.queueSort, (plugin) => plugin.queueTime !== undefined),
      preEnqueue: having(
        points.preEnqueue,
        (plugin) => plugin.enqueue !== undefined || plugin.gate !== undefined,
      ),
      preFilter: having(
        points.preFilter,
        (plugin) => plugin.screen !== undefined || plugin.prepare !== undefined,
      ),
      filter: having(points.filter, (plugin) => plugin.filter !== undefined),
      postFilter: having(points.postFilter, (plugin) => plugin.postFilter !== undefined),
      preScore: having(
        points.preScore,
        (plugin) => plugin.ranks !== undefined || plugin.prepareScore !== undefined,
      ),
      score: having(points.score, (plugin) => plugin.score !== undefined),
      reserve: having(points.reserve, (plugin) => plugin.reserve !== undefined),
      permit: having(points.permit, (plugin) => plugin.permit !== undefined),
      placementGenerate: having(points.placementGenerate, (plugin) => plugin.placementGenerate !== undefined),
      placementScore: having(points.placementScore, (plugin) => plugin.placementScore !== undefined),
      placementFeasible: having(points.placementFeasible, (plugin) => plugin.placementFeasible !== undefined),
      podGroupPostFilter: having(
        points.podGroupPostFilter,
        (plugin) => plugin.podGroupPostFilter !== undefined,
      ),
    },
    weights: profile.weights,
    placementWeights: profile.placementWeights,
  }
}
