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
 * The plugins to ask for a class, or undefined when the index does not apply to it. Plugins that may be idle and are not
 * in `busy` are left out.
 */
export function planOf(profile: Profile, podClass: PodClass, busy: number): Plan | undefined {
  const isQuiet = (index: PluginIndex): boolean =>
    profile.idlers.includes(index) && (busy & (1 << index)) === 0
  const isIdle = (index: PluginIndex): boolean =>
    profile.plugins[index]?.isIdle !== undefined && isQuiet(index)
  const skipped = new Set<PluginIndex>()
  for (const index of profile.preFilter) {
    const screening = podClass.screenings[index]
    if (isIdle(index)) skipped.add(index)
    else if (screening !== undefined) {
      if (!('skip' in screening)) return undefined
      skipped.add(index)
    } else if (profile.plugins[index]?.prepare !== undefined && !isQuiet(index)) return undefined
  }
  const fixed: PluginIndex[] = []
  const scaled: PluginIndex[] = []
  for (const index of podClass.scorers) {
    const plugin = profile.plugins[index]
    if (isIdle(index)) continue
    if (plugin === undefined || typeof plugin.normalize === 'function') return undefined
    const needsFound = plugin.prepareScore !== undefined && plugin.prepareScoreFrom !== 'node-objects'
    if (needsFound && !isQuiet(index)) return undefined
    if (plugin.normalize === undefined || plugin.normalize === 'none') fixed.push(index)
    else scaled.push(index)
  }
  return { filters: profile.filter.filter((index) => !skipped.has(index)), fixed, scaled }
}
