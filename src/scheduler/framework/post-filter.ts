import type { ClusterView } from './cluster-view.ts'
import type { NodeIndex, PlacedPod } from './node-columns.ts'
import type { ReservedObject } from './plugin.ts'
import type { GroupRejection } from './pod-groups.ts'
import type { PodIdentity } from './pod-identity.ts'
import type { PodShape } from './pod-shape.ts'
import type { Rejection } from './verdict.ts'

/** The cluster, changed on trial: what is removed or added here is undone when the trial ends. */
export interface Trial {
  readonly node: NodeIndex
  /** Pods on the node now, as the trial has left them. */
  pods(): readonly PlacedPod[]
  /** Takes a pod off the node; one of another node is only counted as gone by what looks at several nodes. */
  remove(pod: PlacedPod): void
  /** Puts a pod back that was removed. */
  add(pod: PlacedPod): void
  /** Whether the pod passes all filters on the node, nominated pods counted. */
  fits(): Rejection | undefined
}

/** A trial that can say why the pod does not fit. */
export interface ExplainedTrial extends Trial {
  /** All reasons for the last rejection that `fits` gave, while the trial stands as it did. */
  readonly reasons: () => readonly string[]
}

/** What a PostFilter plugin is given: the pod that fits nowhere, why not, and trials. */
export interface PostFilterContext {
  readonly cluster: ClusterView
  readonly pod: PodShape
  readonly identity: PodIdentity
  /** Whether PreFilter came as far as this plugin; if not, an earlier one has ended it. */
  readonly isPrepared: boolean
  /** Why each node failed, by number; a node that no filter looked at is absent. */
  rejection(node: NodeIndex): Rejection | undefined
  /** Node that the pod is nominated to already. */
  readonly nominatedNode: NodeIndex | undefined
  /** Nodes that were rejected so that removing pods may help, in the scheduler's order. */
  helpful(): readonly NodeIndex[]
  trial<Result>(node: NodeIndex, body: (trial: ExplainedTrial) => Result): Result
  /**
   * The same for a body that looks at nothing but the trial and the pod: what an earlier one came to may stand for it,
   * where nothing that it looks at has changed since.
   */
  knownTrial<Result>(node: NodeIndex, body: (trial: Trial) => Result): Result
  /** Whether every node is to be tried, not the part that a configuration allows. */
  readonly isExhaustive: boolean
  /** The candidates that the extenders agree to, with the victims that they leave; or the error of one of them. */
  callExtenders(
    candidates: readonly PreemptionCandidate[],
  ): readonly PreemptionCandidate[] | { readonly error: string }
  /** A number from 0 to below `bound`, for the offset at which candidates are searched. */
  offset(bound: number): number
}

/** A node on which preemption would help, and what it takes. */
export interface PreemptionCandidate {
  readonly node: NodeIndex
  readonly victims: readonly PlacedPod[]
  readonly disruptionBudgetViolations: number
}

/** What PostFilter says. */
export interface PostFilterResult {
  readonly code: 'Success' | 'Unschedulable' | 'Error'
  /** A message that takes long to find out may be a function: it is asked before anything changes, or never. */
  readonly message: string | (() => string)
  readonly nominated?: PreemptionCandidate
  /** All candidates, for explanation; the nominated one is among them. */
  readonly candidates: readonly PreemptionCandidate[]
  /** Candidates that are equal in every criterion of the choice, the nominated one first. */
  readonly ties: readonly PreemptionCandidate[]
  /** Why the nodes that were tried are no candidates. */
  readonly failures?: ReadonlyMap<NodeIndex, readonly string[]>
  /** Whether an existing nomination of the pod ends. */
  readonly clearNomination: boolean
  /** Objects that the plugin writes to the API server, to be tried again with. */
  readonly updated?: readonly ReservedObject[]
  /** Objects that it deletes. */
  readonly deleted?: readonly ReservedObject[]
  /** The group of the pod, which is given up. */
  readonly rejectsGroup?: GroupRejection | undefined
}

/** A PostFilter plugin's function; `state` is what its `prepare` made, undefined where that did not run. */
export type PostFilter<Term, State> = (
  term: Term,
  context: PostFilterContext,
  state: State | undefined,
) => PostFilterResult
