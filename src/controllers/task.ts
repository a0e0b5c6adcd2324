import type { Micros } from '../base/time.ts'
import { SECOND } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { RingEntry } from '../cluster/change-ring.ts'
import { POD_DELETED, POD_DELETING, POD_FINISHED } from '../cluster/pod-event.ts'
import { NO_TIME, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import type { PodOwner } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { TraceTask } from '../workload/trace-task.ts'

/** How tasks behave. */
export interface TaskOptions {
  /** Keeps succeeded pods in the store; otherwise they are deleted as they end. */
  readonly keepFinished: boolean
  /** How often the pod of one place is made again at most; undefined for no bound. */
  readonly retriesMax: number | undefined
}

/** What happened to the work so far. */
export interface TaskCounts {
  readonly tasks: number
  /** Places submitted: a task of n equal pods has n. */
  readonly places: number
  readonly succeeded: number
  /** Places given up: refused by admission, or beyond the retries. */
  readonly givenUp: number
  /** Pods that were lost before they succeeded. */
  readonly lost: number
  /** Run time thrown away with lost pods: seconds, and seconds × cores. */
  readonly lostSeconds: number
  readonly lostCoreSeconds: number
}

/** A task as the owner of its pods. */
interface OwnedTask extends PodOwner {
  readonly task: TraceTask
}

/** A refused task, for the report. */
export interface RefusedTask {
  readonly task: TraceTask
  readonly at: Micros
  readonly message: string
}

/**
 * The owner of a trace's pods: creates those of each task that is submitted, deletes them when they have succeeded, and
 * makes a pod again when it was lost: evicted, preempted, or gone with its node.
 *
 * A replacement is made as soon as the deletion of the lost pod was asked for, as a Job does without a
 * podFailurePolicy (Kubernetes v1.37, podReplacementPolicy TerminatingOrFailed).
 */
export class Tasks {
  readonly #api: ApiServer
  readonly #sim: Simulation
  readonly #options: TaskOptions
  readonly #refusals: ((refused: RefusedTask) => void)[] = []
  #replaced = new Uint8Array(1024)
  #tasks = 0
  #places = 0
  #succeeded = 0
  #givenUp = 0
  #lost = 0
  #lostSeconds = 0
  #lostCoreSeconds = 0

  constructor(sim: Simulation, api: ApiServer, options: TaskOptions) {
    this.#sim = sim
    this.#api = api
    this.#options = options
    api.watch({
      name: 'tasks',
      podEvents: POD_FINISHED | POD_DELETING | POD_DELETED,
      onPod: (entry) => this.#onPod(entry),
    })
  }

  get counts(): TaskCounts {
    return {
      tasks: this.#tasks,
      places: this.#places,
      succeeded: this.#succeeded,
      givenUp: this.#givenUp,
      lost: this.#lost,
      lostSeconds: this.#lostSeconds,
      lostCoreSeconds: this.#lostCoreSeconds,
    }
  }

  /** Places that have neither succeeded nor been given up. */
  get remaining(): number {
    return this.#places - this.#succeeded - this.#givenUp
  }

  /** Registers who wants to know of tasks that admission refused. */
  onRefused(listener: (refused: RefusedTask) => void): void {
    this.#refusals.push(listener)
  }

  /** Creates the pods of a task now. */
  submit(task: TraceTask): void {
    this.#tasks += 1
    this.#places += task.count
    const owner: OwnedTask = { kind: 'Task', name: task.name, task, podName }
    for (let ordinal = 0; ordinal < task.count; ordinal++) this.#createPod(owner, ordinal, 0)
  }

  #createPod(owner: OwnedTask, ordinal: number, attempt: number): void {
    const { task } = owner
    const interned = this.#api.pods.templates.intern(task.template)
    if (!interned.ok) {
      this.#givenUp += 1
      for (const listener of this.#refusals) listener({ task, at: this.#sim.now, message: interned.message })
      return
    }
    const row = this.#api.pods.create({
      template: interned.id,
      cpu: task.cpu,
      memory: task.memory,
      owner,
      ordinal,
      attempt,
      duration: task.duration,
      usedMemory: task.usedMemory ?? -1,
    })
    if (row >= this.#replaced.length) this.#grow(row)
    this.#replaced[row] = 0
  }

  #onPod(entry: RingEntry): void {
    const { pod } = entry
    const { table } = this.#api.pods
    const owner = table.owner[pod]
    if (owner?.kind !== 'Task') return
    if (table.phase[pod] === PHASE_SUCCEEDED) {
      if (entry.podEvent === POD_FINISHED) this.#succeed(pod)
      return
    }
    if (this.#replaced[pod] === 1) return
    this.#replaced[pod] = 1
    this.#replace(pod, owner as OwnedTask)
    if (entry.podEvent === POD_FINISHED) this.#delete(pod)
  }

  #succeed(pod: PodRow): void {
    this.#succeeded += 1
    if (!this.#options.keepFinished) this.#delete(pod)
  }

  #delete(pod: PodRow): void {
    if (!this.#api.pods.isRemoved(pod)) this.#api.pods.requestDeletion(pod, { grace: 0, reason: '' })
  }

  #replace(pod: PodRow, owner: OwnedTask): void {
    const { table } = this.#api.pods
    const runningAt = table.runningAt[pod] ?? NO_TIME
    if (runningAt !== NO_TIME) {
      const finishedAt = table.finishedAt[pod] ?? NO_TIME
      const ranUntil = finishedAt === NO_TIME ? this.#sim.now : finishedAt
      const seconds = (ranUntil - runningAt) / SECOND
      this.#lostSeconds += seconds
      this.#lostCoreSeconds += (seconds * (table.cpu[pod] ?? 0)) / 1000
    }
    this.#lost += 1
    const attempt = (table.attempt[pod] ?? 0) + 1
    const { retriesMax } = this.#options
    if (retriesMax !== undefined && attempt > retriesMax) {
      this.#givenUp += 1
      return
    }
    this.#createPod(owner, table.ordinal[pod] ?? 0, attempt)
  }

  #grow(row: PodRow): void {
    const wide = new Uint8Array(Math.max(this.#replaced.length * 2, row + 1))
    wide.set(this.#replaced)
    this.#replaced = wide
  }
}

/** Name of a task's pod: the task's, with the place when it has several, and the attempt after the first. */
function podName(this: OwnedTask, ordinal: number, attempt: number): string {
  const place = this.task.count === 1 ? this.name : `${this.name}-${ordinal}`
  return attempt === 0 ? place : `${place}-r${attempt}`
}
