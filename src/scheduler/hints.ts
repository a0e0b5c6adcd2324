import type { Node } from '../api/types.generated.ts'
import { EXTENDER } from './extenders.ts'
import type { ClusterChange } from './framework/cluster-change.ts'
import { isStaticColumn } from './framework/node-columns.ts'
import type { NodeColumn } from './framework/node-columns.ts'
import type { SchedulerPlugin } from './framework/plugin.ts'
import { pluginFailure } from './plugin-call.ts'
import type { Profile } from './profile.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** What a change asks for a pod: nothing, another try after its back-off, or one at once. */
export type Retry = 'none' | 'after-backoff' | 'at-once'

/**
 * What a change asks for a rejected pod: another try when one of the plugins that rejected it says so by its hint, or,
 * without a hint, reads a column that changed; at once when that plugin made it wait. A pod that no plugin rejected is
 * always worth another try.
 *
 * Source: kube-scheduler v1.37, backend/queue `isPodWorthRequeuing`.
 */
export function retryFor(pod: QueuedPod, change: ClusterChange, cluster: SchedulerCluster): Retry {
  if (pod.rejectedBy.length === 0 && pod.pendingBy.length === 0) return 'after-backoff'
  if (isHinted(pod, change, cluster, pod.pendingBy)) return 'at-once'
  return isHinted(pod, change, cluster, pod.rejectedBy) ? 'after-backoff' : 'none'
}

/** Whether any of the plugins that rejected the pod may see another try in a change like this. */
export function concernsAnyOf({ profile, rejectedBy, pendingBy }: QueuedPod, change: ClusterChange): boolean {
  const plugins = [...rejectedBy, ...pendingBy]
  return plugins.length === 0 || plugins.some((name) => isConcerned(profile, name, change))
}

function isConcerned(profile: Profile, name: string, { type }: ClusterChange): boolean {
  // Extenders give no hints: whatever happens may matter to them.
  if (name === EXTENDER) return true
  const plugin = profile.plugins[profile.indexOf(name)]
  return plugin !== undefined && plugin.events?.includes(type) !== false
}

/** Whether the hint of one of these plugins speaks for another try. */
export function isHinted(
  pod: QueuedPod,
  change: ClusterChange,
  cluster: SchedulerCluster,
  plugins: readonly string[],
): boolean {
  for (const name of plugins) {
    if (!isConcerned(pod.profile, name, change)) continue
    if (name === EXTENDER) return true
    const index = pod.profile.indexOf(name)
    const plugin = pod.profile.plugins[index]
    if (plugin === undefined) continue
    const term = pod.podClass.terms[index]
    const isWorthIt =
      plugin.hint === undefined
        ? readsWhatChanged(plugin, change)
        : hintOf(plugin, term, { pod, change, cluster })
    if (isWorthIt) return true
  }
  return false
}

function hintOf(
  plugin: SchedulerPlugin,
  term: unknown,
  asked: { readonly pod: QueuedPod; readonly change: ClusterChange; readonly cluster: SchedulerCluster },
): boolean {
  const { pod, change, cluster } = asked
  const identity = cluster.shapes.identityOf(pod.row)
  try {
    return plugin.hint?.(term, change, cluster, identity) ?? true
  } catch (error) {
    throw pluginFailure(plugin.name, 'hint', error, { pod: identity.key })
  }
}

function readsWhatChanged(plugin: SchedulerPlugin, change: ClusterChange): boolean {
  switch (change.type) {
    case 'node-added':
      return plugin.reads.length > 0
    case 'node-updated':
      return plugin.reads.some(
        (column) => isStaticColumn(column) && hasColumnChanged(column, change.old, change.node),
      )
    case 'node-deleted':
      return false
    case 'assigned-pod-added':
      return plugin.reads.includes('pods')
    case 'assigned-pod-updated':
    case 'assigned-pod-deleted':
      return plugin.reads.some((column) => !isStaticColumn(column))
    case 'pending-pod-updated':
      return change.itself
    case 'pending-pod-deleted':
      return false
    case 'object-changed':
      return plugin.prepare !== undefined
  }
}

function hasColumnChanged(column: NodeColumn, old: Node, node: Node): boolean {
  switch (column) {
    case 'name':
      return false
    case 'labels':
      return !isEqualPlain(old.metadata?.labels, node.metadata?.labels)
    case 'annotations':
      return !isEqualPlain(old.metadata?.annotations, node.metadata?.annotations)
    case 'taints':
      return !isEqualPlain(old.spec?.taints, node.spec?.taints)
    case 'unschedulable':
      return old.spec?.unschedulable !== node.spec?.unschedulable
    case 'image':
      return !isEqualPlain(old.status?.images, node.status?.images)
    case 'object':
      return old !== node
    default:
      return !isEqualPlain(old.status?.allocatable, node.status?.allocatable)
  }
}

/** Whether two plain values print the same; parts of frozen objects that were not changed are the same object. */
function isEqualPlain(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
