import type { PodTemplateSpec, StatefulSet, StatefulSetStatus } from '../api/types.generated.ts'
import { ENDED, ROLLING_UPDATE, SCALED_DOWN } from '../cluster/pod-reason.ts'
import { PHASE_PENDING } from '../cluster/pod-table.ts'
import { revisionName, templateOf } from './controller-revisions.ts'
import type { ControllerRevisions } from './controller-revisions.ts'
import type { StatefulClaims } from './stateful-claims.ts'
import { identifiedTemplate } from './stateful-pod.ts'
import type { StatefulPod } from './stateful-pod.ts'
import { isInOrdinalRange, replicasOf, startOrdinal } from './stateful-range.ts'
import {
  hasEnded,
  isParallel,
  isRunningAndReady,
  isTerminating,
  isUnavailable,
  podToUpdate,
  podsToUpdate,
} from './stateful-set-rules.ts'
import type { PodAnswers } from './stateful-set-rules.ts'
import { countPods, isStatusChanged, statusOf } from './stateful-set-status.ts'
import type { CountedPods, RevisionNames } from './stateful-set-status.ts'

/** Revisions that are kept beside those in use, when the set does not say. */
const HISTORY_LIMIT = 10

/** Why a pod is deleted, as reports say it; one that ended keeps its own reason. */
export type DeletionReason = typeof SCALED_DOWN | typeof ROLLING_UPDATE | typeof ENDED

/** Writes of a reconciliation; those that can fail say whether they succeeded. */
export interface StatefulSetWrites {
  readonly createPod: (pod: StatefulPod, template: PodTemplateSpec) => boolean
  readonly deletePod: (pod: StatefulPod, reason: DeletionReason) => boolean
  /** Gives a pod the labels by which it is known. */
  readonly identifyPod: (pod: StatefulPod) => boolean
  readonly updateStatus: (status: StatefulSetStatus) => void
}

/** What a reconciliation of a StatefulSet works with. */
export interface StatefulSetParts {
  readonly revisions: ControllerRevisions
  readonly claims: StatefulClaims
  readonly writes: StatefulSetWrites
  readonly answers: PodAnswers
  /** Calls for `count` pods in growing batches, and stops after a batch in which a call failed; false then. */
  readonly inBatches: (count: number, call: (index: number) => boolean) => boolean
  /** Feature gate MaxUnavailableStatefulSet: on by default in 1.37, off in 1.36. */
  readonly honoursMaxUnavailable: boolean
}

/** How a reconciliation of a StatefulSet ended. */
export interface StatefulSetResult {
  readonly status: StatefulSetStatus
  readonly isFailed: boolean
}

/** What became of one pod: nothing hinders the next one, it has to wait, or a call failed. */
type PodStep = 'next' | 'wait' | 'failed'

/** What is decided on in one reconciliation. */
interface Round {
  readonly set: StatefulSet
  readonly names: RevisionNames
  readonly replicas: readonly StatefulPod[]
  /** Pods outside of the ordinals, the highest first. */
  readonly condemned: readonly StatefulPod[]
  readonly templates: { readonly current: PodTemplateSpec; readonly update: PodTemplateSpec }
}

/**
 * Brings a StatefulSet's pods to what its spec says: creates, replaces and deletes them, in the order of their ordinals or all
 * at once, and writes the status. `pods` are those that the set controls, as they are now.
 *
 * Source: Kubernetes v1.37, controller/statefulset `UpdateStatefulSet`.
 */
export function syncStatefulSet(
  set: StatefulSet,
  pods: readonly StatefulPod[],
  parts: StatefulSetParts,
): StatefulSetResult {
  const uid = set.metadata?.uid ?? ''
  const newest = parts.revisions.current(set, set.spec?.template ?? {}, set.status?.collisionCount ?? 0)
  if (!newest.isStored) return { status: set.status ?? { replicas: 0 }, isFailed: true }
  const known = set.status?.currentRevision
  const current = parts.revisions.of(uid).find((each) => revisionName(each) === known) ?? newest.revision
  const names = { current: revisionName(current), update: revisionName(newest.revision) }
  const templates = { current: templateOf(current), update: templateOf(newest.revision) }
  const { counts, isFailed } = updatePods({ set, names, templates, ...divide(set, pods, names) }, pods, parts)
  const status = statusOf(set, counts, { names, collisionCount: newest.collisionCount })
  if (isStatusChanged(set, status)) parts.writes.updateStatus(status)
  const used = new Set([names.current, names.update, ...pods.map((pod) => pod.revision)])
  parts.revisions.truncate(uid, set.spec?.revisionHistoryLimit ?? HISTORY_LIMIT, used)
  return { status, isFailed }
}

/** The pods by what is wanted of them; those that are missing are there as they are to be. */
function divide(
  set: StatefulSet,
  pods: readonly StatefulPod[],
  names: RevisionNames,
): Pick<Round, 'replicas' | 'condemned'> {
  const start = startOrdinal(set)
  const byOrdinal = new Map(pods.map((pod) => [pod.ordinal, pod]))
  const replicas = Array.from({ length: replicasOf(set) }, (_, index): StatefulPod => {
    const ordinal = start + index
    return (
      byOrdinal.get(ordinal) ?? {
        name: `${set.metadata?.name ?? ''}-${ordinal}`,
        ordinal,
        revision: isMadeFromCurrent(set, index) ? names.current : names.update,
        stored: undefined,
      }
    )
  })
  const condemned = pods
    .filter(({ ordinal }) => ordinal >= 0 && !isInOrdinalRange(set, ordinal))
    .toSorted((one, other) => other.ordinal - one.ordinal)
  return { replicas, condemned }
}

/** Whether a missing pod comes back from the revision that was there before the update. Source: `newVersionedStatefulSetPod`. */
function isMadeFromCurrent(set: StatefulSet, index: number): boolean {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec?.updateStrategy ?? {}
  if (rollingUpdate !== undefined) return index < (rollingUpdate.partition ?? 0)
  return type === 'RollingUpdate' && index < (set.status?.currentReplicas ?? 0)
}

function updatePods(
  round: Round,
  pods: readonly StatefulPod[],
  parts: StatefulSetParts,
): { readonly counts: CountedPods; readonly isFailed: boolean } {
  const { set, names, replicas, condemned } = round
  if (set.metadata?.deletionTimestamp !== undefined) {
    return { counts: countPods(pods, names, parts.answers), isFailed: false }
  }
  // Undefined when all pods are available.
  const firstUnavailable = [...replicas, ...condemned.toReversed()].find((pod) =>
    isUnavailable(pod, parts.answers),
  )
  const outcome =
    forAll(set, replicas, parts, (pod) => processReplica(round, pod, parts)) ??
    forAll(set, condemned, parts, (pod) => {
      parts.claims.applyPolicy(set, pod)
      return 'next'
    }) ??
    forAll(set, condemned, parts, (pod) => processCondemned(pod, { set, firstUnavailable, parts }))
  const counts = countPods([...replicas, ...condemned], names, parts.answers)
  const type = set.spec?.updateStrategy?.type ?? 'RollingUpdate'
  if (outcome !== undefined || type !== 'RollingUpdate') return { counts, isFailed: outcome === 'failed' }
  const choose = parts.honoursMaxUnavailable ? podsToUpdate : podToUpdate
  let deleted = 0
  let isFailed = false
  for (const pod of choose(set, replicas, names.update, parts.answers)) {
    isFailed = !parts.writes.deletePod(pod, ROLLING_UPDATE)
    if (isFailed) break
    deleted += 1
  }
  return { counts: { ...counts, currentReplicas: counts.currentReplicas - deleted }, isFailed }
}

/** One pod after the other until one has to wait; or all of them in batches. Undefined when all were gone through. */
function forAll(
  set: StatefulSet,
  pods: readonly StatefulPod[],
  parts: StatefulSetParts,
  process: (pod: StatefulPod) => PodStep,
): 'wait' | 'failed' | undefined {
  if (isParallel(set)) {
    const call = (index: number): boolean => {
      const pod = pods[index]
      return pod === undefined || process(pod) !== 'failed'
    }
    return parts.inBatches(pods.length, call) ? undefined : 'failed'
  }
  for (const pod of pods) {
    const step = process(pod)
    if (step !== 'next') return step
  }
  return undefined
}

/** Source: Kubernetes v1.37, controller/statefulset `processReplica`. */
function processReplica(
  { set, names, templates }: Round,
  pod: StatefulPod,
  parts: StatefulSetParts,
): PodStep {
  const { claims, writes, answers } = parts
  const isInOrder = !isParallel(set)
  if (hasEnded(pod)) return isTerminating(pod) || writes.deletePod(pod, ENDED) ? 'wait' : 'failed'
  if (pod.stored === undefined) {
    if (claims.isStale(set, pod)) return 'wait'
    const template = pod.revision === names.update ? templates.update : templates.current
    if (!claims.create(set, pod)) return 'failed'
    if (!writes.createPod(pod, identifiedTemplate(set, template, pod))) return 'failed'
    claims.applyPolicy(set, pod)
    return isInOrder ? 'wait' : 'next'
  }
  if (pod.stored.phase === PHASE_PENDING) {
    if (!claims.create(set, pod)) return 'failed'
    claims.applyPolicy(set, pod)
  }
  if (isInOrder && (isTerminating(pod) || !isRunningAndReady(pod) || !answers.isAvailable(pod))) return 'wait'
  claims.applyPolicy(set, pod)
  return pod.stored.hasIdentity || writes.identifyPod(pod) ? 'next' : 'failed'
}

/** Source: Kubernetes v1.37, controller/statefulset `processCondemned`. */
function processCondemned(
  pod: StatefulPod,
  {
    set,
    firstUnavailable,
    parts,
  }: {
    readonly set: StatefulSet
    readonly firstUnavailable: StatefulPod | undefined
    readonly parts: StatefulSetParts
  },
): PodStep {
  const isInOrder = !isParallel(set)
  if (isTerminating(pod)) return isInOrder ? 'wait' : 'next'
  const isHealthy = isRunningAndReady(pod) && parts.answers.isAvailable(pod)
  if (isInOrder && !isHealthy && pod !== firstUnavailable) return 'wait'
  return parts.writes.deletePod(pod, SCALED_DOWN) ? 'wait' : 'failed'
}
