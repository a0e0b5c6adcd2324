import type { Micros } from '../base/time.ts'
import type { PodSpec, PodStatus } from '../api/types.generated.ts'

/** What decides which pods of a ReplicaSet are deleted first. */
export interface RankedPod {
  readonly uid: string
  readonly isAssigned: boolean
  /** `status.phase`. */
  readonly phase: string
  readonly isReady: boolean
  /** Since when it is ready; undefined if that is not known. */
  readonly readyAt: Micros | undefined
  /** Undefined if that is not known. */
  readonly createdAt: Micros | undefined
  /** Of the annotation `controller.kubernetes.io/pod-deletion-cost`. */
  readonly deletionCost: number
  /** Active pods on its node that belong to the same owner's ReplicaSets. */
  readonly rank: number
  /** Most restarts of one of its containers. */
  readonly restarts: number
  /** Most restarts of one of its sidecars (init containers with restartPolicy Always). */
  readonly sidecarRestarts: number
}

/** Kubernetes takes the logarithm of an age in nanoseconds. */
const NANOSECONDS_PER_MICROSECOND = 1000

const PHASE_ORDINALS: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

/**
 * Whether the ReplicaSet controller deletes `pod` before `other`: unassigned, by phase, not ready, cheaper, with more company
 * on its node, ready for less time, restarted more often, younger. With `now`, times count by the power of two of their age,
 * equal ones by uid; without it, exactly.
 *
 * It is no order in rare cases: logarithms of ages are compared with the uid only where the times differ.
 * Source: kube-controller-manager v1.37, controller_utils.go `ActivePodsWithRanks.Less`.
 */
export function isDeletedBefore(pod: RankedPod, other: RankedPod, now: Micros | undefined): boolean {
  if (pod.isAssigned !== other.isAssigned) return !pod.isAssigned
  const phases = ordinalOf(pod) - ordinalOf(other)
  if (phases !== 0) return phases < 0
  if (pod.isReady !== other.isReady) return !pod.isReady
  if (pod.deletionCost !== other.deletionCost) return pod.deletionCost < other.deletionCost
  if (pod.rank !== other.rank) return pod.rank > other.rank
  if (pod.isReady && pod.readyAt !== other.readyAt) {
    return isYounger({ pod, other, at: pod.readyAt, otherAt: other.readyAt, now })
  }
  if (pod.restarts !== other.restarts) return pod.restarts > other.restarts
  if (pod.sidecarRestarts !== other.sidecarRestarts) return pod.sidecarRestarts > other.sidecarRestarts
  if (pod.createdAt === other.createdAt) return false
  return isYounger({ pod, other, at: pod.createdAt, otherAt: other.createdAt, now })
}

/** Order of deletion, for `Array.sort`. */
export function compareForDeletion(pod: RankedPod, other: RankedPod, now: Micros | undefined): number {
  if (isDeletedBefore(pod, other, now)) return -1
  return isDeletedBefore(other, pod, now) ? 1 : 0
}

/**
 * Value of the annotation `controller.kubernetes.io/pod-deletion-cost`; 0 if it is absent or no integer of 32 bits. A plus sign
 * and leading zeros make it none. Source: pkg/apis/core/helper `GetDeletionCostFromPodAnnotations`, v1.37.
 */
export function deletionCostOf(annotations: Readonly<Record<string, string>> | undefined): number {
  const text = annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? ''
  if (!/^(?:0|-\d+|[1-9]\d*)$/.test(text)) return 0
  const cost = Number(text)
  // Minus zero is zero.
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost + 0 : 0
}

/** Most restarts of one container, and of one sidecar, of a pod. */
export function restartsOf(
  spec: Pick<PodSpec, 'initContainers'> | undefined,
  status: Pick<PodStatus, 'containerStatuses' | 'initContainerStatuses'> | undefined,
): Pick<RankedPod, 'restarts' | 'sidecarRestarts'> {
  let restarts = 0
  let sidecarRestarts = 0
  for (const { restartCount } of status?.containerStatuses ?? []) restarts = Math.max(restarts, restartCount)
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const { name, restartCount } of status?.initContainerStatuses ?? []) {
    if (sidecars.some((sidecar) => sidecar.name === name)) {
      sidecarRestarts = Math.max(sidecarRestarts, restartCount)
    }
  }
  return { restarts, sidecarRestarts }
}

function ordinalOf({ phase }: RankedPod): number {
  return PHASE_ORDINALS[phase] ?? 0
}

/** Whether a time of one pod is later than that of the other; unknown times are the latest. */
function isYounger(pair: {
  readonly pod: RankedPod
  readonly other: RankedPod
  readonly at: Micros | undefined
  readonly otherAt: Micros | undefined
  readonly now: Micros | undefined
}): boolean {
  const { pod, other, at, otherAt, now } = pair
  if (at === undefined || otherAt === undefined) return at === undefined
  if (now === undefined) return at > otherAt
  const difference = logarithmOf(now - at) - logarithmOf(now - otherAt)
  return difference === 0 ? pod.uid < other.uid : difference < 0
}

/** Whole part of the binary logarithm of an age in nanoseconds; -1 for none. */
function logarithmOf(age: Micros): number {
  return age > 0 ? Math.floor(Math.log2(age * NANOSECONDS_PER_MICROSECOND)) : -1
}
