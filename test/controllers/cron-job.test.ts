import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { CronJob, CronJobSpec, Job } from '../../src/api/types.generated.ts'
import { Calendar } from '../../src/base/calendar.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import { startCronJobController } from '../../src/controllers/cron-job.ts'
import { finishedConditionOf, jobCondition } from '../../src/controllers/job-conditions.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** A CronJob `default/c` and its controller; jobs run until `finish` is called. */
class CronTest {
  readonly sim = new Simulation({ seed: 1 })
  readonly api: ApiServer
  /** Creations and deletions of jobs, in order: seconds and name. */
  readonly created: (readonly [number, string])[] = []

  constructor(spec: Partial<CronJobSpec>, start = '2026-01-01T00:00:00Z') {
    this.api = new ApiServer(this.sim, [], new Calendar(start))
    startCronJobController({ sim: this.sim, api: this.api, owned: new OwnedPods(this.api) })
    this.api.watch({
      name: 'test/jobs',
      kinds: ['Job'],
      onObject: ({ verb, key }) => {
        if (verb === 'ADDED') this.created.push([this.sim.now / SECOND, key])
      },
    })
    const template = { spec: { containers: [{ name: 'c', image: 'i' }] } }
    this.api.collection<CronJob>('CronJob').create({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'c', namespace: 'default' },
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template } }, ...spec },
    })
  }

  get cronJob(): CronJob {
    const found = this.api.collection<CronJob>('CronJob').get('default/c')
    if (found === undefined) throw new Error('the CronJob is gone')
    return found
  }

  get jobs(): Job[] {
    return [...this.api.collection<Job>('Job').list()]
  }

  get running(): Job[] {
    return this.jobs.filter((job) => finishedConditionOf(job) === undefined)
  }

  change(spec: Partial<CronJobSpec>): void {
    const { cronJob } = this
    this.api.collection<CronJob>('CronJob').update({ ...cronJob, spec: { ...cronJob.spec, ...spec } })
  }

  finish(job: Job, type: 'Complete' | 'Failed'): void {
    const now = this.api.calendar.format(this.sim.now)
    const conditions = [jobCondition(now, { type, status: 'True' })]
    this.api.collection<Job>('Job').update({
      ...job,
      status: { startTime: now, conditions, ...(type === 'Complete' ? { completionTime: now } : {}) },
    })
  }

  run(seconds: number): void {
    this.sim.run(this.sim.now + seconds * SECOND)
  }
}

describe('the CronJob controller', () => {
  it('starts a job 100 ms after its time, named by the minute, with what the template says', () => {
    const test = new CronTest({ schedule: '*/5 * * * *', timeZone: 'Asia/Kathmandu' })
    test.run(11 * 60)
    const minutes = Date.parse('2026-01-01T00:05:00Z') / 60_000
    expect(test.created).toEqual([
      [300.1, `default/c-${minutes}`],
      [600.1, `default/c-${minutes + 5}`],
    ])
    expect(test.jobs[0]?.metadata).toMatchObject({
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T05:50:00+05:45' },
      ownerReferences: [{ kind: 'CronJob', name: 'c', controller: true }],
    })
    expect(test.cronJob.status).toMatchObject({
      active: [{ name: `c-${minutes}` }, { name: `c-${minutes + 5}` }],
      lastScheduleTime: '2026-01-01T00:10:00Z',
    })
  })

  it('starts the newest missed run once it may look again, unless its deadline has passed', () => {
    const test = new CronTest({ schedule: '0 * * * *', suspend: true })
    test.run(3 * 3600 + 600)
    expect(test.created).toEqual([])
    test.change({ suspend: false })
    test.run(10)
    expect(test.created.map(([second]) => second)).toEqual([3 * 3600 + 600])
    expect(test.cronJob.status?.lastScheduleTime).toBe('2026-01-01T03:00:00Z')

    const late = new CronTest({ schedule: '0 * * * *', suspend: true, startingDeadlineSeconds: 300 })
    late.run(3 * 3600 + 600)
    late.change({ suspend: false })
    late.run(3600)
    expect(late.created.map(([second]) => second)).toEqual([4 * 3600 + 0.1])
  })

  it('replaces a job that still runs', () => {
    const test = new CronTest({ concurrencyPolicy: 'Replace' })
    test.run(190)
    expect(test.created).toHaveLength(3)
    expect(test.jobs).toHaveLength(1)
    expect(test.cronJob.status?.active).toHaveLength(1)
  })

  it('keeps three jobs that succeeded and one that failed, by default', () => {
    const test = new CronTest({})
    for (let i = 0; i < 12; i++) {
      test.run(61)
      for (const job of test.running) test.finish(job, i % 2 === 0 ? 'Complete' : 'Failed')
    }
    test.run(1)
    const types = test.jobs.map((job) => finishedConditionOf(job)?.type)
    expect(types.filter((type) => type === 'Complete')).toHaveLength(3)
    expect(types.filter((type) => type === 'Failed')).toHaveLength(1)
    expect(test.cronJob.status?.lastSuccessfulTime).toBe('2026-01-01T00:11:11Z')
  })

  it('does nothing with a schedule or a zone that it cannot read, until it can', () => {
    const test = new CronTest({ schedule: 'often' })
    test.run(120)
    test.change({ schedule: '* * * * *', timeZone: 'Mars/Olympus' })
    test.run(120)
    expect(test.created).toEqual([])
    test.change({ timeZone: 'Etc/UTC' })
    test.run(61)
    expect(test.created).toHaveLength(1)
  })

  it('aims at the next time of a new schedule', () => {
    const test = new CronTest({ schedule: '0 0 1 1 *' })
    test.run(30)
    test.change({ schedule: '*/2 * * * *' })
    test.run(120)
    expect(test.created.map(([second]) => second)).toEqual([120.1])
  })

  it('never runs two jobs at a time with Forbid, whatever ends when', () => {
    const step = fc.record({
      seconds: fc.integer({ min: 1, max: 200 }),
      finish: fc.constantFrom('Complete', 'Failed', undefined),
      suspend: fc.constantFrom(true, false, undefined),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const test = new CronTest({ concurrencyPolicy: 'Forbid' })
        let most = 0
        test.api.watch({
          name: 'test/most',
          kinds: ['Job'],
          onObject: () => {
            most = Math.max(most, test.running.length)
          },
        })
        for (const { seconds, finish, suspend } of steps) {
          test.run(seconds)
          if (suspend !== undefined) test.change({ suspend })
          for (const job of test.running) if (finish !== undefined) test.finish(job, finish)
        }
        expect(most).toBeLessThanOrEqual(1)
        const times = test.created.map(([second]) => Math.floor((second * SECOND) / MINUTE))
        expect(new Set(times).size).toBe(times.length)
      }),
    )
  })
})
