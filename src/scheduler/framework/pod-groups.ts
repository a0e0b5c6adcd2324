import type { PodGroup } from '../../api/types.generated.ts'

/** A PodGroup, and how many pods name it. */
export interface PodGroupState {
  readonly group: PodGroup
  /** Pods that are there and not finished, those on nodes included. */
  readonly podCount: number
  /** Pods of these that are on a node, or about to be bound to one. */
  readonly scheduledCount: number
}

/** The PodGroups of the cluster. */
export interface PodGroupLister {
  /** Undefined when there is no such PodGroup. */
  podGroup(namespace: string, name: string): PodGroupState | undefined
}

/** Permit's word for a pod that has a node and is not to be bound yet. */
export interface PermitWait {
  /** How long it may wait; then it is rejected, and with it all that wait for the same group. In microseconds. */
  readonly timeout: number
  /** `namespace/name` of the group that it waits for. */
  readonly group: string
}
