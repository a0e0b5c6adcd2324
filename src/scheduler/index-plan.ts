import type { ClusterView } from './framework/cluster-view.ts'
import { isStaticColumn } from './framework/node-columns.ts'
import type { PodIdentity } from './framework/pod-identity.ts'
import type { PodClass } from './pod-class.ts'
import type { PluginIndex, Profile } from './profile.ts'

/** Plugins that score by Node objects only are told of no pod. */
export const ANY_POD: PodIdentity = Object.freeze({
  key: '',
  name: '',
  uid: '',
  ownerReferences: [],
  resourceClaimStatuses: [],
  extendedResourceClaimStatus: undefined,
})

/** Plugins of a class by what their answers depend on. */
export interface Plan {
  readonly filters: readonly PluginIndex[]
  /** Plugins whose scores stand as they are. */
  readonly fixed: readonly PluginIndex[]
  /** Plugins whose scores are scaled by the maximum over the nodes found. */
  readonly scaled: readonly PluginIndex[]
}

/** Plugins that have to be asked anew in each cycle, with what they prepared for it. */
export interface CyclePlan {
  readonly filters: readonly PluginIndex[]
  readonly scorers: readonly PluginIndex[]
  /** Whether some plugin's PreFilter has to be run, though it may have nothing to filter. */
  readonly prepares: boolean
}

/** Whether a plugin's answers follow from the template and the Node object alone. */
export function readsObjectsOnly(profile: Profile, index: PluginIndex): boolean {
  const plugin = profile.plugins[index]
  if (plugin === undefined || plugin.sized !== false) return false
  return plugin.reads.every(isStaticColumn)
}

/** Plugins that may be idle or stateless and are not, as the cluster stands: one bit each, by plugin number. */
export function busyPlugins(profile: Profile, podClass: PodClass, cluster: ClusterView): number {
  let busy = 0
  for (const index of profile.idlers) {
    const plugin = profile.plugins[index]
    const term = podClass.terms[index]
    const isQuiet = plugin?.isIdle?.(term, cluster) ?? plugin?.isStateless?.(term, cluster) ?? false
    if (!isQuiet) busy |= 1 << index
  }
  return busy
}

/**
 * The plugins to ask for a class, or undefined when the index does not apply to it: PreFilter leaves nodes out, or has
 * the last word. Plugins that may be idle and are not in `busy` are left out; those whose answers depend on more than the
 * pod and the node are in `cycle`.
 */
export function planOf(
  profile: Profile,
  podClass: PodClass,
  busy: number,
): (Plan & { readonly cycle: CyclePlan }) | undefined {
  const isQuiet = (index: PluginIndex): boolean =>
    profile.idlers.includes(index) && (busy & (1 << index)) === 0
  const isIdle = (index: PluginIndex): boolean =>
    profile.plugins[index]?.isIdle !== undefined && isQuiet(index)
  const skipped = new Set<PluginIndex>()
  const prepared = new Set<PluginIndex>()
  for (const index of profile.preFilter) {
    const screening = podClass.screenings[index]
    if (isIdle(index)) skipped.add(index)
    else if (screening !== undefined) {
      if (!('skip' in screening)) return undefined
      skipped.add(index)
    } else if (profile.plugins[index]?.prepare !== undefined && !isQuiet(index)) prepared.add(index)
  }
  const fixed: PluginIndex[] = []
  const scaled: PluginIndex[] = []
  const scorers: PluginIndex[] = []
  for (const index of podClass.scorers) {
    const plugin = profile.plugins[index]
    if (plugin === undefined || isIdle(index)) continue
    const needsFound = plugin.prepareScore !== undefined && plugin.prepareScoreFrom !== 'node-objects'
    if ((needsFound && !isQuiet(index)) || typeof plugin.normalize === 'function') scorers.push(index)
    else if (plugin.normalize === undefined || plugin.normalize === 'none') fixed.push(index)
    else scaled.push(index)
  }
  const filters = profile.filter.filter((index) => !skipped.has(index))
  return {
    filters: filters.filter((index) => !prepared.has(index)),
    fixed,
    scaled,
    cycle: {
      filters: filters.filter((index) => prepared.has(index)),
      scorers,
      prepares: prepared.size > 0,
    },
  }
}
