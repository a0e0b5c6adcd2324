import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Container, PodSpec } from '../../../src/api/types.generated.ts'
import { MINUTE, SECOND } from '../../../src/base/time.ts'
import { PHASE_PENDING } from '../../../src/cluster/pod-table.ts'
import type { PodRow } from '../../../src/cluster/rows.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

const GET = { httpGet: { port: 80 } }

describe('a crash loop', () => {
  it('waits as its back-off says, whatever its runs take', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), (duration) => {
        const cluster = new LifecycleCluster()
        const pod = cluster.pod({}, { duration: `${duration}s`, 'exit-code': '1' })
        const starts: number[] = []
        let runs = 0
        cluster.api.pods.observe(() => {
          const status = cluster.status(pod)
          if (status?.state?.running === undefined || status.restartCount + 1 === runs) return
          runs = status.restartCount + 1
          starts.push(cluster.sim.now / SECOND)
        })
        cluster.runTo(20_000)
        let [at, wait, updatedAt] = [0, 0, 0]
        for (const start of starts) {
          expect(start).toBe(at)
          const end = start + duration
          const isNew = wait === 0 || end - updatedAt > 600
          at = isNew ? end : end + wait
          wait = isNew ? 10 : Math.min(300, wait * 2)
          updatedAt = at
        }
      }),
      { numRuns: 30 },
    )
  })
})

const times = fc.integer({ min: 1, max: 60 }).map((seconds) => `${seconds}s`)
const probe = fc.option(
  fc.record({ periodSeconds: fc.integer({ min: 1, max: 20 }), failureThreshold: fc.constantFrom(1, 3) }),
  {
    nil: undefined,
  },
)

function container(name: string, extra: Partial<Container> = {}) {
  return fc
    .record({
      startup: probe,
      liveness: probe,
      readiness: probe,
      preStop: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    })
    .map(({ startup, liveness, readiness, preStop }): Container => ({
      name,
      ...extra,
      ...(startup === undefined ? {} : { startupProbe: { ...GET, ...startup, failureThreshold: 30 } }),
      ...(liveness === undefined ? {} : { livenessProbe: { ...GET, ...liveness } }),
      ...(readiness === undefined ? {} : { readinessProbe: { ...GET, ...readiness } }),
      ...(preStop === undefined ? {} : { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
    }))
}

const podSpec = fc.record({
  init: fc.constantFrom<readonly string[]>([], ['i1'], ['i1', 'i2']),
  sidecar: fc.option(container('s1', { restartPolicy: 'Always' }), { nil: undefined }),
  regular: fc.tuple(container('app'), fc.option(container('peer'), { nil: undefined })),
  restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never'),
  grace: fc.integer({ min: 1, max: 40 }),
  deadline: fc.option(fc.integer({ min: 5, max: 200 }), { nil: undefined }),
})

const annotations = fc.record(
  {
    duration: times,
    'exit-code': fc.constantFrom('0', '1', '1,0', '0,1'),
    'exit-code.i1': fc.constantFrom('0', '1,0', '1'),
    'duration.s1': times,
    'time-to-ready': times,
    'liveness-fails': fc.constantFrom('30s-', '5s-40s'),
    'readiness-fails': fc.constantFrom('20s-50s', '0s-10s, 60s-'),
    'termination-time': times,
    cpu: fc.constantFrom('100m', '3', '0s=1, 20s=6'),
    memory: fc.constantFrom('100Mi', '0s=50Mi, 30s=300Mi'),
    'memory-leak': fc.constantFrom('10Mi/m', '100Mi/m'),
  },
  { requiredKeys: [] },
)

interface Step {
  readonly at: number
  readonly kind: 'delete' | 'crash' | 'kill'
  readonly pod: number
}

const step = fc.record<Step>({
  at: fc.integer({ min: 1, max: 300 }),
  kind: fc.constantFrom('delete', 'crash', 'kill'),
  pod: fc.nat(4),
})

function specOf(drawn: typeof podSpec extends fc.Arbitrary<infer T> ? T : never): Partial<PodSpec> {
  const { init, sidecar, regular, restartPolicy, grace, deadline } = drawn
  const [app, peer] = regular
  const inits = [...init.map((name): Container => ({ name })), ...(sidecar === undefined ? [] : [sidecar])]
  return {
    ...(inits.length === 0 ? {} : { initContainers: inits }),
    containers: [
      { ...app, resources: { limits: { memory: '400Mi', cpu: '2' } } },
      ...(peer === undefined ? [] : [peer]),
    ],
    restartPolicy,
    terminationGracePeriodSeconds: grace,
    ...(deadline === undefined ? {} : { activeDeadlineSeconds: deadline }),
  }
}

function play(pods: readonly [Partial<PodSpec>, Record<string, string>][], steps: readonly Step[]): string {
  const cluster = new LifecycleCluster({
    cpu: '4',
    kubelet: { startup: () => 2 * SECOND, stop: () => SECOND },
  })
  const { api, kubelets, machines, node0 } = cluster
  const rows = pods.map(([spec, notes]) => cluster.pod(spec, notes))
  const restarts = new Map<string, number>()
  const phases = new Map<PodRow, number>()
  const deletedAt = new Map<PodRow, number>()
  api.pods.observe((_, pod) => {
    const phase = api.pods.table.phase(pod)
    expect(phase).toBeGreaterThanOrEqual(phases.get(pod) ?? PHASE_PENDING)
    phases.set(pod, phase)
    if (api.pods.isRemoved(pod)) return
    const { containerStatuses = [], initContainerStatuses = [] } = api.pods.detailsOf(pod)
    for (const { name, restartCount, ready, state } of [...initContainerStatuses, ...containerStatuses]) {
      expect(restartCount).toBeGreaterThanOrEqual(restarts.get(`${pod}/${name}`) ?? 0)
      restarts.set(`${pod}/${name}`, restartCount)
      if (ready) expect(state?.waiting).toBeUndefined()
    }
    // No regular container runs before the init containers have ended well and the sidecars have started.
    if (
      !containerStatuses.some(({ state, restartCount }) => state?.running !== undefined && restartCount === 0)
    )
      return
    for (const status of initContainerStatuses) {
      if (status.name.startsWith('i'))
        expect(status.ready || status.state?.terminated === undefined).toBe(true)
    }
  })
  for (const { at, kind, pod } of steps) {
    cluster.at(at, () => {
      const row = rows[pod % rows.length] ?? rows[0]
      if (row === undefined || api.pods.isRemoved(row)) return
      if (kind === 'kill') kubelets.killContainer(row, 0, 'OOMKilled')
      else if (kind === 'crash') {
        machines.crash(node0, 'test')
        cluster.sim.run(cluster.sim.now)
      } else if (!deletedAt.has(row)) {
        deletedAt.set(row, at)
        cluster.delete(row, api.pods.infoOf(row).terminationGrace / SECOND)
      }
    })
    if (kind === 'crash') cluster.at(at + 15, () => machines.restore(node0, 'test'))
  }
  cluster.runTo(400)
  let memory = 0
  for (const row of rows) memory += api.pods.isRemoved(row) ? 0 : kubelets.memoryOf(row)
  expect(kubelets.workingSet(node0)).toBe(memory)
  const end = cluster.sim.now
  for (const row of rows) {
    if (!api.pods.isRemoved(row)) cluster.delete(row, 30)
  }
  cluster.sim.run(end + MINUTE)
  // A pod is gone within its grace period and what is left to its processes besides.
  expect(rows.filter((row) => !api.pods.isRemoved(row))).toEqual([])
  expect([kubelets.workingSet(node0), kubelets.runningCpu(node0)]).toEqual([0, 0])
  // Nothing is left that would happen to pods that are gone.
  cluster.sim.run(end + 60 * MINUTE)
  expect(cluster.sim.pending).toBe(0)
  return cluster.sim.log.hash
}

describe('pods of all kinds through deletions, kills and crashes', () => {
  it('keep what they promise, leave nothing behind, and are the same twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(podSpec, annotations), { minLength: 1, maxLength: 4 }),
        fc.array(step, { maxLength: 6 }),
        (drawn, steps) => {
          const pods = drawn.map(([spec, notes]): [Partial<PodSpec>, Record<string, string>] => [
            specOf(spec),
            notes as Record<string, string>,
          ])
          expect(play(pods, steps)).toBe(play(pods, steps))
        },
      ),
      { numRuns: 150 },
    )
  })
})
