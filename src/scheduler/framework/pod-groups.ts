import type { ObjectMeta, PodGroup, Quantity } from '../../api/types.generated.ts'
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

/** A PodGroup of `scheduling.x-k8s.io/v1alpha1`, as the project scheduler-plugins has it. */
export interface CoscheduledGroup {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: ObjectMeta
  readonly spec?: {
    readonly minMember?: number
    readonly minResources?: Readonly<Record<string, Quantity>>
    readonly scheduleTimeoutSeconds?: number
  }
}

/** A pod of a group, on its node. */
export interface PlacedMember {
  readonly pod: PodShape
  readonly node: NodeIndex
}

/** A PodGroup of `scheduling.x-k8s.io`, and the pods whose label names it. */
export interface CoscheduledState {
  readonly group: CoscheduledGroup
  /** What names it in a `PermitWait`, a `GroupMark` and a `GroupRejection`. */
  readonly key: string
  /** When it was created, in whole seconds, as the API server says it; in microseconds of the run. */
  readonly createdAt: number
  /** Pods that are there and not finished, those on nodes included. */
  readonly podCount: number
  /** Pods of these that are on a node, bound or with room that they wait with. */
  readonly scheduledCount: number
  /** These pods. */
  placed(): Iterable<PlacedMember>
  /** Whether a mark was set on it that still holds. */
  isMarked(mark: string): boolean
}

/** The PodGroups of the cluster. */
export interface PodGroupLister {
  /** Undefined when there is no such PodGroup of `scheduling.k8s.io`. */
  podGroup(namespace: string, name: string): PodGroupState | undefined
  /** Undefined when there is no such PodGroup of `scheduling.x-k8s.io`. */
  coscheduledGroup(namespace: string, name: string): CoscheduledState | undefined
}

/** Something that a plugin wants to know of a group for a time; a mark that holds is not set again. */
export interface GroupMark {
  readonly group: string
  readonly mark: string
  /** In microseconds. */
  readonly lasts: number
  /** Whether it ends before, when a pod of the group loses the node that it had. */
  readonly endsWithRoom?: boolean
}

/** PostFilter's word for a group that is given up: pods that wait for it lose their nodes. */
export interface GroupRejection {
  readonly group: string
  /** Why, for each of these pods. */
  readonly reason: string
  readonly mark?: GroupMark | undefined
}

/** Permit's word for a pod that has a node and is not to be bound yet. */
export interface PermitWait {
  /** How long it may wait; then it is rejected, and with it all that wait for the same group. In microseconds. */
  readonly timeout: number
  /** The group that it waits for: `namespace/name`, or the key of one of `scheduling.x-k8s.io`. */
  readonly group: string
  /** Whether the other pods of the group are tried now, whatever holds them back; true by default. */
  readonly callsOthers?: boolean
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
