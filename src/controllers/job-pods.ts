import type { ContainerStatus } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import {
  NO_TIME,
  PHASE_FAILED,
  PHASE_NAMES,
  PHASE_PENDING,
  PHASE_RUNNING,
  PHASE_SUCCEEDED,
} from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { JobRules } from './job-rules.ts'
import { compareForDeletion, restartsOf as mostRestartsOf } from './replicaset-ranking.ts'
import type { RankedPod } from './replicaset-ranking.ts'

/** Holds a pod until its end is counted. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
/** Annotation and label of the completion index of a pod. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'
/** Annotation: failures of an index before this pod. */
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count'
/** Annotation: failures of an index before this pod that its policy says to ignore. */
export const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count'

/** Index of a pod without a valid one. */
export const NO_INDEX = -1

const COUNT_MAX = 2 ** 31 - 1

/** A pod of a job as it was when the job was looked at. */
export interface JobPod {
  readonly row: PodRow
  readonly serial: number
  readonly uid: string
  readonly phase: number
  readonly isReady: boolean
  /** Its deletion was asked for. */
  readonly isDeleting: boolean
  /** It holds the finalizer: its end has not been counted. */
  readonly isTracked: boolean
  /** Completion index, or `NO_INDEX`. */
  readonly index: number
  /** Failures of its index before it, those that count and those that are ignored. */
  readonly failuresBefore: number
  readonly ignoredFailuresBefore: number
}

/** Reads a pod of a job. */
export function readJobPod({ pods }: ApiServer, row: PodRow): JobPod {
  const { table } = pods
  const { annotations } = pods.infoOf(row).template.metadata
  return {
    row,
    serial: table.serial(row),
    uid: pods.uidOf(row),
    phase: table.phase(row),
    isReady: table.isReady(row),
    isDeleting: table.deletingAt(row) !== NO_TIME,
    isTracked: (pods.detailsOf(row).finalizers ?? []).includes(TRACKING_FINALIZER),
    index: count(annotations[COMPLETION_INDEX]) ?? NO_INDEX,
    failuresBefore: count(annotations[INDEX_FAILURES]) ?? 0,
    ignoredFailuresBefore: count(annotations[INDEX_IGNORED_FAILURES]) ?? 0,
  }
}

function count(text: string | undefined): number | undefined {
  if (text === undefined || !/^\+?\d+$/.test(text)) return undefined
  const value = Number(text)
  return value > COUNT_MAX ? undefined : value
}

/** Whether it runs or will run: neither finished nor going (controller_utils.go `IsPodActive`). */
export function isActivePod(pod: JobPod): boolean {
  return !isFinishedPod(pod) && !pod.isDeleting
}

/** Whether it is going and has not finished yet (controller_utils.go `IsPodTerminating`). */
export function isTerminatingPod(pod: JobPod): boolean {
  return !isFinishedPod(pod) && pod.isDeleting
}

function isFinishedPod({ phase }: JobPod): boolean {
  return phase === PHASE_SUCCEEDED || phase === PHASE_FAILED
}

/** Whether it has succeeded. */
export function isSucceededPod({ phase }: JobPod): boolean {
  return phase === PHASE_SUCCEEDED
}

/**
 * Whether it has failed; one that is going has too, unless the job waits for its end (job_controller.go `isPodFailed`).
 */
export function isFailedPod({ phase, isDeleting }: JobPod, { replacesOnlyFailed }: JobRules): boolean {
  if (phase === PHASE_FAILED) return true
  return !replacesOnlyFailed && isDeleting && phase !== PHASE_SUCCEEDED
}

/** Whether it has an index that the job wants. */
export function hasValidIndex({ index }: JobPod, { completions }: JobRules): boolean {
  return index !== NO_INDEX && index < (completions ?? 0)
}

/** Failures of its index before it, all of them. */
export function allFailuresBefore({ failuresBefore, ignoredFailuresBefore }: JobPod): number {
  return failuresBefore + ignoredFailuresBefore
}

/**
 * When a pod ended, in the resolution of the API, whole seconds of the calendar: when its last container finished, else when it
 * stopped being ready, else when its deletion was asked for, else when it was created.
 *
 * Source: kube-controller-manager v1.37, job/backoff_utils.go `getFinishedTime`.
 */
export function finishTimeOf(api: ApiServer, { row }: JobPod): Micros {
  const { pods, calendar } = api
  const { table } = pods
  const { containerStatuses = [], initContainerStatuses = [] } = pods.detailsOf(row)
  const sidecars = new Set(
    (pods.infoOf(row).template.spec.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  )
  const statuses = [...containerStatuses, ...initContainerStatuses.filter(({ name }) => sidecars.has(name))]
  const fromContainers = latestFinish(api, statuses)
  if (fromContainers !== undefined) return fromContainers
  const at = [table.finishedAt(row), table.deletingAt(row)].find((time) => time !== NO_TIME)
  return calendar.parse(calendar.format(at ?? table.createdAt(row)))
}

/** Undefined while one of them has not finished. */
function latestFinish({ calendar }: ApiServer, statuses: readonly ContainerStatus[]): Micros | undefined {
  const times = statuses.map(({ state }) => state?.terminated?.finishedAt)
  if (times.length === 0 || times.includes(undefined)) return undefined
  return Math.max(...times.map((time) => calendar.parse(time ?? '')))
}

/** Restarts of its containers, all together. */
export function restartsOf({ pods }: ApiServer, { row, phase }: JobPod): number {
  if (phase !== PHASE_RUNNING && phase !== PHASE_PENDING) return 0
  const { containerStatuses = [], initContainerStatuses = [] } = pods.detailsOf(row)
  return [...initContainerStatuses, ...containerStatuses].reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  )
}

/**
 * Pods in the order in which they are deleted when there are too many: as a ReplicaSet's, but that neither their cost nor their
 * company counts, and times count exactly.
 *
 * Source: kube-controller-manager v1.37, controller_utils.go `ActivePods`.
 */
export function inOrderOfDeletion(api: ApiServer, pods: readonly JobPod[]): JobPod[] {
  return pods
    .map((pod) => ({ pod, ranked: rankedPod(api, pod) }))
    .sort((one, other) => compareForDeletion(one.ranked, other.ranked, undefined))
    .map(({ pod }) => pod)
}

function rankedPod({ pods }: ApiServer, { row, uid, phase, isReady }: JobPod): RankedPod {
  const { table } = pods
  return {
    uid,
    isAssigned: table.node(row) !== NO_NODE,
    phase: PHASE_NAMES[phase] ?? 'Unknown',
    isReady,
    readyAt: table.readyAt(row),
    createdAt: table.createdAt(row),
    deletionCost: 0,
    rank: 0,
    ...mostRestartsOf(pods.infoOf(row).template.spec, pods.detailsOf(row)),
  }
}
