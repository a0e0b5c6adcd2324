import type { Job, JobStatus } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PodRow } from '../cluster/rows.ts'
import { nextBackoff } from './job-backoff.ts'
import type { JobBackoff } from './job-backoff.ts'
import { countIndexes, hasIndex, parseIndexes, withIndexes } from './job-indexes.ts'
import type { IndexSet } from './job-indexes.ts'
import {
  NO_INDEX,
  allFailuresBefore,
  finishTimeOf,
  hasValidIndex,
  isActivePod,
  isFailedPod,
  isSucceededPod,
  isTerminatingPod,
  readJobPod,
} from './job-pods.ts'
import type { JobPod } from './job-pods.ts'
import { rulesOf } from './job-rules.ts'
import type { JobRules } from './job-rules.ts'
import { matchPodFailurePolicy } from './pod-failure-policy.ts'

/** A job and its pods as they are when it is looked at, and what follows from them. */
export interface JobView {
  readonly api: ApiServer
  readonly job: Job
  /** As it was, but for the start of a job that starts now. */
  readonly status: JobStatus
  readonly rules: JobRules
  readonly now: Micros
  readonly pods: readonly JobPod[]
  readonly active: readonly JobPod[]
  readonly terminating: number
  readonly ready: number
  /** Pods whose end is counted in the status already, while they hold the finalizer still, by uid. */
  readonly uncountedSucceeded: ReadonlySet<string>
  readonly uncountedFailed: ReadonlySet<string>
  /** Pods that succeeded and failed so far, those not yet in the counters of the status among them. */
  readonly succeeded: number
  readonly failed: number
  readonly backoff: JobBackoff
  /** Indexes that had succeeded by the status; and those that have by now. */
  readonly previouslySucceededIndexes: IndexSet
  readonly succeededIndexes: IndexSet
  /** Undefined without `backoffLimitPerIndex`. */
  readonly failedIndexes: IndexSet | undefined
  /** The failed pod of each index that is to be made again, kept until then: its successor is told of its failures. */
  readonly keptPods: ReadonlyMap<number, JobPod>
}

/**
 * Looks at a job. `backoff` is what was known of its failures.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `syncJob`, its first half; indexed_job_utils.go.
 */
export function viewOfJob(api: ApiServer, job: Job, rows: readonly PodRow[], backoff: JobBackoff): JobView {
  const rules = rulesOf(job)
  const status = startedStatus(api, job, rules)
  const pods = rows.map((row) => readJobPod(api, row))
  const active = pods.filter(isActivePod)
  const uncountedSucceeded = new Set(status.uncountedTerminatedPods?.succeeded ?? [])
  const uncountedFailed = new Set(status.uncountedTerminatedPods?.failed ?? [])
  const valid = pods.filter((pod) => pod.isTracked && (!rules.isIndexed || hasValidIndex(pod, rules)))
  const newSucceeded = valid.filter((pod) => isSucceededPod(pod) && !uncountedSucceeded.has(pod.uid))
  const newFailed = valid.filter((pod) => isFailedPod(pod, rules) && !uncountedFailed.has(pod.uid))
  const newCounted = newFailed.filter(
    ({ row }) => matchPodFailurePolicy(api, rules.podFailurePolicy, row).isCounted,
  )
  const { previous, succeeded } = succeededIndexesOf(status, rules, valid)
  const failedIndexes = failedIndexesOf(api, status, rules, valid)
  const succeededPods = (status.succeeded ?? 0) + newSucceeded.length + uncountedSucceeded.size
  return {
    api,
    job,
    status,
    rules,
    now: api.sim.now,
    pods,
    active,
    terminating: pods.filter(isTerminatingPod).length,
    ready: active.filter(({ isReady }) => isReady).length,
    uncountedSucceeded,
    uncountedFailed,
    succeeded: rules.isIndexed ? countIndexes(succeeded) : succeededPods,
    failed: (status.failed ?? 0) + newCounted.length + uncountedFailed.size,
    backoff: nextBackoff(api, backoff, newSucceeded, newFailed),
    previouslySucceededIndexes: previous,
    succeededIndexes: succeeded,
    failedIndexes,
    keptPods: keptPodsOf({ api, rules, valid, active, succeeded, failed: failedIndexes }),
  }
}

/** A job starts when it is first looked at while it is not suspended. */
function startedStatus(api: ApiServer, { status = {} }: Job, { isSuspended }: JobRules): JobStatus {
  if (status.startTime !== undefined || isSuspended) return status
  return { ...status, startTime: api.calendar.format(api.sim.now) }
}

function succeededIndexesOf(
  status: JobStatus,
  rules: JobRules,
  valid: readonly JobPod[],
): { readonly previous: IndexSet; readonly succeeded: IndexSet } {
  if (!rules.isIndexed) return { previous: [], succeeded: [] }
  const previous = parseIndexes(status.completedIndexes, rules.completions ?? 0)
  const indexes = valid.filter(isSucceededPod).map(({ index }) => index)
  return { previous, succeeded: withIndexes(previous, indexes) }
}

/** Indexes that have failed more often than they may, or whose policy says so. */
function failedIndexesOf(
  api: ApiServer,
  status: JobStatus,
  rules: JobRules,
  valid: readonly JobPod[],
): IndexSet | undefined {
  const { backoffLimitPerIndex, podFailurePolicy } = rules
  if (backoffLimitPerIndex === undefined) return undefined
  const hasFailedForGood = (pod: JobPod): boolean => {
    if (!isFailedPod(pod, rules)) return false
    const { action, isCounted } = matchPodFailurePolicy(api, podFailurePolicy, pod.row)
    return action === 'FailIndex' || (isCounted && pod.failuresBefore >= backoffLimitPerIndex)
  }
  const indexes = valid.filter(hasFailedForGood).map(({ index }) => index)
  return withIndexes(parseIndexes(status.failedIndexes, rules.completions ?? 0), indexes)
}

/** indexed_job_utils.go `getPodsWithDelayedDeletionPerIndex`. */
function keptPodsOf(parts: {
  readonly api: ApiServer
  readonly rules: JobRules
  readonly valid: readonly JobPod[]
  readonly active: readonly JobPod[]
  readonly succeeded: IndexSet
  readonly failed: IndexSet | undefined
}): ReadonlyMap<number, JobPod> {
  const { api, rules, valid, active, succeeded, failed } = parts
  const kept = new Map<number, JobPod>()
  if (failed === undefined) return kept
  const activeIndexes = new Set(active.map(({ index }) => index))
  for (const pod of valid) {
    const { index } = pod
    if (!isFailedPod(pod, rules) || index === NO_INDEX) continue
    if (hasIndex(succeeded, index) || hasIndex(failed, index) || activeIndexes.has(index)) continue
    const known = kept.get(index)
    const isLater =
      known === undefined ||
      (allFailuresBefore(known) <= allFailuresBefore(pod) &&
        finishTimeOf(api, pod) >= finishTimeOf(api, known))
    if (isLater) kept.set(index, pod)
  }
  return kept
}
