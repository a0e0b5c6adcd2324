import type { Deployment, ReplicaSet, ReplicaSetStatus } from '../api/types.generated.ts'
import { fencepostsOf, isRollingUpdate, replicasOf } from './deployment-fenceposts.ts'
import { desiredReplicasOf, maxReplicasOf, revisionOf } from './deployment-revisions.ts'
import { isSameTemplate } from './pod-template-hash.ts'

/** The ReplicaSets of a Deployment: the one with its present template, if it is there, and the others. */
export interface DeploymentSets {
  readonly newest: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

/** All of them, the newest last. */
export function allOf({ newest, old }: DeploymentSets): readonly ReplicaSet[] {
  return newest === undefined ? old : [...old, newest]
}

/** Those that want pods. */
export function activeOf(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.filter((set) => replicasOf(set) > 0)
}

/** Pods that the sets want together. */
export function wantedReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0)
}

/** Sum of a number of the sets' statuses. */
export function statusSum(
  sets: readonly ReplicaSet[],
  field: Exclude<keyof ReplicaSetStatus, 'conditions'>,
): number {
  return sets.reduce((sum, { status }) => sum + (status?.[field] ?? 0), 0)
}

/** Tells the sets apart; the oldest with the present template is the newest of them. Source: `FindNewReplicaSet`, v1.37. */
export function splitSets(deployment: Deployment, sets: readonly ReplicaSet[]): DeploymentSets {
  const template = deployment.spec?.template ?? {}
  const newest = sets
    .toSorted(compareByAge)
    .find(({ spec }) => isSameTemplate(spec?.template ?? {}, template))
  return { newest, old: sets.filter((set) => set !== newest) }
}

/** Oldest first, by name where they are of one second. */
export function compareByAge(one: ReplicaSet, other: ReplicaSet): number {
  return (
    compareTexts(one.metadata?.creationTimestamp, other.metadata?.creationTimestamp) ||
    compareTexts(one.metadata?.name, other.metadata?.name)
  )
}

/** Lowest revision first. Source: deployment_util.go `ReplicaSetsByRevision`, v1.37. */
export function compareByRevision(one: ReplicaSet, other: ReplicaSet): number {
  const [revision, otherRevision] = [revisionOf(one), revisionOf(other)]
  const isKnown = revision !== undefined && otherRevision !== undefined
  return isKnown && revision !== otherRevision ? revision - otherRevision : compareByAge(one, other)
}

/** The only set that wants pods, or the newest one if none does; undefined if several do. Source: `FindActiveOrLatest`, v1.37. */
export function activeOrLatest(sets: DeploymentSets): ReplicaSet | undefined {
  const active = activeOf(allOf(sets))
  if (active.length > 1) return undefined
  return active[0] ?? sets.newest ?? sets.old.toSorted(compareByAge).at(-1)
}

/** Whether the newest set has all pods that the Deployment wants, and they are available. Source: `IsSaturated`, v1.37. */
export function isSaturated(deployment: Deployment, newest: ReplicaSet | undefined): boolean {
  const replicas = replicasOf(deployment)
  return (
    newest !== undefined &&
    replicasOf(newest) === replicas &&
    desiredReplicasOf(newest) === replicas &&
    (newest.status?.availableReplicas ?? 0) === replicas
  )
}

/**
 * Size of the newest set as far as surge lets it grow now; with Recreate all at once.
 *
 * Source: kube-controller-manager v1.37, deployment/util/deployment_util.go `NewRSNewReplicas`.
 */
export function newestSize(deployment: Deployment, { newest, old }: DeploymentSets): number {
  const replicas = replicasOf(deployment)
  if (!isRollingUpdate(deployment)) return replicas
  const present = newest === undefined ? 0 : replicasOf(newest)
  const room = replicas + fencepostsOf(deployment).maxSurge - wantedReplicas(old) - present
  return room <= 0 ? present : present + Math.min(room, replicas - present)
}

/**
 * New sizes of the active sets when a Deployment is scaled in the middle of a rollout: each grows or shrinks by its share, and
 * the largest takes what rounding leaves; in the order in which they are scaled.
 *
 * Source: kube-controller-manager v1.37, deployment/sync.go `scale`, deployment_util.go `GetReplicaSetProportion`.
 */
export function proportionalSizes(
  deployment: Deployment,
  sets: DeploymentSets,
): readonly { readonly set: ReplicaSet; readonly size: number }[] {
  const replicas = replicasOf(deployment)
  const allowed = replicas > 0 ? replicas + fencepostsOf(deployment).maxSurge : 0
  const active = activeOf(allOf(sets))
  const toAdd = allowed - wantedReplicas(active)
  if (toAdd === 0) return active.map((set) => ({ set, size: replicasOf(set) }))
  const age = toAdd > 0 ? -1 : 1
  const ordered = active.toSorted(
    (one, other) => replicasOf(other) - replicasOf(one) || age * compareByAge(one, other),
  )
  let added = 0
  const sizes = ordered.map((set) => {
    const share = shareOf(deployment, set, { toAdd, added })
    added += share
    return { set, size: replicasOf(set) + share }
  })
  return sizes.map(({ set, size }, index) => ({
    set,
    size: index === 0 ? Math.max(0, size + toAdd - added) : size,
  }))
}

function shareOf(
  deployment: Deployment,
  set: ReplicaSet,
  { toAdd, added }: { readonly toAdd: number; readonly added: number },
): number {
  if (toAdd === added) return 0
  const share = fractionOf(deployment, set)
  return toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added)
}

/** Source: deployment_util.go `getReplicaSetFraction`, v1.37. */
function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const size = replicasOf(set)
  const replicas = replicasOf(deployment)
  if (replicas === 0) return -size
  const before = maxReplicasOf(set) || (deployment.status?.replicas ?? 0)
  if (before === 0) return 0
  // Rounds half away from zero, and sizes are not negative.
  return Math.round((size * (replicas + fencepostsOf(deployment).maxSurge)) / before) - size
}

function compareTexts(one = '', other = ''): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
