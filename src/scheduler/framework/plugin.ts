import type { ClusterChange } from './cluster-change.ts'
import type { ClusterView } from './cluster-view.ts'
import type { ResourceKernel } from './kernel.ts'
import type { NodeColumn, NodeColumns, NodeIndex, PlacedPod } from './node-columns.ts'
import type { PodGroup } from '../../api/types.generated.ts'
import type {
  GroupAssignment,
  GroupMark,
  GroupPlacement,
  PermitWait,
  PlacementProgress,
  PlacementRejection,
  PodGroupContext,
  PodGroupLister,
  PodGroupPostFilterContext,
  PodGroupPostFilterResult,
} from './pod-groups.ts'
import type { PodIdentity } from './pod-identity.ts'
import type { PodShape } from './pod-shape.ts'
import type { PostFilter } from './post-filter.ts'
import type { SignatureParts } from './signature.ts'
import type { PairCheck, PairScore } from './topology.ts'
import type { Rejection } from './verdict.ts'

/** Highest score of a plugin after normalisation (kube-scheduler, framework `MaxNodeScore`). */
export const SCORE_MAX = 100

/** A pod that joined (1) or left (-1) a node, on trial. */
export interface PodMove {
  readonly pod: PlacedPod
  readonly node: NodeIndex
  readonly sign: 1 | -1
}

/** What `reserve` is told of the cycle. */
export interface ReserveContext<State> {
  /** What `prepare` made; undefined where it did not run. */
  readonly state: State | undefined
  readonly cluster: ClusterView
  readonly pod: PodIdentity
}

/** What can be said of a pod before any node is looked at. */
export type Screening =
  /** The filter has nothing to reject this pod for. */
  | { readonly skip: true }
  /** No node will do; where preemption may help (`unschedulable`), the plugins after it are asked all the same. */
  | { readonly reject: Rejection }
  /** Only these nodes can do, by name; the filter runs on them. */
  | { readonly nodeNames: readonly string[] }

/** What `prepare` found out for one scheduling cycle. */
export type Prepared<State> =
  | Screening
  | {
      readonly state: State
      readonly nodeNames?: readonly string[]
      /** No node will do as the cluster stands; with the state, preemption may find one that will. */
      readonly reject?: Rejection | undefined
      readonly mark?: GroupMark | undefined
    }

/** What `prepareScore` found out for the nodes that were found. */
export type PreparedScore<State> = { readonly skip: true } | { readonly state: State }

/**
 * How raw scores become 0 to 100 over the nodes found: left as they are, scaled by the maximum, scaled and turned
 * round, or by a function that changes them in place (`scores[i]` is of `found[i]`).
 */
export type Normalization<Term = unknown, ScoreState = unknown> =
  | 'none'
  | 'by-maximum'
  | 'by-maximum-reversed'
  | ((scores: number[], found: readonly NodeIndex[], term: Term, state: ScoreState) => void)

/** An object of the API server, of any kind but pods and nodes. */
export interface ReservedObject {
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly namespace?: string }
}

/** What a plugin sets aside for a pod on the chosen node. */
export interface Reservation {
  /** GPUs of the node's device model: one bit a device. */
  readonly devices?: number
  /**
   * Objects as the binding will leave them: every later cycle sees them so, and PreBind writes them to the API server.
   */
  readonly objects?: readonly ReservedObject[]
  /** Why the API server would refuse what PreBind writes: the pod is not bound, and tried again after a back-off. */
  readonly failure?: string
}

/**
 * A scheduler plugin: what kube-scheduler calls PreEnqueue, PreFilter, Filter, PreScore, Score, NormalizeScore,
 * PostFilter and Reserve, over a compiled pod and columns of nodes. Everything but `name`, `reads` and `compile` may
 * be left out. Methods are pure: no state outside what they are given, and they change nothing but `state` in `update`.
 */
export interface PluginDefinition<Term, Reads extends NodeColumn, State, ScoreState> {
  /** As in the scheduler configuration. */
  readonly name: string
  /**
   * The node columns that filter and score look at. A verdict is stale when one of them changed on the node, and,
   * without `hint`, a pod that this plugin rejected is worth another try then.
   */
  readonly reads: readonly Reads[]
  /**
   * Whether the term depends on the pod's requests. True by default; a plugin that says false is compiled once for
   * all pods of a template, whatever their size.
   */
  readonly sized?: boolean
  /** Turns the pod into plain data: all that the rest is told of it. Runs once for each shape of pod. */
  compile(pod: PodShape): Term
  /**
   * All of the pod that `prepare`, `filter`, `prepareScore` and `score` follow from, apart from the cluster: pods that no
   * plugin tells apart may share the nodes that a search found. Undefined for a pod whose placement changes what an
   * equal pod finds. A profile with a plugin that does not have this shares nothing.
   */
  sign?(pod: PodShape): SignatureParts | undefined
  /**
   * QueueSort: pods of equal priority are tried in the order of this instant, in microseconds of the run, then of
   * `namespace/name`; undefined for the instant at which the pod came to the queue first.
   */
  queueTime?(term: Term, groups: PodGroupLister): number | undefined
  /**
   * PreEnqueue: keeps the pod out of the queue. Asked again when the pod changes, and for a pod of a PodGroup when the
   * group does.
   */
  enqueue?(term: Term, groups: PodGroupLister): Rejection | undefined
  /** PreEnqueue, where it needs the cluster or the pod itself. */
  gate?(term: Term, cluster: ClusterView, pod: PodIdentity): Rejection | undefined
  /** PreFilter, as far as it follows from the pod alone. */
  screen?(term: Term): Screening | undefined
  /** PreFilter, where it needs more than one node; once a scheduling cycle. */
  prepare?(term: Term, cluster: ClusterView, pod: PodIdentity): Prepared<State>
  /** Tells `state` that a pod joined (1) or left (-1) a node: nominated pods and preemption's trials. */
  update?(term: Term, state: State, change: PodMove, cluster: ClusterView): void
  /** Filter: PASS (undefined) or why the node will not do. */
  filter?(term: Term, node: NodeIndex, nodes: Pick<NodeColumns, Reads>, state: State): Rejection | undefined
  /**
   * In-tree plugins only: `filter` as checks on sums by topology pair, for the fused loop of the score index. A node
   * passes when it passes all of them. Undefined where it cannot be said so.
   */
  checks?(term: Term, state: State): readonly PairCheck[] | undefined
  /** All reasons of a node that `filter` rejects, for plugins whose rejection constants have none. */
  explain?(term: Term, node: NodeIndex, nodes: Pick<NodeColumns, Reads>, state: State): readonly string[]
  /** PostFilter: what to do when no node was found. */
  readonly postFilter?: PostFilter<Term, State>
  /**
   * Whether, as the cluster stands, `prepare` and `prepareScore` would both skip this pod whatever else it is like: then
   * the plugin does not keep the pod from the fast path. May look at objects other than pods, and at the number of shapes with
   * pod affinity: asked again when one of them changes, often at every decision, so it must be cheap.
   */
  isIdle?(term: Term, cluster: ClusterView): boolean
  /**
   * Whether, as the cluster stands, `prepare` and `prepareScore` would make no state for this pod, and the other methods
   * do without: the plugin then does not keep the pod from the fast path. Asked as `isIdle` is, about the same.
   */
  isStateless?(term: Term, cluster: ClusterView): boolean
  /**
   * Whether PreFilter, filters and PostFilter say of pods with this term what follows from the term and the cluster
   * alone, not from the pod's identity: what failed then fails again as long as nothing changes.
   */
  ignoresIdentity?(term: Term): boolean
  /**
   * Says that PostFilter can do nothing for a pod while no pod of lower priority is on any node, if the pod is one that
   * the fast path decides.
   */
  readonly postFilterNeedsLowerPriority?: boolean
  /** Whether PostFilter has a message for pods with this term and does nothing. */
  isPostFilterIdle?(term: Term): boolean
  /** PreScore, as far as it follows from the pod alone: false when the plugin does not rank nodes for it. */
  ranks?(term: Term): boolean
  /** PreScore, where it needs the nodes that were found. */
  prepareScore?(
    term: Term,
    cluster: ClusterView,
    found: readonly NodeIndex[],
    pod: PodIdentity,
    /** What `prepare` made; undefined where it did not run. */
    state: State | undefined,
  ): PreparedScore<ScoreState>
  /**
   * What `prepareScore` looks at: the nodes found (the default), or only what Node objects say, whichever nodes were
   * found, so that its state holds until a Node object changes.
   */
  readonly prepareScoreFrom?: 'found' | 'node-objects'
  /** Score: an integer; 0 to 100 when normalisation is `none`. */
  score?(term: Term, node: NodeIndex, nodes: Pick<NodeColumns, Reads>, state: ScoreState): number
  /** In-tree plugins only: `score` in terms of topology pairs, for the fused loop of the score index. */
  pairScore?(term: Term, state: ScoreState): PairScore
  /** NormalizeScore; `none` by default. */
  readonly normalize?: Normalization<Term, ScoreState>
  /** In-tree resource plugins only: filter and score as numbers, for the fused loop of the score index. */
  kernel?(term: Term): ResourceKernel
  /** Reserve: what to set aside on the chosen node. */
  reserve?(
    term: Term,
    node: NodeIndex,
    nodes: Pick<NodeColumns, Reads>,
    cycle: ReserveContext<State>,
  ): Reservation | undefined
  /**
   * Permit: lets a pod that has a node wait before it is bound, with the room taken, or rejects it; undefined lets it go. Asked
   * again for all that wait whenever another pod has been given a node.
   */
  permit?(term: Term, groups: PodGroupLister): PermitWait | { readonly reject: Rejection } | undefined
  /** PlacementGenerate: the sets of nodes that the pods of a group may be placed in, in order; undefined for all nodes. */
  placementGenerate?(
    context: PodGroupContext,
  ): readonly GroupPlacement[] | { readonly error: string } | undefined
  /**
   * PlacementFeasible: whether a group may be placed, asked before its pods are tried and after each of them; undefined
   * when it may be bound as it is.
   */
  placementFeasible?(group: PodGroup, progress: PlacementProgress): PlacementRejection | undefined
  /**
   * PlacementScore: an integer for each of the placements that will do; the pods are not on their nodes when it is asked.
   * 0 to 100 when normalisation is `none`.
   */
  placementScore?(context: PodGroupContext, assignment: GroupAssignment): number
  /** NormalizePlacementScore: with `max`, scores become 0 to 100 by the highest; `none` by default. */
  readonly placementNormalize?: 'max' | 'none'
  /** PodGroupPostFilter: what to do for a group that was rejected. */
  podGroupPostFilter?(context: PodGroupPostFilterContext): PodGroupPostFilterResult
  /**
   * EventsToRegister: the types of changes that may make a pod that it rejected worth another try, whatever the pod; all
   * when left out. `hint` has to say false to all others.
   */
  readonly events?: readonly ClusterChange['type'][]
  /**
   * QueueingHint: whether a pod that this plugin rejected is worth another try after the change. Left out, the change
   * of a column in `reads` is. `cluster` is as the change has left it.
   */
  hint?(term: Term, change: ClusterChange, cluster: ClusterView, pod: PodIdentity): boolean
}

/** A plugin of any term, as the framework runs it. */
export type SchedulerPlugin = PluginDefinition<unknown, NodeColumn, unknown, unknown>

/** Declares a plugin: checks its types against the columns it reads, and seals it. */
export function definePlugin<Term, const Reads extends NodeColumn, State = undefined, ScoreState = undefined>(
  plugin: PluginDefinition<Term, Reads, State, ScoreState>,
): SchedulerPlugin {
  return Object.freeze(plugin) as unknown as SchedulerPlugin
}
