import type { Job, PodFailurePolicy, SuccessPolicy } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/** Name of the controller that works on jobs whose `spec.managedBy` is not set. */
const JOB_CONTROLLER = 'kubernetes.io/job-controller'
const BACKOFF_LIMIT = 6
const UNLIMITED = 2 ** 31 - 1

/** What the spec of a job says, defaults put in. */
export interface JobRules {
  readonly parallelism: number
  /** Undefined: the job is complete when any pod has succeeded and none runs. */
  readonly completions: number | undefined
  readonly isIndexed: boolean
  readonly backoffLimit: number
  /** Undefined where failures are counted for the whole job. */
  readonly backoffLimitPerIndex: number | undefined
  readonly maxFailedIndexes: number | undefined
  readonly podFailurePolicy: PodFailurePolicy | undefined
  readonly successPolicy: SuccessPolicy | undefined
  /** Pods that terminate are replaced, and count as failed, only when they are gone. */
  readonly replacesOnlyFailed: boolean
  readonly activeDeadline: Micros | undefined
  readonly isSuspended: boolean
  /** Containers start again in their pods, and their restarts count as failures. */
  readonly restartsInPlace: boolean
}

/**
 * The rules of a job.
 *
 * Source of the defaults: Kubernetes v1.37, apis/batch/v1 `SetDefaults_Job`; kube-controller-manager job_controller.go
 * `onlyReplaceFailedPods`.
 */
export function rulesOf({ spec }: Job): JobRules {
  const { completions, parallelism, backoffLimit, backoffLimitPerIndex, podFailurePolicy } = spec ?? {}
  const hasNeither = completions === undefined && parallelism === undefined
  const isIndexed = spec?.completionMode === 'Indexed'
  const { activeDeadlineSeconds } = spec ?? {}
  return {
    parallelism: parallelism ?? 1,
    completions: hasNeither || (isIndexed && completions === undefined) ? 1 : completions,
    isIndexed,
    backoffLimit: backoffLimit ?? (backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : UNLIMITED),
    backoffLimitPerIndex: isIndexed ? backoffLimitPerIndex : undefined,
    maxFailedIndexes: spec?.maxFailedIndexes,
    podFailurePolicy,
    successPolicy: spec?.successPolicy,
    replacesOnlyFailed: spec?.podReplacementPolicy === 'Failed' || podFailurePolicy !== undefined,
    activeDeadline: activeDeadlineSeconds === undefined ? undefined : activeDeadlineSeconds * SECOND,
    isSuspended: spec?.suspend === true,
    restartsInPlace: spec?.template.spec?.restartPolicy === 'OnFailure',
  }
}

/**
 * Active pods that a job wants which is neither suspended nor done: no more than are still to succeed; where any success completes
 * it, no new ones after the first.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `manageJob` (`wantActive`).
 */
export function wantedPods(
  { completions, parallelism }: JobRules,
  { active, succeeded }: { readonly active: number; readonly succeeded: number },
): number {
  if (completions === undefined) return succeeded > 0 ? active : parallelism
  return Math.max(0, Math.min(parallelism, completions - succeeded))
}

/** Whether somebody else works on the job: `spec.managedBy`. */
export function isManagedElsewhere({ spec }: Job): boolean {
  return spec?.managedBy !== undefined && spec.managedBy !== JOB_CONTROLLER
}
