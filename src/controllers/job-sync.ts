import type { Job, JobCondition, JobStatus } from '../api/types.generated.ts'
import { canonicalJson } from '../base/go-json.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { Calls } from '../cluster/client.ts'
import { DELETED_BY_JOB } from '../cluster/pod-reason.ts'
import { createPod, failureOf } from '../cluster/create-pod.ts'
import { objectKey } from '../cluster/object-store.ts'
import { releasePod } from '../cluster/release-pod.ts'
import type { JobBackoff } from './job-backoff.ts'
import { changesOf } from './job-changes.ts'
import type { JobChanges } from './job-changes.ts'
import { jobCondition, withCondition } from './job-conditions.ts'
import { NO_INDEX, TRACKING_FINALIZER } from './job-pods.ts'
import type { JobPod } from './job-pods.ts'
import { draftOf } from './job-status.ts'
import type { JobStatusDraft } from './job-status.ts'
import { podNameBase, podTemplateOf } from './job-template.ts'
import type { IndexFailures } from './job-template.ts'
import { trackPods } from './job-tracking.ts'
import { completionsReached, deadlineOf, verdictOn } from './job-verdict.ts'
import type { JobView } from './job-view.ts'
import { matchPodFailurePolicy } from './pod-failure-policy.ts'
import type { WorkloadParts } from './workload-parts.ts'

/** Shortest wait before a job with delayed pods is looked at again (job_controller.go `syncJobBatchPeriod`). */
export const BATCH_PERIOD: Micros = SECOND

/** Pods that are made at first; each batch that succeeds is followed by one of twice the size. */
const FIRST_BATCH = 1

/** What is left to do after a job was looked at. */
export interface JobSyncResult {
  /** When to look again, whatever happens. */
  readonly waits: readonly Micros[]
  /** Writes to the status so far wrote this back-off down. */
  readonly backoff: JobBackoff | undefined
}

/**
 * One look at a job: decides on what it sees, then deletes or makes pods, writes the status, lets pods go that have ended, and writes
 * the status again, in this order, each write when the client's limit lets.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `syncJob`.
 */
export class JobSync {
  readonly #parts: WorkloadParts
  readonly #view: JobView
  readonly #calls: Calls
  readonly #failed: () => void
  readonly #draft: JobStatusDraft
  /** Pods that could not be made. */
  #missing = 0
  /** The batch of pods in which one could not be made: those after it are not tried. */
  #failedBatch = Number.POSITIVE_INFINITY

  /** `failed` is called when a write fails: the job is to be looked at again. */
  constructor(parts: WorkloadParts, view: JobView, calls: Calls, failed: () => void) {
    this.#parts = parts
    this.#view = view
    this.#calls = calls
    this.#failed = failed
    this.#draft = draftOf(view.status)
  }

  run(): JobSyncResult {
    const view = this.#view
    const draft = this.#draft
    const waits: Micros[] = []
    let verdict = verdictOn(view)
    let hasSuspensionChanged = false
    draft.active = view.active.length
    draft.ready = view.ready
    draft.terminating = view.terminating
    if (verdict !== undefined) this.#deleteAll(view.active)
    else {
      const deadline = deadlineOf(view)
      if (deadline !== undefined) waits.push(deadline - view.now)
      const isGoing = view.job.metadata?.deletionTimestamp !== undefined
      if (!isGoing) this.#change(changesOf(view), waits)
      if (this.#isComplete()) verdict = completionsReached(view)
      else if (!isGoing) hasSuspensionChanged = this.#writeSuspension()
    }
    const isWritten = this.#write(verdict, hasSuspensionChanged)
    return { waits, backoff: isWritten ? view.backoff : undefined }
  }

  /** Writes the status and lets pods go; whether the status is written before that. */
  #write(verdict: JobCondition | undefined, hasSuspensionChanged: boolean): boolean {
    const view = this.#view
    const draft = this.#draft
    const old = view.job.status
    const hasChanged =
      hasSuspensionChanged ||
      draft.active !== (old?.active ?? 0) ||
      draft.ready !== old?.ready ||
      draft.terminating !== old.terminating
    const { before, released, after } = trackPods(view, draft, verdict, hasChanged)
    if (before !== undefined) this.#writeStatus(before)
    for (const pod of released) this.#calls.do(() => this.#release(pod))
    if (after !== undefined) this.#writeStatus(after)
    return before !== undefined
  }

  #change(changes: JobChanges, waits: Micros[]): void {
    const draft = this.#draft
    const { deletions, creations, waitsFor } = changes
    if (waitsFor !== undefined) waits.push(Math.max(BATCH_PERIOD, waitsFor))
    for (const pod of deletions) {
      this.#calls.do(() => this.#release(pod))
      this.#delete(pod)
    }
    for (const [place, index] of creations.entries()) {
      const batch = Math.floor(Math.log2(place / FIRST_BATCH + 1))
      this.#calls.do(() => this.#create(index, batch))
    }
    draft.active += creations.length
  }

  #deleteAll(pods: readonly JobPod[]): void {
    for (const pod of pods) this.#delete(pod)
  }

  /** Deletes a pod; it is counted as one that terminates, though it may be gone at once. */
  #delete(pod: JobPod): void {
    const draft = this.#draft
    draft.active -= 1
    draft.terminating += 1
    if (pod.isReady) draft.ready -= 1
    this.#calls.do(() => {
      if (this.#isThere(pod)) this.#parts.api.pods.requestDeletion(pod.row, { reason: DELETED_BY_JOB })
      return true
    })
  }

  #release(pod: JobPod): boolean {
    if (this.#isThere(pod)) releasePod(this.#parts.api.pods, pod.row, TRACKING_FINALIZER)
    return true
  }

  #isThere({ row, serial }: JobPod): boolean {
    const { pods } = this.#parts.api
    return pods.isCurrent(row, serial) && !pods.isRemoved(row)
  }

  #create(index: number, batch: number): boolean {
    const { api, owned } = this.#parts
    const { job } = this.#view
    if (batch > this.#failedBatch || !this.#isPresent(job)) {
      this.#missing += 1
      return true
    }
    const created = createPod(api, {
      owner: owned.ownerFor(job),
      template: podTemplateOf(job, index, this.#failuresOf(index)),
      name: podNameBase(job, index),
      isGenerated: true,
      ...(index === NO_INDEX ? {} : { ordinal: index }),
      details: { finalizers: [...(job.spec?.template.metadata?.finalizers ?? []), TRACKING_FINALIZER] },
    })
    if (created.ok) return true
    this.#missing += 1
    if (failureOf(created) === undefined) return true
    this.#failedBatch = Math.min(this.#failedBatch, batch)
    this.#failed()
    return true
  }

  #isPresent(job: Job): boolean {
    const current = this.#parts.api.collection<Job>('Job').get(objectKey(job.metadata))
    return current?.metadata?.uid === job.metadata?.uid
  }

  /** indexed_job_utils.go `getNewIndexFailureCounts`. */
  #failuresOf(index: number): IndexFailures | undefined {
    const { api, keptPods, rules } = this.#view
    if (rules.backoffLimitPerIndex === undefined) return undefined
    const replaced = keptPods.get(index)
    if (replaced === undefined) return { counted: 0, ignored: 0 }
    const { isCounted } = matchPodFailurePolicy(api, rules.podFailurePolicy, replaced.row)
    return {
      counted: replaced.failuresBefore + (isCounted ? 1 : 0),
      ignored: replaced.ignoredFailuresBefore + (isCounted ? 0 : 1),
    }
  }

  #isComplete(): boolean {
    const { rules, succeeded } = this.#view
    if (this.#draft.active > 0) return false
    return rules.completions === undefined ? succeeded > 0 : succeeded >= rules.completions
  }

  /** Says whether the job is suspended; whether that is new. A job that is resumed starts anew. */
  #writeSuspension(): boolean {
    const { api, now, rules } = this.#view
    const draft = this.#draft
    const text = api.calendar.format(now)
    const condition = rules.isSuspended
      ? { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
      : { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }
    const conditions = withCondition(draft.conditions, jobCondition(text, condition))
    if (conditions === draft.conditions) return false
    draft.conditions = conditions
    draft.startTime = rules.isSuspended ? undefined : text
    return true
  }

  #writeStatus(status: JobStatus): void {
    this.#calls.do(() => {
      const store = this.#parts.api.collection<Job>('Job')
      const { job } = this.#view
      const current = store.get(objectKey(job.metadata))
      if (current === undefined || current.metadata?.uid !== job.metadata?.uid) return true
      const active = Math.max(0, (status.active ?? 0) - this.#missing)
      const next = { ...status, active }
      // As the API server has it, what changes nothing is no write: else pods that are refused would have the job looked at again.
      if (canonicalJson(current.status) === canonicalJson(next)) return true
      return store.update({ ...current, status: next }).ok
    })
  }
}
