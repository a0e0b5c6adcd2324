import type { JobCondition, JobStatus } from '../api/types.generated.ts'
import { conditionOf, withCondition } from './job-conditions.ts'
import { countIndexes, formatIndexes, hasIndex, withIndexes } from './job-indexes.ts'
import { hasValidIndex, isFailedPod, isSucceededPod } from './job-pods.ts'
import type { JobPod } from './job-pods.ts'
import { countReleased, statusOf } from './job-status.ts'
import type { JobStatusDraft } from './job-status.ts'
import { finalCondition } from './job-verdict.ts'
import type { JobView } from './job-view.ts'
import { matchPodFailurePolicy } from './pod-failure-policy.ts'

/** Pods whose uids may wait in the status at a time (job_controller.go `MaxUncountedPods`). */
const UNCOUNTED_MAX = 500

/** How the ends of pods get into the status: it is written, then pods are let go, then it is written again. */
export interface JobTracking {
  /** Undefined when there is nothing to say before pods are let go. */
  readonly before: JobStatus | undefined
  readonly released: readonly JobPod[]
  readonly after: JobStatus | undefined
}

/**
 * Works out what is written of the pods that have ended, and of the end of the job.
 *
 * A pod that ended is named in the status first, then gives up its finalizer, and is in a counter only then, so that none is counted
 * twice or never. The last condition, Complete or Failed, is written when no pod is left to be counted and none terminates.
 *
 * `verdict` is the condition with which the job ends; `hasChanged` whether the draft differs from the status already.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `trackJobStatusAndRemoveFinalizers`.
 */
export function trackPods(
  view: JobView,
  draft: JobStatusDraft,
  verdict: JobCondition | undefined,
  hasChanged: boolean,
): JobTracking {
  const held = new Set(view.pods.filter(({ isTracked }) => isTracked).map(({ uid }) => uid))
  let isWritten = countReleased(draft, held) || hasChanged
  const ended = endedPods(view, draft, verdict)
  if (ended.isNew) isWritten = true
  if (view.rules.isIndexed && writeIndexes(view, draft, ended.indexes)) isWritten = true
  if (announce(draft, verdict)) isWritten = true
  const before = isWritten ? statusOf(draft) : undefined
  for (const { uid } of ended.released) held.delete(uid)
  let isWrittenAgain = countReleased(draft, held)
  if (!ended.isCutShort && enactEnd(view, draft, verdict)) isWrittenAgain = true
  return { before, released: ended.released, after: isWrittenAgain ? statusOf(draft) : undefined }
}

/** Pods that can be let go; those that are to be counted are added to the draft, by uid or by index. */
interface EndedPods {
  readonly released: readonly JobPod[]
  readonly indexes: readonly number[]
  readonly isNew: boolean
  /** There are more of them, for the next time. */
  readonly isCutShort: boolean
}

function endedPods(view: JobView, draft: JobStatusDraft, verdict: JobCondition | undefined): EndedPods {
  const { rules, uncountedFailed, uncountedSucceeded } = view
  const released: JobPod[] = []
  const indexes: number[] = []
  const succeeded = [...draft.uncountedSucceeded]
  const failed = [...draft.uncountedFailed]
  const endsInFailure = verdict !== undefined && verdict.type !== 'SuccessCriteriaMet'
  const pods = rules.isIndexed ? [...view.pods].sort((one, other) => one.index - other.index) : view.pods
  let isCutShort = false
  for (const pod of pods) {
    if (!pod.isTracked || !canRelease(view, pod, verdict)) continue
    released.push(pod)
    if (isSucceededPod(pod) && !uncountedFailed.has(pod.uid)) {
      if (!rules.isIndexed && !uncountedSucceeded.has(pod.uid)) succeeded.push(pod.uid)
      const isNewIndex = hasValidIndex(pod, rules) && !hasIndex(view.previouslySucceededIndexes, pod.index)
      if (rules.isIndexed && isNewIndex) indexes.push(pod.index)
    } else if ((endsInFailure || isFailedPod(pod, rules)) && isCountedFailure(view, pod)) failed.push(pod.uid)
    if (indexes.length + succeeded.length + failed.length < UNCOUNTED_MAX) continue
    isCutShort = true
    break
  }
  const isNew =
    indexes.length > 0 ||
    succeeded.length > draft.uncountedSucceeded.length ||
    failed.length > draft.uncountedFailed.length
  draft.uncountedSucceeded = succeeded
  draft.uncountedFailed = failed
  return { released, indexes, isNew, isCutShort }
}

/** job_controller.go `canRemoveFinalizer`. */
function canRelease(view: JobView, pod: JobPod, verdict: JobCondition | undefined): boolean {
  const { job, keptPods, rules } = view
  const isOver = job.metadata?.deletionTimestamp !== undefined || verdict !== undefined
  if (isOver || isSucceededPod(pod)) return true
  return isFailedPod(pod, rules) && keptPods.get(pod.index) !== pod
}

function isCountedFailure({ api, rules, uncountedFailed }: JobView, pod: JobPod): boolean {
  if (uncountedFailed.has(pod.uid)) return false
  if (rules.isIndexed && !hasValidIndex(pod, rules)) return false
  return matchPodFailurePolicy(api, rules.podFailurePolicy, pod.row).isCounted
}

function writeIndexes(view: JobView, draft: JobStatusDraft, added: readonly number[]): boolean {
  const succeeded = withIndexes(view.succeededIndexes, added)
  const completedIndexes = formatIndexes(succeeded)
  const failedIndexes = view.failedIndexes === undefined ? undefined : formatIndexes(view.failedIndexes)
  const isNew = completedIndexes !== draft.completedIndexes || failedIndexes !== draft.failedIndexes
  draft.succeeded = countIndexes(succeeded)
  draft.completedIndexes = completedIndexes
  draft.failedIndexes = failedIndexes
  return isNew
}

/** Adds the condition that announces the end. */
function announce(draft: JobStatusDraft, verdict: JobCondition | undefined): boolean {
  if (verdict === undefined || verdict.type === 'Failed') return false
  if (conditionOf(draft.conditions, verdict.type)?.status === 'True') return false
  draft.conditions = [...draft.conditions, verdict]
  return true
}

/** Adds the condition that ends the job, once all of its pods have ended and are counted (job_controller.go `enactJobFinished`). */
function enactEnd(view: JobView, draft: JobStatusDraft, verdict: JobCondition | undefined): boolean {
  if (verdict === undefined || draft.terminating > 0) return false
  if (draft.uncountedSucceeded.length + draft.uncountedFailed.length > 0) return false
  const final = finalCondition(view, verdict)
  draft.conditions = withCondition(draft.conditions, final)
  if (final.type === 'Complete') draft.completionTime = final.lastTransitionTime
  return true
}
