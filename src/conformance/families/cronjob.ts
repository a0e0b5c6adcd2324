import type { CronJob, Job } from '../../api/types.generated.ts'
import { Calendar } from '../../base/calendar.ts'
import { SECOND } from '../../base/time.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import { NO_LIMITS } from '../../cluster/client.ts'
import { objectKey } from '../../cluster/object-store.ts'
import { OwnedPods } from '../../cluster/owned-pods.ts'
import { startCronJobController } from '../../controllers/cron-job.ts'
import { jobCondition, withCondition } from '../../controllers/job-conditions.ts'
import { Simulation } from '../../engine/simulation.ts'
import { logicFamily } from '../family.ts'

interface CronJobStep {
  readonly finish?: Readonly<Record<string, 'Complete' | 'Failed'>>
  readonly setSuspend?: boolean
  readonly afterSeconds: number
}

interface CronJobInput {
  readonly cronJob: CronJob
  readonly startTime: string
  readonly createdAt: number
  readonly steps: readonly CronJobStep[]
}

interface Operation {
  readonly t: number
  readonly op: 'create' | 'delete'
  readonly job: string
}

/** The CronJob controller over time, with jobs that finish by a script. */
export const cronJob = logicFamily<CronJobInput>('cronjob', (input) => {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [], new Calendar(input.startTime))
  const cronJobs = api.collection<CronJob>('CronJob')
  const jobs = api.collection<Job>('Job')
  let operations: Operation[] = []
  startCronJobController({ sim, api, owned: new OwnedPods(api), limits: NO_LIMITS })
  api.watch({
    name: 'script/operations',
    kinds: ['Job'],
    onObject: ({ verb, key }) => {
      if (verb === 'MODIFIED') return
      const op = verb === 'ADDED' ? 'create' : 'delete'
      operations.push({ t: sim.now / SECOND, op, job: key.split('/')[1] ?? '' })
    },
  })
  sim.run(input.createdAt * SECOND)
  const metadata = { ...input.cronJob.metadata, creationTimestamp: input.startTime }
  const created = cronJobs.create({ apiVersion: 'batch/v1', kind: 'CronJob', ...input.cronJob, metadata })
  if (!created.ok) throw new Error(created.message)
  const { namespace = '', name = '' } = created.object.metadata ?? {}
  const key = `${namespace}/${name}`
  const steps = input.steps.map((step) => {
    const suspended = cronJobs.get(key)
    if (step.setSuspend !== undefined && suspended !== undefined) {
      cronJobs.update({ ...suspended, spec: { ...suspended.spec, suspend: step.setSuspend } })
      sim.run(sim.now)
    }
    const before = cronJobs.get(key)
    for (const [job, type] of Object.entries(step.finish ?? {})) finish(api, `${namespace}/${job}`, type)
    sim.run(sim.now)
    const isOnlyDeleted = operations.length === 1 && operations[0]?.op === 'delete'
    if (before !== undefined && isOnlyDeleted) loseSuccess(api, before)
    sim.run(sim.now + step.afterSeconds * SECOND)
    const { status = {} } = cronJobs.get(key) ?? {}
    const result = {
      t: sim.now / SECOND,
      operations,
      jobs: [...jobs.list()].map((job) => job.metadata?.name ?? ''),
      active: (status.active ?? []).map((job) => job.name),
      lastScheduleTime: status.lastScheduleTime ?? null,
      lastSuccessfulTime: status.lastSuccessfulTime ?? null,
    }
    operations = []
    return result
  })
  return { steps }
})

/**
 * The API of the recording knows no conflicts: when a finished job was deleted, and nothing else done, the next sync ran on the
 * CronJob as it was before, and its write took back that a job has succeeded. That did not happen while it was suspended.
 */
function loseSuccess(api: ApiServer, before: CronJob): void {
  if (before.spec.suspend === true) return
  const cronJobs = api.collection<CronJob>('CronJob')
  const now = cronJobs.get(objectKey(before.metadata))
  if (now === undefined) return
  const { lastSuccessfulTime: _, ...status } = now.status ?? {}
  const lastSuccessfulTime = before.status?.lastSuccessfulTime
  cronJobs.update({
    ...now,
    status: { ...status, ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }) },
  })
}

function finish(api: ApiServer, key: string, type: 'Complete' | 'Failed'): void {
  const jobs = api.collection<Job>('Job')
  const job = jobs.get(key)
  if (job === undefined) return
  const now = api.calendar.format(api.sim.now)
  const conditions = withCondition([], jobCondition(now, { type, status: 'True' }))
  const completion = type === 'Complete' ? { completionTime: now } : {}
  jobs.update({ ...job, status: { ...job.status, ...completion, conditions } })
}
