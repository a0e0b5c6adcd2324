import { controllerOf } from '../api/owner-references.ts'
import type { CronSchedule, EpochMicros } from '../api/cron-schedule.ts'
import type { CronJob, Job, ObjectReference } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import { timeZoneOf } from '../base/time-zone.ts'
import type { Calls } from '../cluster/client.ts'
import { Controller } from '../cluster/controller.ts'
import type { Reconciled } from '../cluster/controller.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { ObjectStore } from '../cluster/object-store.ts'
import { jobOfCronJob } from './cron-job-template.ts'
import { missedRuns, scheduleOf, untilNextRun } from './cron-job-times.ts'
import type { CronJobTimes } from './cron-job-times.ts'
import { CronJobStatusDraft } from './cron-job-status.ts'
import { finishedConditionOf } from './job-conditions.ts'
import type { WorkloadParts } from './workload-parts.ts'

const EPOCH = '1970-01-01T00:00:00Z'

/**
 * Starts jobs by the clock: a run 100 ms after its time, the newest that was missed when it could not look (suspended, or
 * Forbid while another ran), unless `startingDeadlineSeconds` has passed. Removes finished jobs beyond the limits of history.
 *
 * Source: kube-controller-manager v1.37, cronjob_controllerv2.go.
 */
export function startCronJobController(parts: WorkloadParts): Controller {
  const { sim, api, limits } = parts
  const cronJobs = api.collection<CronJob>('CronJob')
  const jobs = new JobsOfCronJobs(api.collection<Job>('Job'))
  const zero = api.calendar.parse(EPOCH)
  const controller = new Controller(sim, {
    name: 'cronjob-controller',
    ...(limits === undefined ? {} : { limits }),
    reconcile: (key, calls) => {
      const cronJob = cronJobs.get(key)
      if (cronJob === undefined) return undefined
      return new CronJobSync(parts, cronJob, jobs, sim.now - zero).run(calls)
    },
  })
  api.watch({
    name: 'cronjob-controller',
    kinds: ['CronJob', 'Job'],
    from: 1,
    onObject: ({ kind, key, old, new: now }) => {
      if (kind === 'Job') {
        for (const job of [old, now] as (Job | undefined)[]) {
          const owner = jobs.written(key, job, job === now)
          if (owner !== undefined && cronJobs.get(owner.key)?.metadata?.uid === owner.uid) {
            controller.queue.add(owner.key)
          }
        }
        return
      }
      const after = delayOfChange(old as CronJob | undefined, now as CronJob | undefined)
      if (after !== undefined) controller.queue.addAfter(key, after)
    },
  })
  return controller

  /** When to look at a CronJob that was written: with a new schedule, at its next run. Undefined: not at all. */
  function delayOfChange(old: CronJob | undefined, now: CronJob | undefined): number | undefined {
    if (old === undefined || now === undefined) return 0
    const { schedule, timeZone } = now.spec
    if (old.spec.schedule === schedule && old.spec.timeZone === timeZone) return 0
    const read = scheduleOf(schedule, timeZone)
    const at = (time: string | undefined): EpochMicros => api.calendar.parse(time ?? EPOCH) - zero
    return read.ok ? untilNextRun(timesOf(now, at), sim.now - zero, read.schedule) : undefined
  }
}

function timesOf({ metadata, spec, status }: CronJob, at: (time: string) => EpochMicros): CronJobTimes {
  const { lastScheduleTime } = status ?? {}
  return {
    createdAt: at(metadata?.creationTimestamp ?? EPOCH),
    lastScheduledAt: lastScheduleTime === undefined ? undefined : at(lastScheduleTime),
    startingDeadlineSeconds: spec.startingDeadlineSeconds,
  }
}

/** The jobs of each CronJob: what the real controller lists all jobs of a namespace for. */
class JobsOfCronJobs {
  readonly store: ObjectStore<Job>
  readonly #keys = new Map<string, Set<string>>()

  constructor(store: ObjectStore<Job>) {
    this.store = store
  }

  /** Hears of a job as it was or is now; who controls it. */
  written(
    key: string,
    job: Job | undefined,
    isPresent: boolean,
  ): { readonly key: string; readonly uid: string } | undefined {
    const reference = controllerOf(job)
    if (reference?.kind !== 'CronJob') return undefined
    const owner = objectKey({ namespace: job?.metadata?.namespace ?? '', name: reference.name })
    let keys = this.#keys.get(owner)
    if (keys === undefined) {
      keys = new Set()
      this.#keys.set(owner, keys)
    }
    if (isPresent) keys.add(key)
    else keys.delete(key)
    return { key: owner, uid: reference.uid }
  }

  /** Those of a CronJob, in order of creation. */
  of(cronJob: CronJob): readonly Job[] {
    const keys = this.#keys.get(objectKey(cronJob.metadata))
    return [...(keys ?? [])].map((key) => this.store.get(key)).filter((job) => job !== undefined)
  }
}

/** One look at a CronJob. */
class CronJobSync {
  readonly #parts: WorkloadParts
  readonly #cronJob: CronJob
  readonly #jobs: JobsOfCronJobs
  readonly #now: EpochMicros
  readonly #status: CronJobStatusDraft

  constructor(parts: WorkloadParts, cronJob: CronJob, jobs: JobsOfCronJobs, now: EpochMicros) {
    this.#parts = parts
    this.#cronJob = cronJob
    this.#jobs = jobs
    this.#now = now
    this.#status = new CronJobStatusDraft(cronJob.status)
  }

  run(calls: Calls): Reconciled | undefined {
    const jobs = this.#jobs.of(this.#cronJob)
    this.#cleanUp(jobs, calls)
    this.#observe(jobs)
    const after = this.#schedule(calls)
    calls.do(() => this.#writeStatus())
    return after === undefined ? undefined : { after }
  }

  /** Deletes the oldest finished jobs that are too many. */
  #cleanUp(jobs: readonly Job[], calls: Calls): void {
    const { successfulJobsHistoryLimit: successful, failedJobsHistoryLimit: failed } = this.#cronJob.spec
    for (const [type, limit] of [
      ['Complete', successful ?? 3],
      ['Failed', failed ?? 1],
    ] as const) {
      const finished = jobs.filter((job) => finishedConditionOf(job)?.type === type).sort(byStartTime)
      for (const job of finished.slice(0, Math.max(0, finished.length - limit))) this.#delete(job, calls)
    }
  }

  #delete(job: Job, calls: Calls): void {
    const { uid } = job.metadata ?? {}
    this.#status.removeActive(uid)
    this.#status.touch()
    calls.do(() => {
      const { store } = this.#jobs
      const key = objectKey(job.metadata)
      if (store.get(key)?.metadata?.uid === uid) store.delete(key)
      return true
    })
  }

  /** Takes from the list of active jobs those that have finished or vanished. */
  #observe(jobs: readonly Job[]): void {
    const status = this.#status
    for (const job of jobs) {
      const condition = finishedConditionOf(job)
      if (condition === undefined) continue
      status.removeActive(job.metadata?.uid)
      if (condition.type === 'Complete') status.succeeded(job.status?.completionTime)
    }
    for (const { namespace = '', name = '', uid } of status.active) {
      if (this.#jobs.store.get(objectKey({ namespace, name })) === undefined) status.removeActive(uid)
    }
  }

  /** Starts the run that is due, if any; how long until the next. */
  #schedule(calls: Calls): number | undefined {
    const { metadata, spec } = this.#cronJob
    if (metadata?.deletionTimestamp !== undefined || spec.suspend === true) return undefined
    if (spec.timeZone !== undefined && timeZoneOf(spec.timeZone) === undefined) return undefined
    const read = scheduleOf(spec.schedule, spec.timeZone)
    if (!read.ok) return undefined
    const times = timesOf(this.#cronJob, (time) => this.#instant(time))
    const { mostRecent, error } = missedRuns(times, this.#now, read.schedule, true)
    if (error !== undefined) return undefined
    if (mostRecent === undefined || !this.#mayStart(mostRecent)) {
      return untilNextRun(times, this.#now, read.schedule)
    }
    return this.#start(mostRecent, times, read.schedule, calls)
  }

  #mayStart(scheduledAt: EpochMicros): boolean {
    const { spec } = this.#cronJob
    const { startingDeadlineSeconds: deadline } = spec
    if (deadline !== undefined && scheduledAt + deadline * SECOND < this.#now) return false
    const name = this.#jobName(scheduledAt)
    if (this.#status.active.some((reference) => reference.name === name)) return false
    if (this.#status.lastScheduleTime === this.#text(scheduledAt)) return false
    return spec.concurrencyPolicy !== 'Forbid' || this.#status.active.length === 0
  }

  #start(
    scheduledAt: EpochMicros,
    times: CronJobTimes,
    schedule: CronSchedule,
    calls: Calls,
  ): number | undefined {
    const { store } = this.#jobs
    if (this.#cronJob.spec.concurrencyPolicy === 'Replace') {
      for (const { namespace = '', name = '' } of this.#status.active) {
        const job = store.get(objectKey({ namespace, name }))
        if (job !== undefined) this.#delete(job, calls)
      }
    }
    const job = jobOfCronJob(this.#cronJob, this.#jobName(scheduledAt), scheduledAt)
    calls.do(() => {
      const key = objectKey(job.metadata)
      const created = store.create(job)
      const known = created.ok ? created.object : store.get(key)
      if (known === undefined) return false
      if (!created.ok && controllerOf(known)?.uid !== this.#cronJob.metadata?.uid) return true
      this.#jobs.written(key, known, true)
      this.#status.started(referenceTo(known), this.#text(scheduledAt))
      return true
    })
    return untilNextRun({ ...times, lastScheduledAt: scheduledAt }, this.#now, schedule)
  }

  #writeStatus(): boolean {
    const store = this.#parts.api.collection<CronJob>('CronJob')
    const current = store.get(objectKey(this.#cronJob.metadata))
    if (current === undefined || !this.#status.isChanged) return true
    return store.update({ ...current, status: this.#status.result() }).ok
  }

  /** Name of the job of a run: the same for the same run, so that it is not started twice. */
  #jobName(scheduledAt: EpochMicros): string {
    return `${this.#cronJob.metadata?.name ?? ''}-${Math.floor(scheduledAt / (60 * SECOND))}`
  }

  #text(at: EpochMicros): string {
    const { calendar } = this.#parts.api
    return calendar.format(at + calendar.parse(EPOCH))
  }

  #instant(time: string): EpochMicros {
    const { calendar } = this.#parts.api
    return calendar.parse(time) - calendar.parse(EPOCH)
  }
}

/** Oldest first; those without a start last, and by name at one start (cronjob/utils.go `byJobStartTime`). */
function byStartTime(one: Job, other: Job): number {
  const oneStart = one.status?.startTime ?? '~'
  const otherStart = other.status?.startTime ?? '~'
  if (oneStart !== otherStart) return oneStart < otherStart ? -1 : 1
  return (one.metadata?.name ?? '') < (other.metadata?.name ?? '') ? -1 : 1
}

function referenceTo(job: Job): ObjectReference {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = job.metadata ?? {}
  return { apiVersion: 'batch/v1', kind: 'Job', namespace, name, uid, resourceVersion }
}
