import { readFileSync } from 'node:fs'
import path from 'node:path'

import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'

import type { CronJob, Job } from '../../src/api/types.generated.ts'
import { Calendar } from '../../src/base/calendar.ts'
import { HOUR, MINUTE, SECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import { startCronJobController } from '../../src/controllers/cron-job.ts'
import { finishedConditionOf } from '../../src/controllers/job-conditions.ts'
import { isActivePod, readJobPod } from '../../src/controllers/job-pods.ts'
import type { JobPod } from '../../src/controllers/job-pods.ts'
import { startJobController } from '../../src/controllers/job.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

/** The example of docs/workloads/jobs.md with both controllers, in the night in which Berlin's clocks go forward. */
function example(): { sim: Simulation; api: ApiServer; owned: OwnedPods } {
  const page = readFileSync(path.join(PROJECT_ROOT, 'docs', 'workloads', 'jobs.md'), 'utf8')
  const text = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? ''
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [], new Calendar('2026-03-28T00:00:00Z'))
  const owned = new OwnedPods(api)
  startCronJobController({ sim, api, owned })
  startJobController({ sim, api, owned })
  api.collection<CronJob>('CronJob').create(load(text) as CronJob)
  return { sim, api, owned }
}

describe('the example of jobs', () => {
  it('runs at its hour, but not in the night that has none', () => {
    const { sim, api } = example()
    const jobs = api.collection<Job>('Job')
    sim.run(90 * MINUTE)
    expect(jobs.size).toBe(0)
    sim.run(91 * MINUTE)
    expect(jobs.size).toBe(1)
    const [job] = jobs.list()
    jobs.delete(`default/${job?.metadata?.name ?? ''}`)
    sim.run(47 * HOUR)
    expect(jobs.size).toBe(0)
    sim.run(49 * HOUR)
    const [next] = jobs.list()
    expect(next?.metadata?.creationTimestamp).toBe('2026-03-30T00:30:00Z')
  })

  it('tries evicted shards again, and gives up at the second shard that exits with 42', () => {
    const { sim, api, owned } = example()
    sim.run(91 * MINUTE)
    const [job] = api.collection<Job>('Job').list()
    const name = job?.metadata?.name ?? ''
    const active = (): JobPod[] =>
      owned
        .of(job?.metadata?.uid ?? '')
        .map((row) => readJobPod(api, row))
        .filter(isActivePod)
    const end = ({ row }: JobPod, exitCode: number, conditions: readonly string[]): void => {
      const finishedAt = api.calendar.format(sim.now)
      const status = { name: 'shard', image: 'shard:1', imageID: '', ready: false, restartCount: 0 }
      api.pods.updateDetails(row, {
        containerStatuses: [{ ...status, state: { terminated: { exitCode, finishedAt } } }],
        conditions: conditions.map((type) => ({ type, status: 'True' })),
      })
      api.pods.finish(row, { succeeded: false, reason: '' })
    }
    for (let evictions = 0; evictions < 5; evictions++) {
      expect(active().map(({ index }) => index)).toEqual([0, 1])
      for (const pod of active()) end(pod, 137, ['DisruptionTarget'])
      sim.run(sim.now + 10 * MINUTE)
    }
    const status = (): Job['status'] => api.collection<Job>('Job').get(`default/${name}`)?.status
    expect(status()).toMatchObject({ failed: 0, active: 2 })
    for (const pod of active().slice(0, 1)) end(pod, 42, [])
    sim.run(sim.now + 5 * SECOND)
    expect(status()).toMatchObject({ failed: 1, failedIndexes: '0' })
    expect(active().map(({ index }) => index)).toEqual([1, 2])
    for (const pod of active().slice(0, 1)) end(pod, 42, [])
    sim.run(sim.now + 5 * SECOND)
    expect(status()).toMatchObject({ failedIndexes: '0,1' })
    const now = api.collection<Job>('Job').get(`default/${name}`)
    expect(now && finishedConditionOf(now)?.reason).toBe('MaxFailedIndexesExceeded')
  })
})
