import type { Node } from '../api/types.generated.ts'
import { EXTENDER } from './extenders.ts'
import type { ClusterChange } from './framework/cluster-change.ts'
import { isStaticColumn } from './framework/node-columns.ts'
import type { NodeColumn } from './framework/node-columns.ts'
import type { SchedulerPlugin } from './framework/plugin.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/**
 * Whether a change makes a rejected pod worth another try: one of the plugins that rejected it says so by its hint,
 * or, without a hint, reads a column that changed. A pod that no plugin rejected is always worth one.
 *
 * `plugins` narrows the question to some of them; by default all that rejected the pod or made it wait.
 */
export function isWorthRetry(
  pod: QueuedPod,
  change: ClusterChange,
  cluster: SchedulerCluster,
  plugins?: readonly string[],
): boolean {
  if (plugins === undefined) {
    if (pod.rejectedBy.length === 0 && pod.pendingBy.length === 0) return true
    return (
      isWorthRetry(pod, change, cluster, pod.rejectedBy) || isWorthRetry(pod, change, cluster, pod.pendingBy)
    )
  }
  for (const name of plugins) {
    // Extenders give no hints: whatever happens may matter to them.
    if (name === EXTENDER) return true
    const index = pod.profile.indexOf(name)
    const plugin = pod.profile.plugins[index]
    if (plugin === undefined) continue
    const term = pod.podClass.terms[index]
    const isWorthIt =
      plugin.hint === undefined
        ? readsWhatChanged(plugin, change)
        : plugin.hint(term, change, cluster, cluster.shapes.identityOf(pod.row))
    if (isWorthIt) return true
  }
  return false
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
