import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/base/time.ts'
import { FaultyCluster } from './faulty-cluster.ts'

const STARTUP = { kubelet: { startup: () => 2 * SECOND, stop: () => 5 * SECOND } }
const GET = { httpGet: { port: 80 } }

describe('a kubelet that hangs', () => {
  it('starts nothing until it is back, while what runs runs on and ends', () => {
    const cluster = new FaultyCluster(STARTUP)
    const [running, ending] = [
      cluster.createPod({ node: cluster.node0 }),
      cluster.createPod({ node: cluster.node0, duration: 100 }),
    ]
    cluster.hang(50, 300)
    const [starting, late] = [cluster.states(running), cluster.states(ending)]
    cluster.runTo(49)
    const begun = cluster.createPod({ node: cluster.node0 })
    cluster.runTo(60)
    const bound = cluster.createPod({ node: cluster.node0 })
    cluster.runTo(299)
    expect([cluster.state(begun), cluster.state(bound)]).toEqual(['Pending', 'Pending'])
    cluster.runTo(310)
    expect(starting).toEqual(['2: Running ready'])
    expect(late).toEqual(['2: Running ready', '300: Succeeded Completed'])
    expect([begun, bound].map((pod) => cluster.seconds('runningAt', pod))).toEqual([302, 302])
    expect(cluster.seconds('finishedAt', ending)).toBe(102)
  })

  it('starts a container again when it is back, without a back-off', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.pod({}, { duration: '40s', 'exit-code': '1' })
    // Runs from 2 to 42, 42 to 82, 92 to 132.
    cluster.hang(100, 300)
    cluster.runTo(299)
    expect(cluster.status(pod)).toMatchObject({ restartCount: 2, state: { running: {} } })
    cluster.runTo(301)
    expect(cluster.status(pod)).toMatchObject({
      restartCount: 3,
      state: { running: { startedAt: cluster.api.calendar.format(300 * SECOND) } },
      lastState: { terminated: { finishedAt: cluster.api.calendar.format(132 * SECOND) } },
    })
  })

  it('probes nothing meanwhile, and anew when it is back: a pod that others hold ready stays so until it fails', () => {
    const kept = new FaultyCluster(STARTUP)
    const probe = { ...GET, periodSeconds: 10, failureThreshold: 2 }
    const spec = { containers: [{ name: 'app', readinessProbe: probe, livenessProbe: probe }] }
    const pod = kept.pod(spec, { 'readiness-fails': '100s-250s', 'liveness-fails': '60s-120s' })
    const states = kept.states(pod)
    kept.hang(50, 200)
    kept.runTo(400)
    // It would have been killed at 82, and is not ready from the second failure after 200 on.
    const [first, second = '', third = '', ...more] = states.slice(2)
    expect([first, more]).toEqual(['2: Running ready', []])
    const [lostAt, foundAt] = [second, third].map((state) => Number(state.split(':')[0])) as [number, number]
    expect([second, third]).toEqual([`${lostAt}: Running`, `${foundAt}: Running ready`])
    expect(lostAt).toBeGreaterThanOrEqual(210)
    expect(lostAt).toBeLessThanOrEqual(220)
    expect(foundAt).toBeGreaterThanOrEqual(252)
    expect(foundAt).toBeLessThanOrEqual(262)
  })

  it('waits for a probe of a pod that others do not hold ready', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.pod({ containers: [{ name: 'app', readinessProbe: { ...GET, periodSeconds: 10 } }] })
    cluster.hang(50, 200)
    cluster.at(100, () => cluster.api.pods.setReady(pod, false))
    cluster.runTo(200)
    expect(cluster.api.pods.table.isReady(pod)).toBe(false)
    cluster.runTo(210)
    expect(cluster.api.pods.table.isReady(pod)).toBe(true)
  })

  it('knows nothing of its pods when it starts behind a partition, until that ends', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.pod({}, { duration: '40s', 'exit-code': '1' })
    cluster.hang(10, 100)
    cluster.cutOff(50, 300)
    cluster.runTo(299)
    expect(cluster.inUse()).toEqual([0, 0, 0])
    cluster.runTo(301)
    expect(cluster.status(pod)).toMatchObject({
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated: { finishedAt: cluster.api.calendar.format(42 * SECOND) } },
    })
  })
})

describe('a machine that starts behind a partition', () => {
  it('runs nothing until that ends', () => {
    const cluster = new FaultyCluster(STARTUP)
    const [task, service] = [
      cluster.createPod({ node: cluster.node0, cpu: 1000, duration: 500, spec: { restartPolicy: 'Never' } }),
      cluster.createPod({ node: cluster.node0, cpu: 1000 }),
    ]
    cluster.cutOff(50, 300)
    cluster.crash(100, 150)
    cluster.runTo(299)
    expect([cluster.state(task), cluster.inUse()]).toEqual(['Running', [0, 0, 0]])
    cluster.runTo(303)
    expect([cluster.state(task), cluster.state(service)]).toEqual([
      'Failed ContainerStatusUnknown',
      'Running',
    ])
    expect(cluster.inUse()[1]).toBe(1)
  })
})

it('does not start a container again that the kernel kills while its kubelet hangs', () => {
  const cluster = new FaultyCluster(STARTUP)
  const pod = cluster.createPod({ node: cluster.node0, cpu: 1000, memory: 100 })
  cluster.hang(50, 300)
  cluster.at(100, () => cluster.kubelets.killContainer(pod, 0, 'OOMKilled'))
  cluster.runTo(299)
  expect(cluster.inUse()).toEqual([0, 0, 0])
  cluster.runTo(301)
  expect(cluster.status(pod, 'main')).toMatchObject({
    restartCount: 1,
    state: { running: { startedAt: cluster.api.calendar.format(300 * SECOND) } },
    lastState: { terminated: { reason: 'OOMKilled', finishedAt: cluster.api.calendar.format(100 * SECOND) } },
  })
})
