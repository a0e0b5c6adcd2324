import type { Sampler } from '../base/distribution.ts'
import { MINUTE, SECOND, wholeSpan } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { widened } from '../base/widen.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiAvailability } from '../cluster/api-availability.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { RingEntry } from '../cluster/change-ring.ts'
import { POD_DELETED, POD_DELETING, POD_FINISHED } from '../cluster/pod-event.ts'
import { NO_TIME, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import type { PodOwner } from '../cluster/pod-table.ts'
import { draftName } from '../cluster/pod-draft.ts'
import type { PodDraft } from '../cluster/pod-draft.ts'
import type { RequestServer } from '../cluster/request-server.ts'
import type { RollBackObserver } from '../cluster/roll-back.ts'
import type { PodRefusal } from '../cluster/gates.ts'
import { retryWait } from '../cluster/retry-wait.ts'
import type { PodRow } from '../cluster/rows.ts'
import { TASK, TaskOwner } from '../cluster/task-owner.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { LostWorkListener } from '../node/pod-end.ts'
import type { TraceTask } from '../workload/trace-task.ts'
import { DELETED } from '../cluster/pod-reason.ts'
import { LostWork } from './lost-work.ts'
import { RestoredTasks } from './restored-tasks.ts'
import { waitToReplace } from './task-retries.ts'
import type { RetryOptions } from './task-retries.ts'

/** How tasks behave. */
export interface TaskOptions extends RetryOptions {
  /** Keeps succeeded pods in the store; otherwise they are deleted as they end. */
  readonly keepFinished: boolean
  /**
   * Running time between two checkpoints of a pod, drawn for each pod: its replacement goes on from the last one. None by default:
   * all that a lost pod did is done again.
   */
  readonly checkpointInterval?: Sampler | undefined
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
  /** Pods that were made again for lost ones. */
  readonly requeued: number
  /** Creations to which the API server gave no answer: each was tried again. */
  readonly unanswered: number
  /** Places without a pod, which will be tried again when a back-off is over: their pod was lost, a quota had no room, or there was no answer. */
  readonly waiting: number
}

/** A refused task, or pod of one, for the report. */
export interface RefusedTask {
  readonly name: string
  readonly at: Micros
  readonly message: string
}

/** A pod to make after a back-off, how often it was refused so far, and how often there was no answer. */
interface Replacement {
  readonly draft: PodDraft
  readonly refusals: number
  readonly failures?: number
  /** Since when there is no answer. */
  readonly since?: Micros
}

/** A pod whose deletion got no answer, and how often not. */
interface Deletion {
  readonly pod: PodRow
  readonly serial: number
  readonly failures: number
}

/**
 * Wait before a pod is asked for again that a quota had no room for: doubles from the first to the longest
 * (kube-controller-manager v1.37, job controller `DefaultJobApiBackOff`, `MaxJobApiBackOff`).
 */
const REFUSED_FIRST: Micros = SECOND
const REFUSED_MAX: Micros = MINUTE

/**
 * The owner of a trace's pods: creates those of each task that is submitted, deletes them when they have
 * succeeded, and makes a pod again when it was lost: evicted, preempted, or gone with its node.
 *
 * A replacement is made as soon as the deletion of the lost pod was asked for, as a Job does without a
 * podFailurePolicy (Kubernetes v1.37, podReplacementPolicy TerminatingOrFailed).
 */
export class Tasks {
  readonly #api: ApiServer
  readonly #sim: Simulation
  readonly #options: TaskOptions
  readonly #refusals: ((refused: RefusedTask) => void)[] = []
  readonly #lostWork = new LostWork()
  /** Follows roll backs of the API server. */
  readonly rolledBack: RollBackObserver
  /** Pods to make later. */
  readonly #replacements = new Set<Replacement>()
  readonly #availability: ApiAvailability
  readonly #retries: RandomStream
  readonly #replaceLater: PayloadHandler<Replacement>
  readonly #deleteLater: PayloadHandler<Deletion>
  readonly #checkpoints: RandomStream
  #replaced = new Uint8Array(1024)
  #tasks = 0
  #places = 0
  #succeeded = 0
  #givenUp = 0
  #lost = 0
  #requeued = 0
  #unanswered = 0

  constructor(sim: Simulation, api: ApiServer, options: TaskOptions) {
    this.#sim = sim
    this.#api = api
    this.#options = options
    this.#checkpoints = sim.random.stream('tasks/checkpoint')
    this.#availability = api.availability
    this.#retries = sim.random.stream('tasks/retries')
    this.rolledBack = new RestoredTasks(api, {
      isReplaced: (pod) => (this.#replaced[pod] = 1),
      follow: (pod) => this.#follow(pod),
      forgetReplacement: (place) => this.#forgetReplacement(place),
      hasNotSucceeded: () => (this.#succeeded -= 1),
    })
    this.#replaceLater = sim.payloadHandler<Replacement>('tasks/replace', (replacement) => {
      if (this.#replacements.delete(replacement)) this.#tryAgain(replacement)
    })
    this.#deleteLater = sim.payloadHandler<Deletion>('tasks/delete', (deletion) =>
      this.#tryToDelete(deletion),
    )
    api.watch({
      name: 'tasks',
      podEvents: POD_FINISHED | POD_DELETING | POD_DELETED,
      podEventsOnceFinished: 0,
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
      requeued: this.#requeued,
      unanswered: this.#unanswered,
      waiting: this.#replacements.size,
    }
  }

  /** Pods lost so far, and running time as told by `workLost`. */
  get lostWork(): LostWork {
    return this.#lostWork
  }

  /** Places that have neither succeeded nor been given up: no work is left at 0. */
  get remaining(): number {
    return this.#places - this.#succeeded - this.#givenUp
  }

  /** Registers who wants to know of tasks that admission refused; of a pod that is tried again, once. */
  onRefused(listener: (refused: RefusedTask) => void): void {
    this.#refusals.push(listener)
  }

  /** Counts running time that was thrown away, if it was a task's: to be registered with the kubelets. */
  readonly workLost: LostWorkListener = ({ pod, span, cores, cause }) => {
    if (this.#api.pods.table.ownerKind(pod) === TASK) this.#lostWork.addTime(cause, span / SECOND, cores)
  }

  /** Creates the pods of a task now. */
  submit(task: TraceTask): void {
    this.#tasks += 1
    this.#places += task.count
    const interned = this.#api.pods.templates.intern(task.template)
    if (!interned.ok) {
      this.#givenUp += task.count
      for (let ordinal = 0; ordinal < task.count; ordinal++) this.#tellRefused(task.name, interned.message)
      return
    }
    const { cpu, memory, duration, usedMemory = -1 } = task
    const template = interned.id
    if (task.count === 1) {
      this.#createPod({ template, cpu, memory, taskName: task.name, duration, usedMemory })
      return
    }
    const owner = new TaskOwner(task.name, task.count)
    for (let ordinal = 0; ordinal < task.count; ordinal++) {
      this.#createPod({ template, cpu, memory, owner, ordinal, attempt: 0, duration, usedMemory })
    }
  }

  #tryAgain({ draft, refusals, failures, since }: Replacement): void {
    if (!this.#availability.takesWrites) {
      this.#getNoAnswer(draft, refusals, { failures, since })
      return
    }
    if (since !== undefined) {
      const wait = { client: 'tasks', reason: 'unavailable', from: since, until: this.#sim.now } as const
      this.#api.load.told(wait)
    }
    this.#createPod(draft, refusals)
  }

  /** The API server does not answer: who submitted the pod tries again, each time after a longer wait. */
  #getNoAnswer(
    draft: PodDraft,
    refusals: number,
    {
      failures = 0,
      since = this.#sim.now,
    }: { readonly failures?: number | undefined; readonly since?: Micros | undefined },
  ): void {
    this.#unanswered += 1
    const replacement = { draft, refusals, failures: failures + 1, since }
    this.#replaceAfter(retryWait(failures, this.#retries), replacement)
  }

  #createPod(pod: PodDraft, refusals = 0): void {
    if (!this.#availability.takesWrites) {
      this.#getNoAnswer(pod, refusals, {})
      return
    }
    const refusal = this.#api.admitPod(pod)
    if (refusal !== undefined) {
      this.#onRefused(pod, refusals, refusal)
      return
    }
    if ((pod.attempt ?? 0) > 0) this.#requeued += 1
    const { pods, requests } = this.#api
    if (requests === undefined) this.#follow(pods.create(pod))
    else this.#requestPod(requests, pod)
  }

  /** As a service account's, its writes are of the level workload-low. */
  #requestPod(requests: RequestServer, draft: PodDraft): void {
    const requested: Replacement = { draft, refusals: 0 }
    this.#replacements.add(requested)
    const write = (): void => {
      if (this.#replacements.delete(requested)) this.#follow(this.#api.pods.create(draft))
    }
    requests.request({ level: 'workload-low', flow: 'tasks', write })
  }

  #follow(row: PodRow): void {
    while (row >= this.#replaced.length) this.#replaced = widened(this.#replaced, this.#replaced.length * 2)
    this.#replaced[row] = 0
    const { checkpointInterval } = this.#options
    if (checkpointInterval === undefined) return
    const interval = Math.max(1, wholeSpan(checkpointInterval(this.#checkpoints)))
    this.#api.pods.kept.begin(row, { interval, duration: this.#api.pods.table.duration(row) })
  }

  /** Gives up the pod that was to be made in a place later; false when there is none. */
  #forgetReplacement(place: string): boolean {
    for (const replacement of this.#replacements) {
      const { taskName, owner, ordinal = 0 } = replacement.draft
      if (`${taskName ?? owner?.name ?? ''}/${ordinal}` === place)
        return this.#replacements.delete(replacement)
    }
    return false
  }

  #replaceAfter(wait: Micros, replacement: Replacement): void {
    this.#replacements.add(replacement)
    this.#sim.afterWith(wait, this.#replaceLater, replacement)
  }

  #onRefused(draft: PodDraft, refusals: number, { message, isLasting }: PodRefusal): void {
    if (refusals === 0) this.#tellRefused(draftName(draft), message)
    if (isLasting) {
      this.#givenUp += 1
      return
    }
    const wait = Math.min(REFUSED_MAX, REFUSED_FIRST * 2 ** refusals)
    this.#replaceAfter(wait, { draft, refusals: refusals + 1 })
  }

  #tellRefused(name: string, message: string): void {
    const refused = { name, at: this.#sim.now, message }
    for (const listener of this.#refusals) listener(refused)
  }

  #onPod(entry: RingEntry): void {
    const { pod } = entry
    const { table } = this.#api.pods
    if (table.ownerKind(pod) !== TASK) return
    if (table.phase(pod) === PHASE_SUCCEEDED && this.#replaced[pod] === 0) {
      if (entry.podEvent === POD_FINISHED) this.#succeed(pod)
      return
    }
    if (this.#replaced[pod] === 0) {
      this.#replaced[pod] = 1
      this.#replace(pod)
    }
    if (entry.podEvent === POD_FINISHED) this.#delete(pod)
  }

  #succeed(pod: PodRow): void {
    this.#succeeded += 1
    if (!this.#options.keepFinished) this.#delete(pod)
  }

  #delete(pod: PodRow): void {
    const { pods } = this.#api
    if (pods.isRemoved(pod)) return
    if (this.#availability.takesWrites) pods.requestDeletion(pod, { grace: 0, reason: '' })
    else this.#deleteAfter({ pod, serial: pods.table.serial(pod), failures: 0 })
  }

  /** Asks for the deletion of a pod again to which there was no answer. */
  #deleteAfter(deletion: Deletion): void {
    this.#sim.afterWith(retryWait(deletion.failures, this.#retries), this.#deleteLater, deletion)
  }

  #tryToDelete({ pod, serial, failures }: Deletion): void {
    if (!this.#api.pods.isCurrent(pod, serial)) return
    if (this.#availability.takesWrites) this.#delete(pod)
    else this.#deleteAfter({ pod, serial, failures: failures + 1 })
  }

  #replace(pod: PodRow): void {
    const { table } = this.#api.pods
    const owner = table.owner(pod) as PodOwner
    this.#lost += 1
    this.#lostWork.addPod(table.reason(pod) || DELETED)
    const attempt = table.attempt(pod) + 1
    const wait = waitToReplace(this.#api, pod, attempt, this.#options)
    if (wait === undefined) {
      this.#givenUp += 1
      return
    }
    const draft: PodDraft = {
      template: table.template(pod),
      cpu: table.cpu(pod),
      memory: table.memory(pod),
      owner,
      ordinal: table.ordinal(pod),
      attempt,
      duration: this.#workLeft(pod),
      usedMemory: table.usedMemory(pod),
    }
    if (wait === 0) {
      this.#createPod(draft)
      return
    }
    this.#replaceAfter(wait, { draft, refusals: 0 })
  }

  /** Running time that a replacement has to do: all but what the last checkpoint holds. */
  #workLeft(pod: PodRow): Micros {
    const { table, kept } = this.#api.pods
    const runningAt = table.runningAt(pod)
    const duration = table.duration(pod)
    if (runningAt === NO_TIME) return duration
    return duration - kept.keep(pod, Math.min(duration, this.#sim.now - runningAt))
  }
}
