import type { PodGroup } from '../../api/types.generated.ts'
import type { ClusterView } from './cluster-view.ts'
import type { NodeIndex, PlacedPod } from './node-columns.ts'
import type { PodShape } from './pod-shape.ts'

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

/** How far the placement of a group's pods has come in its scheduling cycle. */
export interface PlacementProgress {
  /** Pods that are still to be tried. */
  readonly remaining: number
  /** Pods that have a node: from before, or in this cycle. */
  readonly scheduled: number
}

/** Why a group cannot be placed as it stands: more of its pods may cure it (`Wait`), or nothing will. */
export interface PlacementRejection {
  readonly code: 'Wait' | 'Unschedulable'
  readonly message: string
}

/** Nodes on which all pods of a group are tried together. */
export interface GroupPlacement {
  /** The value of the topology; empty for all nodes. */
  readonly name: string
  /** In the order in which the scheduler's snapshot lists them. */
  readonly nodes: readonly NodeIndex[]
}

/** What a placement that will do comes to. */
export interface GroupAssignment {
  readonly placement: GroupPlacement
  /** Pods that would be given a node there. */
  readonly pods: readonly PodShape[]
  /** Pods of the group that would have a node, those from before included. */
  readonly scheduled: number
}

/** A group in its scheduling cycle. */
export interface PodGroupContext {
  readonly cluster: ClusterView
  readonly group: PodGroup
  /** Nodes of its pods that were scheduled before. */
  readonly scheduledOn: readonly NodeIndex[]
}

/** What PodGroupPostFilter is given: a group that was rejected, and a trial. */
export interface PodGroupPostFilterContext {
  readonly cluster: ClusterView
  readonly group: PodGroup
  /** Priority of the group, which is that of its pods. */
  readonly priority: number
  /** Whether `preemptionPolicy` lets it preempt others. */
  readonly mayPreempt: boolean
  /** Nodes that its pods are nominated to. */
  readonly nominatedNodes: readonly NodeIndex[]
  /** Changes the cluster under the body, and undoes it after. */
  trial<Result>(body: (trial: PodGroupTrial) => Result): Result
}

/** The cluster, changed on trial for a group. */
export interface PodGroupTrial {
  remove(pod: PlacedPod): void
  /** Puts a pod back that was removed. */
  add(pod: PlacedPod): void
  /** Runs the cycle of the group in the cluster as the trial has left it; what it says when that rejects the group. */
  schedule(): PlacementRejection | undefined
  /** Whether the pods that `schedule` found nodes for still fit there, one after the other. */
  fits(): boolean
}

/** What PodGroupPostFilter says; with `Success` the group waits for the room that it found in the trial. */
export interface PodGroupPostFilterResult {
  readonly code: 'Success' | 'Unschedulable'
  readonly message: string
  /** Pods to remove, the most important first. */
  readonly victims: readonly PlacedPod[]
  /** Whether the group's pods stay nominated as they are: the room was made before, and is not free yet. */
  readonly keepsNominations?: boolean
}
