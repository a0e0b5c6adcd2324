import type { Deployment, ReplicaSet } from '../api/types.generated.ts'
import { fencepostsOf, replicasOf } from './deployment-fenceposts.ts'

export const REVISION = 'deployment.kubernetes.io/revision'
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'

/** Annotations of a Deployment and of its ReplicaSets that each of them has for itself. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])

/** Most letters of the history of revisions of one ReplicaSet. */
const HISTORY_LENGTH_MAX = 2000

type Annotations = Readonly<Record<string, string>>

/** Revision of a ReplicaSet, 0 if it has none; undefined if what it says is no integer. */
export function revisionOf({ metadata }: ReplicaSet): number | undefined {
  return integerOf(metadata?.annotations?.[REVISION] ?? '0')
}

/** The highest revision of the sets. */
export function maxRevision(sets: readonly ReplicaSet[]): number {
  return sets.reduce((highest, set) => Math.max(highest, revisionOf(set) ?? 0), 0)
}

/** How many pods the Deployment wanted when it last sized the set; undefined if that is not known. */
export function desiredReplicasOf({ metadata }: ReplicaSet): number | undefined {
  return countOf(metadata?.annotations?.[DESIRED_REPLICAS])
}

/** How many pods the Deployment could have had, surge included, when it last sized the set. */
export function maxReplicasOf({ metadata }: ReplicaSet): number | undefined {
  return countOf(metadata?.annotations?.[MAX_REPLICAS])
}

/** Annotations that tell of the size of a Deployment. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const replicas = replicasOf(deployment)
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + fencepostsOf(deployment).maxSurge),
  }
}

/**
 * Annotations of the newest ReplicaSet of a Deployment: those of the Deployment, its revision if that is higher than the one it
 * has, and the revisions that it had before.
 *
 * Source: kube-controller-manager v1.37, deployment/util/deployment_util.go `SetNewReplicaSetAnnotations`.
 */
export function newestAnnotations(
  deployment: Deployment,
  present: Annotations,
  revision: number,
): Annotations {
  const annotations: Record<string, string> = { ...present, ...sharedAnnotations(deployment) }
  const before = present[REVISION]
  const revisionBefore = before === undefined || before === '' ? 0 : integerOf(before)
  if (revisionBefore === undefined || revisionBefore >= revision) return annotations
  annotations[REVISION] = String(revision)
  if (before === undefined) return annotations
  const history = historyWith(present[REVISION_HISTORY] ?? '', before)
  return history === undefined ? annotations : { ...annotations, [REVISION_HISTORY]: history }
}

/** Annotations of the Deployment after it has gone back to a set: its own ones, and those of the set. */
export function rolledBackAnnotations(deployment: Deployment, set: ReplicaSet): Annotations {
  const own = Object.entries(deployment.metadata?.annotations ?? {}).filter(([key]) =>
    OWN_ANNOTATIONS.has(key),
  )
  return { ...Object.fromEntries(own), ...sharedAnnotations(set) }
}

/** Whether two maps of annotations say the same. */
export function isSameAnnotations(one: Annotations, other: Annotations): boolean {
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key])
}

function sharedAnnotations({ metadata }: Deployment | ReplicaSet): Annotations {
  return Object.fromEntries(
    Object.entries(metadata?.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.has(key)),
  )
}

/** The history with one revision more, without the oldest ones if it were too long; undefined if that does not help. */
function historyWith(history: string, revision: string): string | undefined {
  if (history === '') return revision
  const revisions = history.split(',')
  let length = history.length + revision.length + 1
  while (length > HISTORY_LENGTH_MAX && revisions.length > 0) {
    length -= (revisions.shift() ?? '').length + 1
  }
  return length > HISTORY_LENGTH_MAX ? undefined : [...revisions, revision].join(',')
}

function countOf(text: string | undefined): number | undefined {
  const count = integerOf(text ?? '')
  return count === undefined || count < 0 || count >= 2 ** 31 ? undefined : count
}

function integerOf(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined
}
