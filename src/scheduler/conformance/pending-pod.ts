import type { Pod } from '../../api/types.generated.ts'
import type { PodRow } from '../../cluster/rows.ts'
import type { PodClass } from '../pod-class.ts'
import type { Profile } from '../profile.ts'
import { loadPendingPod, podKey } from './load-cluster.ts'
import type { LoadedCluster } from './load-cluster.ts'

/** A pod of a case that is to be scheduled; without a profile nobody schedules it. */
export interface PendingPod {
  readonly key: string
  readonly row: PodRow
  readonly priority: number
  readonly profile: Profile | undefined
  readonly podClass: PodClass | undefined
}

/** Creates the pending pods in the cluster and compiles each for its profile. */
export function loadPending(
  loaded: LoadedCluster,
  pods: readonly Pod[],
  profiles: ReadonlyMap<string, Profile>,
): PendingPod[] {
  return pods.map((pod) => {
    const row = loadPendingPod(loaded, pod)
    const info = loaded.api.pods.infoOf(row)
    const profile = profiles.get(info.schedulerName)
    const podClass = profile?.classOf(loaded.cluster.shapes.shapeOf(row))
    return { key: podKey(pod), row, priority: info.priority, profile, podClass }
  })
}
