import type { Node, Pod } from '../../api/types.generated.ts'

/** What an extender says of the nodes that it was asked about; a node that it does not name is left out silently. */
export interface ExtenderFilterResult {
  /** Names of the nodes that take the pod, of those asked about. */
  readonly nodeNames: readonly string[]
  /** Why nodes do not take it, where preemption may help. */
  readonly failedNodes?: Readonly<Record<string, string>>
  /** Why nodes do not take it, where preemption does not help; counts before `failedNodes`. */
  readonly failedAndUnresolvableNodes?: Readonly<Record<string, string>>
}

/** An extender's score of a node: an integer, 0 to 10 as kube-scheduler means it. */
export interface HostPriority {
  readonly host: string
  readonly score: number
}

/** Pods to be removed from one node, to make room. */
export interface ExtenderVictims {
  readonly pods: readonly Pod[]
  /** How many of them a PodDisruptionBudget protects. */
  readonly numPDBViolations: number
}

/** The same by the UIDs of the pods. */
export interface ExtenderMetaVictims {
  readonly pods: readonly { readonly uid: string }[]
  readonly numPDBViolations: number
}

/** What an extender is asked to bind. */
export interface ExtenderBinding {
  readonly podName: string
  readonly podNamespace: string
  readonly podUid: string
  readonly node: string
}

/** A resource that an extender looks after. */
export interface ManagedResource {
  /** Of an extended resource, as `example.com/widget`. */
  readonly name: string
  /** Whether NodeResourcesFit leaves the resource to the extender; false by default. */
  readonly ignoredByScheduler?: boolean
}

/**
 * A scheduler extender: asked after the plugins about the nodes that they found. What it throws is an error of the
 * extender: the attempt fails and the pod is tried again after its back-off, or, if it is `ignorable`, goes on without it.
 *
 * Source: Kubernetes v1.37, kube-scheduler/extender/v1 and scheduler/extender.go.
 */
export interface SchedulerExtender {
  readonly name: string
  /** By which its scores are multiplied, above 0; 1 by default. */
  readonly weight?: number
  /** Pods that ask for none of these are not its business; by default all are. */
  readonly managedResources?: readonly ManagedResource[]
  /** Whether scheduling goes on when it fails; false by default. */
  readonly ignorable?: boolean
  filter?(pod: Pod, nodes: readonly Node[]): ExtenderFilterResult
  /** Scores by node; a node that is not there gets 0. */
  prioritize?(pod: Pod, nodes: readonly Node[]): readonly HostPriority[]
  /** Victims by node name: those that may be removed, of the ones given. */
  preempt?(
    pod: Pod,
    victims: Readonly<Record<string, ExtenderVictims>>,
  ): Readonly<Record<string, ExtenderMetaVictims>>
  /** Says yes by returning: the pod is then bound. */
  bind?(binding: ExtenderBinding): void
}
