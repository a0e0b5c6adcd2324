import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { allFailuresBefore, finishTimeOf } from './job-pods.ts'
import type { JobPod } from './job-pods.ts'

/** Back-off after the first failure, doubled by each further one (job_controller.go `DefaultJobPodFailureBackOff`). */
const BACKOFF_BASE: Micros = 10 * SECOND
/** job_controller.go `MaxJobPodFailureBackOff`. */
const BACKOFF_MAX: Micros = 600 * SECOND

/** Failures of a job since a pod of it last succeeded. */
export interface JobBackoff {
  readonly failures: number
  readonly lastFailureAt: Micros
}

/** A job without a failure. */
export const NO_BACKOFF: JobBackoff = { failures: 0, lastFailureAt: 0 }

/**
 * The failures of a job with pods that have newly ended.
 *
 * Source: kube-controller-manager v1.37, job/backoff_utils.go `newBackoffRecord`.
 */
export function nextBackoff(
  api: ApiServer,
  known: JobBackoff,
  newSucceeded: readonly JobPod[],
  newFailed: readonly JobPod[],
): JobBackoff {
  const failures = newFailed.map((pod) => finishTimeOf(api, pod)).sort((one, other) => one - other)
  const lastFailureAt = failures.at(-1)
  if (newSucceeded.length === 0) {
    if (lastFailureAt === undefined) return known
    return { failures: known.failures + failures.length, lastFailureAt }
  }
  const lastSuccessAt = Math.max(...newSucceeded.map((pod) => finishTimeOf(api, pod)))
  const since = failures.filter((at) => at > lastSuccessAt)
  return since.length === 0 ? NO_BACKOFF : { failures: since.length, lastFailureAt: lastFailureAt ?? 0 }
}

/** How long until a pod may be made again; 0 for now. Counts from the end of the pod that failed last. */
export function remainingBackoff({ failures, lastFailureAt }: JobBackoff, now: Micros): Micros {
  if (failures === 0) return 0
  const backoff = Math.min(BACKOFF_MAX, BACKOFF_BASE * 2 ** Math.min(failures - 1, 30))
  return Math.max(0, backoff - (now - lastFailureAt))
}

/** The failures of an index, of which this pod failed last. */
export function backoffOfIndex(api: ApiServer, lastFailed: JobPod | undefined): JobBackoff {
  if (lastFailed === undefined) return NO_BACKOFF
  return { failures: allFailuresBefore(lastFailed) + 1, lastFailureAt: finishTimeOf(api, lastFailed) }
}
