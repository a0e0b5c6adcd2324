/** The contract of scheduler plugins and extenders; published to users as `stowage/plugin`. */
export type { ClusterChange, PodUpdate } from './cluster-change.ts'
export type { ChangedKeys, ClusterView, NamespaceUse, NominatedPod } from './cluster-view.ts'
export type {
  ExtenderBinding,
  ExtenderFilterResult,
  ExtenderMetaVictims,
  ExtenderVictims,
  HostPriority,
  ManagedResource,
  SchedulerExtender,
} from './extender.ts'
export type { FitKernel, ResourceKernel, ScoreKernel } from './kernel.ts'
export type {
  HostPort,
  MeasuredUse,
  NodeColumn,
  NodeColumns,
  NodeImage,
  NodeIndex,
  NodeLoad,
  PlacedPod,
} from './node-columns.ts'
export { SCORE_MAX, definePlugin } from './plugin.ts'
export type {
  Normalization,
  PodMove,
  PluginDefinition,
  Prepared,
  PreparedScore,
  Reservation,
  ReserveContext,
  ReservedObject,
  SchedulerPlugin,
  Screening,
} from './plugin.ts'
export type { FeatureGates, PluginContext, PluginFactory, RunOutlook } from './plugin-factory.ts'
export type {
  CoscheduledGroup,
  CoscheduledState,
  GroupAssignment,
  GroupMark,
  GroupPlacement,
  GroupRejection,
  PermitWait,
  PlacedMember,
  PlacementProgress,
  PlacementRejection,
  PodGroupContext,
  PodGroupLister,
  PodGroupPostFilterContext,
  PodGroupPostFilterResult,
  PodGroupState,
  PodGroupTrial,
} from './pod-groups.ts'
export type { PodIdentity } from './pod-identity.ts'
export type {
  AffinityPods,
  PairCheck,
  PairColumn,
  PairPart,
  PairScore,
  PairSums,
  PairWeigher,
  PairWeight,
  PodMatcher,
  Topology,
} from './topology.ts'
export type { PodShape } from './pod-shape.ts'
export { signHostPorts, signRequests, signTolerations, signVolumes } from './signature.ts'
export type { SignatureParts } from './signature.ts'
export type {
  ExplainedTrial,
  PostFilterContext,
  PostFilterResult,
  PreemptionCandidate,
  Trial,
} from './post-filter.ts'
export { PASS, schedulingError, unresolvable, unschedulable } from './verdict.ts'
export type { Rejection } from './verdict.ts'
