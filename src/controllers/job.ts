import type { Job } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { Calls } from '../cluster/client.ts'
import { Controller } from '../cluster/controller.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import { POD_BOUND, POD_CREATED, POD_STATE_EVENTS, POD_UPDATED } from '../cluster/pod-event.ts'
import type { PodEventBit } from '../cluster/pod-event.ts'
import type { PodRow } from '../cluster/rows.ts'
import { TASK } from '../cluster/task-owner.ts'
import { NO_BACKOFF } from './job-backoff.ts'
import type { JobBackoff } from './job-backoff.ts'
import { finishedConditionOf } from './job-conditions.ts'
import { jobSelects, podsOfJob, releaseOrphan } from './job-ownership.ts'
import { TRACKING_FINALIZER } from './job-pods.ts'
import { isManagedElsewhere } from './job-rules.ts'
import { BATCH_PERIOD, JobSync } from './job-sync.ts'
import { viewOfJob } from './job-view.ts'
import type { WorkloadParts } from './workload-parts.ts'

/** Back-off after a write that failed (job_controller.go `DefaultJobApiBackOff`, `MaxJobApiBackOff`). */
const RETRY_BASE: Micros = SECOND
const RETRY_MAX: Micros = 60 * SECOND

/** Before the key of a pod in the queue of jobs: a pod whose finalizer nobody takes any more. No name has a space. */
const ORPHAN = 'orphan '

const POD_EVENTS = POD_STATE_EVENTS | POD_BOUND

/**
 * Runs jobs: keeps as many pods active as they want, counts their ends, backs off after failures, and ends them as their limits and
 * policies say. Events of pods and of the status are worked on a second later, together.
 *
 * Leaves out scheduling objects for jobs (WorkloadWithJob is off). Source: kube-controller-manager v1.37, job_controller.go.
 */
export function startJobController(parts: WorkloadParts): Controller {
  return new JobController(parts).start()
}

class JobController {
  readonly #parts: WorkloadParts
  readonly #controller: Controller
  /** Failures of each job, by key; forgotten when it ends, and lost with the process in the real one, too. */
  readonly #backoffs = new Map<string, JobBackoff>()
  /** How often a job was looked at in a row with a write that failed; and those of which one has failed since the last look. */
  readonly #retries = new Map<string, number>()
  readonly #failed = new Set<string>()

  constructor(parts: WorkloadParts) {
    const { sim, limits } = parts
    this.#parts = parts
    this.#controller = new Controller(sim, {
      name: 'job-controller',
      ...(limits === undefined ? {} : { limits }),
      reconcile: (key, calls) => {
        if (!key.startsWith(ORPHAN)) return this.#sync(key, calls)
        calls.do(() => {
          releaseOrphan(parts, key.slice(ORPHAN.length))
          return true
        })
        return undefined
      },
    })
  }

  start(): Controller {
    this.#parts.api.watch({
      name: 'job-controller',
      kinds: ['Job'],
      podEvents: POD_EVENTS,
      from: 1,
      onObject: (change) => this.#hearJob(change),
      onPod: ({ pod, podEvent }) => this.#hearPod(pod, podEvent),
    })
    return this.#controller
  }

  #sync(key: string, calls: Calls): undefined {
    const { api } = this.#parts
    const job = api.collection<Job>('Job').get(key)
    if (job === undefined || finishedConditionOf(job) !== undefined) {
      this.#backoffs.delete(key)
      this.#retries.delete(key)
      this.#failed.delete(key)
      return undefined
    }
    if (isManagedElsewhere(job)) return undefined
    const rows = podsOfJob(this.#parts, job, calls)
    const view = viewOfJob(api, job, rows, this.#backoffs.get(key) ?? NO_BACKOFF)
    if (!this.#failed.delete(key)) this.#retries.delete(key)
    const { waits, backoff } = new JobSync(this.#parts, view, calls, () => this.#retry(key)).run()
    if (backoff !== undefined) this.#backoffs.set(key, backoff)
    for (const wait of waits) this.#controller.queue.addAfter(key, wait)
    return undefined
  }

  #retry(key: string): void {
    if (this.#failed.has(key)) return
    this.#failed.add(key)
    const retries = this.#retries.get(key) ?? 0
    this.#retries.set(key, retries + 1)
    this.#controller.queue.addAfter(key, Math.min(RETRY_MAX, RETRY_BASE * 2 ** Math.min(retries, 30)))
  }

  #hearJob({ key, old, new: now }: ObjectChange): void {
    const { queue } = this.#controller
    const before = old as Job | undefined
    const after = now as Job | undefined
    const isStatusOnly =
      before !== undefined &&
      after !== undefined &&
      before.metadata?.generation === after.metadata?.generation
    queue.addAfter(key, isStatusOnly ? BATCH_PERIOD : 0)
    const isOver = after === undefined || finishedConditionOf(after) !== undefined
    if (isOver) this.#enqueueOrphans((after ?? before)?.metadata?.uid ?? '')
  }

  #enqueueOrphans(uid: string): void {
    const { api, owned } = this.#parts
    for (const row of owned.of(uid)) {
      if (this.#isTracked(row)) this.#controller.queue.add(ORPHAN + api.pods.keyOf(row))
    }
  }

  #hearPod(row: PodRow, event: PodEventBit): void {
    const { api } = this.#parts
    const { table } = api.pods
    const kind = table.ownerKind(row)
    if (kind === TASK || (kind !== 'Job' && kind !== '')) return
    const owner = table.owner(row)
    if (!(owner instanceof ControllerOwner)) {
      if ((event & (POD_CREATED | POD_UPDATED)) !== 0) this.#hearOrphan(row)
      return
    }
    const job = api.collection<Job>('Job').get(owner.key)
    const isOwned = job?.metadata?.uid === owner.uid
    if (isOwned && finishedConditionOf(job) === undefined)
      this.#controller.queue.addAfter(owner.key, BATCH_PERIOD)
    else if (!api.pods.isRemoved(row) && this.#isTracked(row)) {
      this.#controller.queue.add(ORPHAN + api.pods.keyOf(row))
    }
  }

  /** A pod that nobody controls: a job may want it. */
  #hearOrphan(row: PodRow): void {
    const { api } = this.#parts
    if (api.pods.isRemoved(row)) return
    const { queue } = this.#controller
    if (this.#isTracked(row)) queue.add(ORPHAN + api.pods.keyOf(row))
    const { namespace, labels } = api.pods.infoOf(row).template.metadata
    for (const job of api.collection<Job>('Job').list()) {
      if (job.metadata?.namespace !== namespace || !jobSelects(job, labels)) continue
      queue.addAfter(`${namespace}/${job.metadata.name ?? ''}`, BATCH_PERIOD)
    }
  }

  #isTracked(row: PodRow): boolean {
    return (this.#parts.api.pods.detailsOf(row).finalizers ?? []).includes(TRACKING_FINALIZER)
  }
}
