import { scaledValue } from '../api/int-or-percent.ts'
import type { StatefulSet } from '../api/types.generated.ts'
import { PHASE_FAILED, PHASE_RUNNING, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import type { StatefulPod } from './stateful-pod.ts'

/** Answers of the moment about the pods of a set. */
export interface PodAnswers {
  /** Ready for `minReadySeconds`; pods that are going may be. */
  readonly isAvailable: (pod: StatefulPod) => boolean
}

/** Whether the pod is in phase Running and ready. */
export function isRunningAndReady({ stored }: StatefulPod): boolean {
  return stored !== undefined && stored.phase === PHASE_RUNNING && stored.readySince !== undefined
}

/** Whether the pod has ended, as Failed or Succeeded. */
export function hasEnded({ stored }: StatefulPod): boolean {
  return stored?.phase === PHASE_FAILED || stored?.phase === PHASE_SUCCEEDED
}

/** Whether deletion of the pod was asked for. */
export function isTerminating({ stored }: StatefulPod): boolean {
  return stored?.isTerminating === true
}

/** Whether the pod counts against `maxUnavailable`: not available, or going. */
export function isUnavailable(pod: StatefulPod, { isAvailable }: PodAnswers): boolean {
  return !isAvailable(pod) || isTerminating(pod)
}

/** Whether pods are made and deleted all at once (`podManagementPolicy: Parallel`), not one after the other. */
export function isParallel(set: StatefulSet): boolean {
  return set.spec?.podManagementPolicy === 'Parallel'
}

/**
 * Pods to delete, in order, so that they come back from the set's present template. The highest ordinals go first, and those
 * below the partition never. With `Parallel` old pods that are unavailable go at once, and available ones as the budget allows.
 *
 * Source: Kubernetes v1.37, controller/statefulset `updateStatefulSetAfterInvariantEstablished`.
 */
export function podsToUpdate(
  set: StatefulSet,
  replicas: readonly StatefulPod[],
  revision: string,
  answers: PodAnswers,
): readonly StatefulPod[] {
  const { rollingUpdate } = set.spec?.updateStrategy ?? {}
  const partition = rollingUpdate?.partition ?? 0
  const scaled = scaledValue(rollingUpdate?.maxUnavailable ?? 1, replicas.length, 'down') ?? 0
  const maxUnavailable = Math.max(1, scaled)
  const unavailable = replicas.filter((pod) => isUnavailable(pod, answers))
  const budget = maxUnavailable - unavailable.length
  const old = replicas
    .slice(partition)
    .filter((pod) => pod.revision !== revision && !isTerminating(pod))
    .toReversed()
  if (!isParallel(set)) return old.slice(0, Math.max(0, budget))
  const broken = old.filter((pod) => !answers.isAvailable(pod))
  const good = old.filter((pod) => answers.isAvailable(pod))
  return [...broken, ...good.slice(0, Math.max(0, budget))]
}

/**
 * As `podsToUpdate`, without the feature gate MaxUnavailableStatefulSet: one pod at a time, when all above it are available.
 *
 * Source: Kubernetes v1.36, controller/statefulset `updateStatefulSet`.
 */
export function podToUpdate(
  set: StatefulSet,
  replicas: readonly StatefulPod[],
  revision: string,
  answers: PodAnswers,
): readonly StatefulPod[] {
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  for (const pod of replicas.slice(partition).toReversed()) {
    if (pod.revision !== revision && !isTerminating(pod)) return [pod]
    if (isUnavailable(pod, answers)) return []
  }
  return []
}
