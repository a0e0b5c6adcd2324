import { describe, expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { POD_BOUND, POD_CREATED, POD_RUNNING } from '../../src/cluster/pod-event.ts'
import type { PodEventBit } from '../../src/cluster/pod-event.ts'
import { replayRun } from '../../src/run/run.ts'
import type { ReplayedRun } from '../../src/run/run.ts'
import { inlineScenario } from './inline-scenario.ts'

/** A Deployment `web` of so many pods. */
function deployment(replicas: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: web, resources: { requests: { cpu: 100m } } }] }
`
}

interface Written {
  readonly event: PodEventBit
  /** Seconds. */
  readonly at: number
}

/** Runs a scenario of one node and a Deployment; gives all writes of pods, and of other objects. */
async function played(spec: string, replicas = 2) {
  const pods: Written[] = []
  const objects: { kind: string; at: number }[] = []
  const run = await replayRun(
    inlineScenario(deployment(replicas), spec),
    ({ sim, api }: ReplayedRun) => {
      api.pods.observe((event) => pods.push({ event, at: sim.now / SECOND }))
      api.observeObjects(({ kind }) => objects.push({ kind, at: sim.now / SECOND }))
    },
    new AbortController().signal,
  )
  const times = (event: PodEventBit, from: number): number[] =>
    pods.filter((one) => one.event === event && one.at >= from).map(({ at }) => at)
  return { run, pods, objects, times }
}

const SCALE_AT_100 = 'actions: [{ at: 100s, scale: { kind: Deployment, name: web, replicas: 4 } }]'

describe('a scheduler whose leader is lost', () => {
  it('binds nothing until another process has seen the lease unrenewed for 15 s, and then all that is pending', async () => {
    const failure = 'failures: [{ leaderLoss: { component: kube-scheduler, at: 99s, for: 5s } }]'
    const { times } = await played(`${SCALE_AT_100}, ${failure}, until: 10m`)
    expect(times(POD_CREATED, 99)).toEqual([100, 100])
    const bound = times(POD_BOUND, 99)
    expect(bound).toHaveLength(2)
    for (const at of bound) {
      expect(at).toBeGreaterThanOrEqual(99 + 5 + 15)
      expect(at).toBeLessThan(99 + 5 + 15 + 4.4)
    }
  })

  it('is replaced by a standby from 15 s after the last renewal on', async () => {
    const failure = 'failures: [{ leaderLoss: { component: kube-scheduler, at: 99s, for: 1h } }]'
    const { times } = await played(`${SCALE_AT_100}, ${failure}, controlPlane: { apiServers: 3 }, until: 10m`)
    const [at = 0] = times(POD_BOUND, 99)
    // Renewed last at 98, seen by the others within 4.4 s, and tried for every 2 to 4.4 s.
    expect(at).toBeGreaterThanOrEqual(98 + 15)
    expect(at).toBeLessThan(98 + 15 + 8.8)
  })
})

describe('a controller manager whose leader is lost', () => {
  it('makes no pods meanwhile', async () => {
    const failure = 'failures: [{ leaderLoss: { component: kube-controller-manager, at: 99s, for: 5s } }]'
    const { times } = await played(`${SCALE_AT_100}, ${failure}, until: 10m`)
    const created = times(POD_CREATED, 99)
    expect(created).toHaveLength(2)
    for (const at of created) {
      expect(at).toBeGreaterThanOrEqual(99 + 5 + 15)
      expect(at).toBeLessThan(99 + 5 + 15 + 4.4)
    }
  })
})

describe('an outage of all API servers', () => {
  const outage = (span: string): string => `failures: [{ apiServerOutage: { at: 99s, for: ${span} } }]`

  it('lets nobody write; what somebody wanted meanwhile is tried again', async () => {
    const { pods, objects, times } = await played(`${SCALE_AT_100}, ${outage('60s')}, until: 10m`)
    const during = ({ at }: { at: number }): boolean => at > 99 && at < 159
    expect(pods.filter(during)).toEqual([])
    // The last renewals of the leaders, which were made before, are written as they give up.
    expect(objects.filter(during).map(({ kind }) => kind)).toEqual(['Lease', 'Lease'])
    // Leaders of before have given up: new processes see the old lease, and wait 15 s.
    const [created = 0] = times(POD_CREATED, 99)
    expect(created).toBeGreaterThanOrEqual(159 + 15)
    expect(created).toBeLessThan(159 + 60)
    expect(times(POD_RUNNING, 99)).toHaveLength(2)
  })

  it('of less than 10 s leaves leaders in office', async () => {
    const { run, times } = await played(`${SCALE_AT_100}, ${outage('6s')}, until: 10m`)
    const [created = 0] = times(POD_CREATED, 99)
    expect(created).toBeGreaterThanOrEqual(105)
    expect(created).toBeLessThan(112)
    const lease = run.api.collection('Lease').get('kube-system/kube-controller-manager') as unknown as {
      spec: { leaseTransitions: number }
    }
    expect(lease.spec.leaseTransitions).toBe(0)
  })
})

describe('an etcd', () => {
  it('whose leader fails takes writes again as another is elected', async () => {
    const failure = 'failures: [{ etcdFailure: { at: 100s, for: 60s } }]'
    const { times } = await played(`${SCALE_AT_100}, ${failure}, until: 10m`)
    const [created = 0] = times(POD_CREATED, 99)
    expect(created).toBeGreaterThan(101)
    expect(created).toBeLessThan(106)
  })

  it('without a quorum takes none, while pods that run go on', async () => {
    const failure = 'failures: [{ etcdFailure: { at: 99s, for: 60s, members: 2 } }]'
    const { run, pods, times } = await played(`${SCALE_AT_100}, ${failure}, until: 10m`)
    expect(pods.filter(({ at }) => at > 99 && at < 160)).toEqual([])
    expect(run.api.pods.unfinished).toBe(4)
    expect(times(POD_CREATED, 99)).toHaveLength(2)
  })
})

describe('an API server of three that goes down', () => {
  it('takes the leaders of its machine with it; those of another machine take over', async () => {
    const failure = 'failures: [{ apiServerOutage: { at: 99s, for: 10m, replicas: 1 } }]'
    const more = 'controlPlane: { apiServers: 3 }, until: 20m'
    const { run, times } = await played(`${SCALE_AT_100}, ${failure}, ${more}`)
    const [created = 0] = times(POD_CREATED, 99)
    expect(created).toBeGreaterThanOrEqual(98 + 15)
    expect(created).toBeLessThan(98 + 15 + 8.8)
    expect(times(POD_BOUND, 99)).toHaveLength(2)
    const lease = run.api.collection('Lease').get('kube-system/kube-scheduler') as unknown as {
      spec: { holderIdentity: string }
    }
    expect(lease.spec.holderIdentity).not.toContain('control-plane-1')
  })
})

describe('a watch cache that lags', () => {
  it('has the scheduler place pods later', async () => {
    const failure = 'failures: [{ watchLag: { at: 90s, for: 60s, latency: 5s, component: kube-scheduler } }]'
    const { times } = await played(`${SCALE_AT_100}, ${failure}, until: 10m`)
    expect(times(POD_CREATED, 99)).toEqual([100, 100])
    expect(times(POD_BOUND, 99)).toEqual([105, 105])
  })
})

describe('writes that take seats and time', () => {
  const fast = 'controllerQps: 10000, controllerBurst: 10000'

  it('are bound at the rate of the scheduler: 100 at once, then 50 a second', async () => {
    const more = `controlPlane: { requests: {}, ${fast} }`
    const { times } = await played(`${more}, until: 10m`, 30)
    const bound = times(POD_BOUND, 0)
    expect(bound).toHaveLength(30)
    // Each takes the 5 ms of the server and two writes to disk of three: some milliseconds.
    expect(Math.min(...bound)).toBeGreaterThan(0.005)
    expect(Math.max(...bound)).toBeLessThan(0.2)
    const slow = `controlPlane: { schedulerQps: 2, schedulerBurst: 10, ${fast} }, until: 10m`
    const slowly = (await played(slow, 30)).times(POD_BOUND, 0)
    expect(slowly.filter((at) => at === 0)).toHaveLength(10)
    expect(Math.max(...slowly)).toBe(10)
  })

  it('wait for slow disks of etcd, and for the leaders that these lose', async () => {
    const requests = `controlPlane: { requests: {}, ${fast} }`
    const disk = (fsync: string): string =>
      `${SCALE_AT_100}, until: 10m, ${requests}, failures: [{ etcdSlowDisk: { at: 99s, for: 60s, fsync: ${fsync} } }]`
    const [late = 0] = (await played(disk('500ms'))).times(POD_CREATED, 99)
    // The Deployment is scaled by hand; the controllers of Deployments and of ReplicaSets each wait for the disk.
    expect(late).toBeGreaterThan(101)
    expect(late).toBeLessThan(101.2)
    const [later = 0] = (await played(disk('3s'))).times(POD_CREATED, 99)
    expect(later).toBeGreaterThan(105)
  })

  it('of a scheduler that ends are not made: another one places the pods', async () => {
    const loss = 'failures: [{ leaderLoss: { component: kube-scheduler, at: 2s, for: 5s } }]'
    const slow = `controlPlane: { schedulerQps: 1, schedulerBurst: 1, ${fast} }, until: 10m`
    const bound = (await played(`${slow}, ${loss}`, 10)).times(POD_BOUND, 0)
    expect(bound).toHaveLength(10)
    expect(bound.filter((at) => at > 2 && at < 22)).toEqual([])
  })
})
