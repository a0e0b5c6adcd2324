import type { StatefulSet, StatefulSetStatus } from '../api/types.generated.ts'
import type { StatefulPod } from './stateful-pod.ts'
import { replicasOf } from './stateful-range.ts'
import { isRunningAndReady } from './stateful-set-rules.ts'
import type { PodAnswers } from './stateful-set-rules.ts'

/** Names of the revisions that a set's pods are made from. */
export interface RevisionNames {
  readonly current: string
  readonly update: string
}

/** What a reconciliation says of a set. */
export interface CountedPods {
  readonly replicas: number
  readonly readyReplicas: number
  readonly availableReplicas: number
  readonly currentReplicas: number
  readonly updatedReplicas: number
}

/** Counts pods for the status. Source: Kubernetes v1.37, controller/statefulset `computeReplicaStatus`. */
export function countPods(
  pods: readonly StatefulPod[],
  { current, update }: RevisionNames,
  { isAvailable }: PodAnswers,
): CountedPods {
  const stored = pods.filter((pod) => pod.stored !== undefined)
  const ready = stored.filter(isRunningAndReady)
  const staying = stored.filter((pod) => pod.stored?.isTerminating === false)
  return {
    replicas: stored.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter(isAvailable).length,
    currentReplicas: staying.filter((pod) => pod.revision === current).length,
    updatedReplicas: staying.filter((pod) => pod.revision === update).length,
  }
}

/**
 * The status of a set from the counts: when all pods are ready and of the newest revision the update is complete, and that
 * revision is the current one. Source: Kubernetes v1.37, controller/statefulset `completeUpdate`.
 */
export function statusOf(
  set: StatefulSet,
  counts: CountedPods,
  { names, collisionCount }: { readonly names: RevisionNames; readonly collisionCount: number },
): StatefulSetStatus {
  const wanted = replicasOf(set)
  const isComplete =
    counts.updatedReplicas === wanted && counts.readyReplicas === wanted && counts.replicas === wanted
  const { conditions } = set.status ?? {}
  return {
    observedGeneration: set.metadata?.generation ?? 0,
    ...counts,
    currentReplicas: isComplete ? counts.updatedReplicas : counts.currentReplicas,
    currentRevision: isComplete ? names.update : names.current,
    updateRevision: names.update,
    collisionCount,
    ...(conditions === undefined ? {} : { conditions }),
  }
}

/** Whether the new status says anything else than the one that the set has; a lone change of `collisionCount` does not count. */
export function isStatusChanged(set: StatefulSet, status: StatefulSetStatus): boolean {
  const known = set.status
  return (
    (status.observedGeneration ?? 0) > (known?.observedGeneration ?? 0) ||
    status.replicas !== (known?.replicas ?? 0) ||
    status.currentReplicas !== (known?.currentReplicas ?? 0) ||
    status.readyReplicas !== (known?.readyReplicas ?? 0) ||
    status.updatedReplicas !== (known?.updatedReplicas ?? 0) ||
    status.availableReplicas !== (known?.availableReplicas ?? 0) ||
    status.currentRevision !== (known?.currentRevision ?? '') ||
    status.updateRevision !== (known?.updateRevision ?? '')
  )
}
