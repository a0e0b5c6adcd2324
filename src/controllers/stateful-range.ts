import type { StatefulSet } from '../api/types.generated.ts'

/** First ordinal of the set's pods: `spec.ordinals.start`, 0 by default. */
export function startOrdinal(set: StatefulSet): number {
  return set.spec?.ordinals?.start ?? 0
}

/** How many pods the set is to have: `spec.replicas`, 1 by default. */
export function replicasOf(set: StatefulSet): number {
  return set.spec?.replicas ?? 1
}

/** Whether the set is to have a pod of this ordinal. */
export function isInOrdinalRange(set: StatefulSet, ordinal: number): boolean {
  const start = startOrdinal(set)
  return ordinal >= start && ordinal < start + replicasOf(set)
}
