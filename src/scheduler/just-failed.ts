import type { Micros } from '../base/time.ts'
import { memberGroupOf } from './pod-groups.ts'
import type { Foresight } from './queue-options.ts'
import type { QueuedPod } from './queued-pod.ts'

/**
 * Whether the pod is of a group and its last attempt failed in this instant: the room that its group gave back is no reason to try it
 * again at once.
 *
 * Departs from Kubernetes, and only where cycles take no time: the real one tries such pods again and again, as fast as it can.
 */
export function hasJustFailed({ attempts, timestamp, kin }: QueuedPod, now: Micros): boolean {
  return attempts > 0 && timestamp === now && memberGroupOf(kin.shape) !== undefined
}

/** Foresight in which such pods fail again; where the first pod that backs off is not one, it is as it was. */
export function withoutJustFailed(foresight: Foresight, first: QueuedPod, now: Micros): Foresight {
  if (!hasJustFailed(first, now)) return foresight
  const { rejectedBy, objectChanges } = foresight
  return {
    isHopeless: (pod) => hasJustFailed(pod, now) || foresight.isHopeless(pod),
    rejectedBy,
    objectChanges,
  }
}
