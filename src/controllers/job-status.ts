import type { JobCondition, JobStatus } from '../api/types.generated.ts'

/** The status of a job while it is worked out. */
export interface JobStatusDraft {
  active: number
  ready: number
  terminating: number
  succeeded: number
  failed: number
  completedIndexes: string
  failedIndexes: string | undefined
  conditions: readonly JobCondition[]
  startTime: string | undefined
  completionTime: string | undefined
  /** Pods that are counted below when they have given up the finalizer, by uid. */
  uncountedSucceeded: readonly string[]
  uncountedFailed: readonly string[]
}

/** A draft that begins with what the status says. */
export function draftOf(status: JobStatus): JobStatusDraft {
  return {
    active: status.active ?? 0,
    ready: status.ready ?? 0,
    terminating: status.terminating ?? 0,
    succeeded: status.succeeded ?? 0,
    failed: status.failed ?? 0,
    completedIndexes: status.completedIndexes ?? '',
    failedIndexes: status.failedIndexes,
    conditions: status.conditions ?? [],
    startTime: status.startTime,
    completionTime: status.completionTime,
    uncountedSucceeded: status.uncountedTerminatedPods?.succeeded ?? [],
    uncountedFailed: status.uncountedTerminatedPods?.failed ?? [],
  }
}

/** The status of a draft, as the API has it. */
export function statusOf(draft: JobStatusDraft): JobStatus {
  const { active, ready, terminating, succeeded, failed, conditions } = draft
  const { completedIndexes, failedIndexes, startTime, completionTime } = draft
  const { uncountedSucceeded, uncountedFailed } = draft
  return {
    active,
    ready,
    terminating,
    succeeded,
    failed,
    ...(completedIndexes === '' ? {} : { completedIndexes }),
    ...(failedIndexes === undefined ? {} : { failedIndexes }),
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    uncountedTerminatedPods: {
      ...(uncountedSucceeded.length === 0 ? {} : { succeeded: uncountedSucceeded }),
      ...(uncountedFailed.length === 0 ? {} : { failed: uncountedFailed }),
    },
  }
}

/**
 * Counts the pods that are no longer held, by uid; whether there was any.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `cleanUncountedPodsWithoutFinalizers`.
 */
export function countReleased(draft: JobStatusDraft, held: ReadonlySet<string>): boolean {
  const succeeded = draft.uncountedSucceeded.filter((uid) => held.has(uid))
  const failed = draft.uncountedFailed.filter((uid) => held.has(uid))
  const newlySucceeded = draft.uncountedSucceeded.length - succeeded.length
  const newlyFailed = draft.uncountedFailed.length - failed.length
  draft.succeeded += newlySucceeded
  draft.failed += newlyFailed
  draft.uncountedSucceeded = succeeded
  draft.uncountedFailed = failed
  return newlySucceeded + newlyFailed > 0
}
