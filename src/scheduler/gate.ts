import type { PodGroupLister } from './framework/pod-groups.ts'
import { memberGroupOf } from './pod-groups.ts'
import { namedError } from './plugin-call.ts'
import { NO_GROUPS } from './pod-class.ts'
import type { PluginRejection } from './pod-class.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** What PreEnqueue looks at of a pod. */
export type GatedPod = Pick<QueuedPod, 'profile' | 'kin' | 'row'>

/** Whether PreEnqueue's verdict depends on more than the pod, so that a change elsewhere may let it in. */
export function isGateOpenToChange({ kin }: Pick<GatedPod, 'kin'>): boolean {
  return kin.gaters.length > 0 || memberGroupOf(kin.shape) !== undefined
}

/** PreEnqueue of all plugins, in order: the first that keeps the pod out of the queue, or undefined. */
export function gateOf(
  pod: GatedPod,
  cluster: SchedulerCluster,
  groups: PodGroupLister = NO_GROUPS,
): PluginRejection | undefined {
  const { profile, kin } = pod
  if (!isGateOpenToChange(pod)) return kin.gate
  const identity = cluster.shapes.identityOf(pod.row)
  for (const index of profile.preEnqueue) {
    const plugin = profile.plugins[index]
    const term = kin.terms[index]
    try {
      const rejection = plugin?.enqueue?.(term, groups) ?? plugin?.gate?.(term, cluster, identity)
      if (plugin !== undefined && rejection !== undefined) return { plugin: plugin.name, rejection }
    } catch (error) {
      throw namedError(error, identity.key)
    }
  }
  return undefined
}
