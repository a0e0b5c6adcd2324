import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Job, JobSpec } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { AdmissionStage } from '../../src/cluster/admission.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import type { ClientLimits } from '../../src/cluster/client.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import { POD_CREATED } from '../../src/cluster/pod-event.ts'
import { podObject } from '../../src/cluster/pod-object.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { finishedConditionOf } from '../../src/controllers/job-conditions.ts'
import { isActivePod, isTerminatingPod, readJobPod } from '../../src/controllers/job-pods.ts'
import type { JobPod } from '../../src/controllers/job-pods.ts'
import { startJobController } from '../../src/controllers/job.ts'
import { startTtlAfterFinishedController } from '../../src/controllers/ttl-after-finished.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** A job `default/j`, its controller, and pods that do what they are told. */
class JobTest {
  readonly sim = new Simulation({ seed: 1 })
  readonly api: ApiServer
  readonly owned: OwnedPods
  /** When each pod was made, in seconds, and its index. */
  readonly made: (readonly [number, number])[] = []
  /** When pods ended, in seconds, and how. */
  readonly ended: (readonly [number, number])[] = []

  constructor(
    spec: Partial<JobSpec>,
    limits: ClientLimits = NO_LIMITS,
    admission: readonly AdmissionStage[] = [],
  ) {
    this.api = new ApiServer(this.sim, admission)
    this.owned = new OwnedPods(this.api)
    const parts = { sim: this.sim, api: this.api, owned: this.owned, limits }
    startJobController(parts)
    startTtlAfterFinishedController(parts)
    this.api.nodes.create({ metadata: { name: 'n' } })
    this.api.watch({
      name: 'test/pods',
      podEvents: POD_CREATED,
      onPod: ({ pod }) => {
        this.made.push([this.sim.now / SECOND, readJobPod(this.api, pod).index])
        this.api.pods.bind(pod, this.api.nodeRows.everRowOf('n'), 0)
      },
    })
    this.api.collection<Job>('Job').create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j', namespace: 'default' },
      spec: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
        ...spec,
      },
    })
  }

  get job(): Job {
    const found = this.api.collection<Job>('Job').get('default/j')
    if (found === undefined) throw new Error('the job is gone')
    return found
  }

  get pods(): JobPod[] {
    return this.owned.of(this.job.metadata?.uid ?? '').map((row) => readJobPod(this.api, row))
  }

  get active(): JobPod[] {
    return this.pods.filter(isActivePod)
  }

  change(spec: Partial<JobSpec>): void {
    const { job } = this
    const template = job.spec?.template ?? {}
    this.api.collection<Job>('Job').update({ ...job, spec: { template, ...job.spec, ...spec } })
  }

  end({ row }: JobPod, exitCode: number): void {
    this.ended.push([this.sim.now / SECOND, exitCode])
    const finishedAt = this.api.calendar.format(this.sim.now)
    const status = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0 }
    this.api.pods.updateDetails(row, {
      containerStatuses: [{ ...status, state: { terminated: { exitCode, finishedAt } } }],
    })
    this.api.pods.finish(row, { succeeded: exitCode === 0, reason: '' })
  }

  run(seconds: number): void {
    this.sim.run(this.sim.now + seconds * SECOND)
  }

  conditions(): string[] {
    return (this.job.status?.conditions ?? []).map(({ type, reason }) => `${type}/${reason}`)
  }
}

const INDEXED = { completionMode: 'Indexed' } as const

describe('the Job controller', () => {
  it('runs one pod to its end by default, and lets it go when it is counted', () => {
    const test = new JobTest({})
    test.run(5)
    expect(test.made).toEqual([[0, -1]])
    const [pod] = test.active
    if (pod === undefined) throw new Error('no pod')
    const uid = test.job.metadata?.uid
    expect(podObject(test.api, pod.row).metadata).toMatchObject({
      name: expect.stringMatching(/^j-[a-z0-9]{5}$/) as string,
      finalizers: ['batch.kubernetes.io/job-tracking'],
      labels: { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': 'j' },
    })
    test.end(pod, 0)
    test.run(5)
    expect(test.conditions()).toEqual([
      'SuccessCriteriaMet/CompletionsReached',
      'Complete/CompletionsReached',
    ])
    expect(test.job.status).toMatchObject({ succeeded: 1, active: 0, completionTime: '2026-01-01T00:00:06Z' })
    expect(podObject(test.api, pod.row).metadata?.finalizers).toBeUndefined()
  })

  it('backs off while its pods are refused, and writes no status that is the same', () => {
    const test = new JobTest({ completions: 3, parallelism: 3, completionMode: 'Indexed' })
    const refused: number[] = []
    test.api.gates.add({
      name: 'Nobody',
      refusePod: () => {
        refused.push(test.sim.now / SECOND)
        return 'exceeded quota'
      },
    })
    let writes = 0
    test.api.observeObjects(({ kind }) => (writes += kind === 'Job' ? 1 : 0))
    test.run(600)
    // 1 s, doubling up to 60 s: kube-controller-manager v1.37, job_controller.go `DefaultJobApiBackOff`, `MaxJobApiBackOff`.
    expect(refused.slice(0, 8)).toEqual([0, 1, 3, 7, 15, 31, 63, 123])
    expect(refused).toHaveLength(15)
    expect(writes).toBe(1)
  })

  it('counts a pod that is deleted while it waits to be counted', () => {
    const test = new JobTest({ podReplacementPolicy: 'Failed' })
    test.run(5)
    const [pod] = test.active
    if (pod === undefined) throw new Error('no pod')
    test.api.pods.requestDeletion(pod.row, { grace: 30 * SECOND, reason: '' })
    test.run(5)
    expect(test.job.status).toMatchObject({ terminating: 1, active: 0 })
    expect(test.made).toHaveLength(1)
    test.end(pod, 137)
    test.run(1)
    expect(test.api.pods.isRemoved(pod.row)).toBe(true)
    expect(test.job.status).toMatchObject({ failed: 1, terminating: 0 })
    test.run(20)
    expect(test.made.map(([second]) => second)).toEqual([0, 20])
  })

  it('backs off for 10 s after a failure, doubled by each further one, up to 10 minutes', () => {
    const test = new JobTest({ backoffLimit: 20 })
    const waits: number[] = []
    for (let failure = 0; failure < 9; failure++) {
      test.run(1)
      for (const pod of test.active) test.end(pod, 1)
      const failedAt = test.sim.now / SECOND
      test.run(700)
      waits.push((test.made.at(-1)?.[0] ?? 0) - failedAt)
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600])
  })

  it('forgets failures when a pod has succeeded since', () => {
    const test = new JobTest({ completions: 4, parallelism: 2 })
    test.run(5)
    const [first, second] = test.active
    if (first === undefined || second === undefined) throw new Error('too few pods')
    test.end(first, 1)
    test.run(2)
    test.end(second, 0)
    test.run(2)
    expect(test.made.map(([at]) => at)).toEqual([0, 0, 8, 8])
  })

  it('fails at its limit of failures, and deletes what runs', () => {
    const test = new JobTest({ backoffLimit: 0, parallelism: 3, completions: 3 })
    test.run(5)
    const [pod] = test.active
    if (pod === undefined) throw new Error('no pod')
    test.end(pod, 1)
    test.run(1)
    expect(test.conditions()).toEqual(['FailureTarget/BackoffLimitExceeded'])
    expect(test.pods.filter(isTerminatingPod)).toHaveLength(2)
    for (const other of test.pods.filter(isTerminatingPod)) test.end(other, 143)
    test.run(5)
    expect(test.conditions()).toEqual(['FailureTarget/BackoffLimitExceeded', 'Failed/BackoffLimitExceeded'])
    expect(test.job.status).toMatchObject({ failed: 3, active: 0, terminating: 0 })
  })

  it('says which rule of its policy failed it', () => {
    const onExitCodes = { operator: 'In', values: [42] }
    const test = new JobTest({ podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] } })
    test.run(5)
    const [pod] = test.active
    if (pod === undefined) throw new Error('no pod')
    const name = test.api.pods.nameOf(pod.row)
    test.end(pod, 42)
    test.run(5)
    expect(finishedConditionOf(test.job)).toMatchObject({
      type: 'Failed',
      reason: 'PodFailurePolicy',
      message: `Container c for pod default/${name} failed with exit code 42 matching FailJob rule at index 0`,
    })
  })

  it('tells the next pod of an index of the failures before it', () => {
    const test = new JobTest({ ...INDEXED, completions: 2, parallelism: 2, backoffLimitPerIndex: 1 })
    test.run(5)
    for (let round = 0; round < 2; round++) {
      for (const pod of test.active) test.end(pod, pod.index === 0 ? 0 : 1)
      test.run(15)
      if (round === 0)
        expect(test.active.map(({ index, failuresBefore }) => [index, failuresBefore])).toEqual([[1, 1]])
    }
    expect(test.job.status).toMatchObject({
      completedIndexes: '0',
      failedIndexes: '1',
      succeeded: 1,
      failed: 2,
    })
    expect(finishedConditionOf(test.job)?.reason).toBe('FailedIndexes')
  })

  it('grows and shrinks an indexed job', () => {
    const test = new JobTest({ ...INDEXED, completions: 2, parallelism: 2 })
    test.run(5)
    test.change({ completions: 4, parallelism: 4 })
    test.run(5)
    expect(test.active.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    test.change({ completions: 3, parallelism: 3 })
    test.run(5)
    expect(test.active.map(({ index }) => index)).toEqual([0, 1, 2])
  })

  it('fails past its deadline, which a suspension stops', () => {
    const test = new JobTest({ activeDeadlineSeconds: 60 })
    test.run(30)
    test.change({ suspend: true })
    test.run(100)
    expect(test.conditions()).toEqual(['Suspended/JobSuspended'])
    expect(test.job.status?.startTime).toBeUndefined()
    test.change({ suspend: false })
    test.run(59)
    expect(test.conditions()).toEqual(['Suspended/JobResumed'])
    test.run(2)
    expect(test.conditions()).toContain('FailureTarget/DeadlineExceeded')
  })

  it('tries one pod at a time while none is admitted', () => {
    let asked = 0
    const refusing = {
      name: 'Refusing',
      validate: (): string => {
        asked += 1
        return 'no'
      },
    }
    const test = new JobTest({ ...INDEXED, completions: 9, parallelism: 9 }, NO_LIMITS, [refusing])
    test.run(60)
    // Each index has a template of its own, which is asked about once: only the first was tried.
    expect(asked).toBe(1)
    expect(test.job.status).toMatchObject({ active: 0, failed: 0 })
  })

  it('leaves jobs alone that somebody else manages', () => {
    const test = new JobTest({ managedBy: 'example.com/other' })
    test.run(60)
    expect(test.made).toEqual([])
    expect(test.job.status).toBeUndefined()
  })

  it('makes at most 500 pods at a time, and counts as many', () => {
    const test = new JobTest({ parallelism: 1200, completions: 1200 })
    test.run(0)
    expect(test.active).toHaveLength(500)
    test.run(5)
    expect(test.active).toHaveLength(1200)
    for (const pod of test.active) test.end(pod, 0)
    test.run(1)
    expect(test.job.status?.succeeded).toBe(500)
    test.run(10)
    expect(test.job.status?.succeeded).toBe(1200)
    expect(finishedConditionOf(test.job)?.type).toBe('Complete')
  })

  it('waits for its client: 30 writes at once, then 20 a second', () => {
    const test = new JobTest({ parallelism: 90, completions: 90 }, { qps: 20, burst: 30 })
    test.run(0)
    expect(test.made).toHaveLength(30)
    test.run(1)
    expect(test.made).toHaveLength(50)
    test.run(5)
    expect(test.active).toHaveLength(90)
    expect(test.job.status?.active).toBe(90)
  })

  it('takes pods that its selector matches, and lets go of them when it is deleted', () => {
    const selector = { matchLabels: { app: 'j' } }
    const spec = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] }
    const test = new JobTest({
      selector,
      manualSelector: true,
      parallelism: 2,
      template: { metadata: { labels: { app: 'j' } }, spec },
    })
    test.change({ suspend: true })
    const interned = test.api.pods.templates.intern({
      metadata: { namespace: 'default', labels: { app: 'j' }, annotations: {} },
      spec: { containers: [{ name: 'c', image: 'i' }] },
      sizing: 'template',
    })
    if (!interned.ok) throw new Error(interned.message)
    const row = test.api.pods.create({ template: interned.id, name: 'found' })
    test.change({ suspend: false })
    test.run(5)
    expect(test.active.map((pod) => pod.row)).toContain(row)
    expect(test.active).toHaveLength(2)
    test.api.collection<Job>('Job').delete('default/j')
    test.run(5)
    expect(test.api.pods.detailsOf(row).finalizers).toEqual([])
  })
})

describe('the TTL controller', () => {
  it('deletes a job, pods first, when its time after the end has passed', () => {
    const test = new JobTest({ ttlSecondsAfterFinished: 100 })
    test.run(5)
    for (const pod of test.active) test.end(pod, 0)
    test.run(100)
    expect(test.job.metadata?.deletionTimestamp).toBeUndefined()
    test.run(2)
    expect(test.job.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:01:46Z',
      finalizers: ['foregroundDeletion'],
    })
  })
})

interface Happening {
  readonly seconds: number
  readonly ends: readonly number[]
  readonly parallelism: number | undefined
  readonly suspend: boolean | undefined
}

const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({
    seconds: fc.integer({ min: 0, max: 40 }),
    /** Exit codes of the first active pods; below 0 the pod runs on. */
    ends: fc.array(fc.integer({ min: -1, max: 1 }), { maxLength: 4 }),
    parallelism: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.integer({ min: 0, max: 6 })),
    suspend: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, fc.boolean()),
  }),
  { maxLength: 30 },
)

const specs = fc.record({
  completions: fc.integer({ min: 1, max: 8 }),
  parallelism: fc.integer({ min: 1, max: 6 }),
  completionMode: fc.constantFrom('Indexed', 'NonIndexed'),
  podReplacementPolicy: fc.constantFrom('Failed', 'TerminatingOrFailed'),
})

/** Lets things happen to a job; looks at it after each. */
function live(test: JobTest, steps: readonly Happening[], look: () => void): void {
  for (const step of steps) {
    if (step.parallelism !== undefined) test.change({ parallelism: step.parallelism })
    if (step.suspend !== undefined) test.change({ suspend: step.suspend })
    test.run(0)
    for (const [place, pod] of test.active.entries()) {
      const exitCode = step.ends[place] ?? -1
      if (exitCode >= 0) test.end(pod, exitCode)
    }
    for (const pod of test.pods.filter(isTerminatingPod)) test.end(pod, 143)
    test.run(step.seconds)
    look()
  }
}

describe('a job, whatever happens', () => {
  it('never has more active pods than its parallelism, nor more successes than it wants', () => {
    fc.assert(
      fc.property(specs, happenings, (spec, steps) => {
        const test = new JobTest({ ...spec, backoffLimit: 1000 })
        live(test, steps, () => {
          const { spec: now, status } = test.job
          const most = now?.suspend === true ? 0 : (now?.parallelism ?? 1)
          expect(test.active.length).toBeLessThanOrEqual(most)
          if (spec.completionMode === 'Indexed') {
            const indexes = test.active.map(({ index }) => index)
            expect(new Set(indexes).size).toBe(indexes.length)
            expect(status?.succeeded ?? 0).toBeLessThanOrEqual(spec.completions)
          }
        })
      }),
    )
  })

  it('counts each end once, and ends with no pod held', () => {
    fc.assert(
      fc.property(specs, happenings, (spec, steps) => {
        const test = new JobTest({ ...spec, backoffLimit: 1000 })
        live(test, steps, () => undefined)
        test.change({ suspend: false, parallelism: 3 })
        for (let round = 0; round < 12; round++) {
          test.run(700)
          for (const pod of test.active) test.end(pod, 0)
          for (const pod of test.pods.filter(isTerminatingPod)) test.end(pod, 143)
        }
        test.run(10)
        expect(finishedConditionOf(test.job)?.type).toBe('Complete')
        const { succeeded = 0, uncountedTerminatedPods } = test.job.status ?? {}
        expect(uncountedTerminatedPods).toEqual({})
        expect(test.pods.filter(({ isTracked }) => isTracked)).toEqual([])
        const ended: PodRow[] = test.pods.map(({ row }) => row)
        const successes = ended.filter((row) => podObject(test.api, row).status?.phase === 'Succeeded')
        expect(succeeded).toBeLessThanOrEqual(successes.length)
        expect(succeeded).toBeGreaterThanOrEqual(spec.completions)
      }),
    )
  })

  it('makes no pod within 10 s of the last failure, unless another has succeeded since', () => {
    let waited = 0
    fc.assert(
      fc.property(specs, happenings, (spec, steps) => {
        const test = new JobTest({ ...spec, backoffLimit: 1000 })
        live(test, steps, () => undefined)
        test.run(3600)
        for (const [second] of test.made) {
          const failures = test.ended.filter(([at, code]) => code === 1 && at < second)
          const failedAt = Math.max(...failures.map(([at]) => at))
          // A success of the same second may be what let the pod be made.
          if (!test.ended.some(([at, code]) => code === 0 && at >= failedAt && at <= second)) {
            expect(second).toBeGreaterThanOrEqual(failedAt + 10)
            if (Number.isFinite(failedAt)) waited += 1
          }
        }
      }),
    )
    expect(waited).toBeGreaterThan(0)
  })
})
