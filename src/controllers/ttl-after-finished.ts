import type { Job } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { Controller } from '../cluster/controller.ts'
import { finishedConditionOf } from './job-conditions.ts'
import type { WorkloadParts } from './workload-parts.ts'

/**
 * Deletes jobs, and before them their pods, `spec.ttlSecondsAfterFinished` after they have finished.
 *
 * Source: kube-controller-manager v1.37, ttlafterfinished_controller.go.
 */
export function startTtlAfterFinishedController({ sim, api, limits }: WorkloadParts): Controller {
  const jobs = api.collection<Job>('Job')
  const controller = new Controller(sim, {
    name: 'ttl-after-finished-controller',
    ...(limits === undefined ? {} : { limits }),
    reconcile: (key, calls) => {
      const expiresAt = expiryOf(api, jobs.get(key))
      if (expiresAt === undefined) return undefined
      if (expiresAt > sim.now) return { after: expiresAt - sim.now }
      calls.do(() => {
        const stillExpiresAt = expiryOf(api, jobs.get(key))
        if (stillExpiresAt === undefined || stillExpiresAt > sim.now) return true
        return jobs.delete(key, { propagationPolicy: 'Foreground' }).ok
      })
      return undefined
    },
  })
  api.watch({
    name: 'ttl-after-finished-controller',
    kinds: ['Job'],
    from: 1,
    onObject: ({ key, new: job }) => {
      if (expiryOf(api, job as Job | undefined) !== undefined) controller.queue.add(key)
    },
  })
  return controller
}

/** When a job is to be deleted; undefined for one that has not finished, is to stay, or is going already. */
function expiryOf(api: ApiServer, job: Job | undefined): Micros | undefined {
  const ttl = job?.spec?.ttlSecondsAfterFinished
  if (job === undefined || ttl === undefined || job.metadata?.deletionTimestamp !== undefined)
    return undefined
  const finishedAt = finishedConditionOf(job)?.lastTransitionTime
  return finishedAt === undefined ? undefined : api.calendar.parse(finishedAt) + ttl * SECOND
}
