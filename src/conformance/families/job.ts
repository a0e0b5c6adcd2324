import type { ContainerStatus, Job, JobStatus } from '../../api/types.generated.ts'
import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import { NO_LIMITS } from '../../cluster/client.ts'
import type { ObjectStore } from '../../cluster/object-store.ts'
import { OwnedPods } from '../../cluster/owned-pods.ts'
import { POD_CREATED } from '../../cluster/pod-event.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { startJobController } from '../../controllers/job.ts'
import { NO_INDEX, isActivePod, isTerminatingPod, readJobPod } from '../../controllers/job-pods.ts'
import type { JobPod } from '../../controllers/job-pods.ts'
import { Simulation } from '../../engine/simulation.ts'
import { logicFamily } from '../family.ts'

interface PodStep {
  /** Completion index; absent: the oldest active pod that no other event of the step hits. */
  readonly index?: string
  readonly to: 'ready' | 'succeeded' | 'failed' | 'restarted' | 'deleted'
  readonly exitCode?: number
  readonly disruptionTarget?: boolean
}

interface JobStep {
  readonly finishTerminating?: boolean
  readonly pods?: readonly PodStep[]
  readonly setSuspend?: boolean
  readonly setParallelism?: number
  readonly afterSeconds: number
}

interface JobInput {
  readonly job: Job
  readonly gracefulDeletion: boolean
  readonly steps: readonly JobStep[]
}

interface Creation {
  readonly t: number
  readonly op: 'create'
  readonly index?: string
}

/** When the job of a case is created. */
const CREATED_AT = SECOND
const NODE = 'node'
const GRACE_SECONDS = 30
/** Exit code of a container whose pod was deleted. */
const KILLED = 137

/** The Job controller over time, with pods by a script. */
export const job = logicFamily<JobInput>('job', (input) => {
  const script = new JobScript(input)
  return { steps: input.steps.map((step) => script.step(step)) }
})

class JobScript {
  readonly #sim = new Simulation({ seed: 1 })
  readonly #api = new ApiServer(this.#sim, [])
  readonly #owned = new OwnedPods(this.#api)
  readonly #key: string
  readonly #isIndexed: boolean
  readonly #uid: string
  #creations: Creation[] = []

  constructor({ job: given, gracefulDeletion }: JobInput) {
    const { metadata = {}, spec } = given
    this.#key = `${metadata.namespace}/${metadata.name}`
    this.#uid = metadata.uid ?? ''
    this.#isIndexed = spec?.completionMode === 'Indexed'
    this.#api.nodes.create({ metadata: { name: NODE } })
    startJobController({ sim: this.#sim, api: this.#api, owned: this.#owned, limits: NO_LIMITS })
    this.#api.watch({
      name: 'script/bind',
      podEvents: POD_CREATED,
      onPod: ({ pod }) => this.#created(pod),
    })
    this.#sim.run(CREATED_AT)
    const terminationGracePeriodSeconds = gracefulDeletion ? GRACE_SECONDS : 0
    const template = {
      ...spec?.template,
      spec: { containers: [], ...spec?.template.spec, terminationGracePeriodSeconds },
    }
    this.#jobs.create({ ...given, apiVersion: 'batch/v1', kind: 'Job', spec: { ...spec, template } })
  }

  /**
   * The recorded controller heard of a change of the spec before it heard of what had happened to pods at the same time, and
   * acted at once.
   */
  step(step: JobStep): object {
    const terminating = step.finishTerminating === true ? this.#pods.filter(isTerminatingPod) : []
    const hits = this.#hits(step.pods ?? [])
    this.#change(step)
    this.#sim.run(this.#sim.now)
    for (const { row } of terminating) {
      this.#terminate(row, KILLED, this.#sim.now)
      this.#api.pods.finish(row, { succeeded: false, reason: '' })
    }
    for (const [pod, event] of hits) if (!this.#api.pods.isRemoved(pod.row)) this.#apply(pod, event)
    this.#sim.run(this.#sim.now + step.afterSeconds * SECOND)
    return this.#result()
  }

  get #jobs(): ObjectStore<Job> {
    return this.#api.collection<Job>('Job')
  }

  get #pods(): readonly JobPod[] {
    return this.#owned.of(this.#uid).map((row) => readJobPod(this.#api, row))
  }

  #created(row: PodRow): void {
    const { index } = readJobPod(this.#api, row)
    const creation: Creation = { t: this.#sim.now / SECOND, op: 'create' }
    this.#creations.push(index === NO_INDEX ? creation : { ...creation, index: String(index) })
    this.#api.pods.bind(row, this.#api.nodeRows.everRowOf(NODE), 0)
  }

  /**
   * Which pod each event of a step is for. Without indexes the recording does not say, and skipped pods by chance: here it is the
   * oldest that no other event hits, and of those that are not ready where one becomes ready.
   */
  #hits(events: readonly PodStep[]): (readonly [JobPod, PodStep])[] {
    const free = new Set(this.#pods.filter(isActivePod))
    return events.flatMap((event) => {
      const { index, to } = event
      const isHit = (pod: JobPod): boolean =>
        index === undefined ? to !== 'ready' || !pod.isReady : String(pod.index) === index
      const hit = [...free].find(isHit)
      if (hit === undefined) return []
      free.delete(hit)
      return [[hit, event] as const]
    })
  }

  #apply({ row }: JobPod, { to, exitCode = 0, disruptionTarget = false }: PodStep): void {
    const { pods } = this.#api
    if (to === 'ready' || to === 'restarted') {
      if (pods.table.runningAt(row) < 0) pods.markRunning(row, true)
      else pods.setReady(row, true)
      if (to === 'restarted') this.#restart(row)
    } else if (to === 'deleted') {
      this.#terminate(row, 0, this.#sim.now - GRACE_SECONDS * SECOND)
      pods.requestDeletion(row, { reason: '' })
    } else {
      this.#terminate(row, exitCode, this.#sim.now)
      if (disruptionTarget) {
        pods.updateDetails(row, { conditions: [{ type: 'DisruptionTarget', status: 'True' }] })
      }
      pods.finish(row, { succeeded: to === 'succeeded', reason: '' })
    }
  }

  /**
   * Ends the container of a pod. Of a deleted one the controller takes the deletion time less the grace period as its end; the
   * recording deleted without adding the grace period before.
   */
  #terminate(row: PodRow, exitCode: number, at: Micros): void {
    const finishedAt = this.#api.calendar.format(at)
    this.#api.pods.updateDetails(row, {
      containerStatuses: [{ ...this.#container(row), state: { terminated: { exitCode, finishedAt } } }],
    })
  }

  #restart(row: PodRow): void {
    const status = this.#container(row)
    this.#api.pods.updateDetails(row, {
      containerStatuses: [{ ...status, restartCount: status.restartCount + 1 }],
    })
  }

  #container(row: PodRow): ContainerStatus {
    const known = this.#api.pods.detailsOf(row).containerStatuses?.[0]
    return known ?? { name: 'main', image: '', imageID: '', ready: false, restartCount: 0 }
  }

  #change({ setSuspend, setParallelism }: JobStep): void {
    const current = this.#jobs.get(this.#key)
    if (current?.spec === undefined) return
    if (setSuspend === undefined && setParallelism === undefined) return
    this.#jobs.update({
      ...current,
      spec: {
        ...current.spec,
        ...(setSuspend === undefined ? {} : { suspend: setSuspend }),
        ...(setParallelism === undefined ? {} : { parallelism: setParallelism }),
      },
    })
  }

  #result(): object {
    const active = this.#pods.filter(isActivePod)
    const creations = this.#creations
    this.#creations = []
    return {
      t: this.#sim.now / SECOND,
      creations: creations.sort(
        (one, other) => one.t - other.t || Number(one.index ?? 0) - Number(other.index ?? 0),
      ),
      podsActive: active.length,
      podsTerminating: this.#pods.filter(isTerminatingPod).length,
      ...(this.#isIndexed ? { activeIndexes: active.map(({ index }) => index) } : {}),
      status: this.#status(this.#jobs.get(this.#key)?.status ?? {}),
    }
  }

  #status(status: JobStatus): object {
    const seconds = (time: string | undefined): number | null =>
      time === undefined ? null : this.#api.calendar.parse(time) / SECOND
    return {
      active: status.active ?? 0,
      ready: status.ready ?? 0,
      terminating: status.terminating ?? 0,
      succeeded: status.succeeded ?? 0,
      failed: status.failed ?? 0,
      completedIndexes: status.completedIndexes ?? '',
      failedIndexes: status.failedIndexes ?? null,
      startTime: seconds(status.startTime),
      completionTime: seconds(status.completionTime),
      conditions: (status.conditions ?? []).map(({ type, status: is, reason }) => ({
        type,
        status: is,
        reason,
      })),
    }
  }
}
