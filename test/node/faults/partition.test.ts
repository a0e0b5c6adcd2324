import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/base/time.ts'
import type { PodRow } from '../../../src/cluster/rows.ts'
import type { SplitBrain } from '../../../src/node/split-brain.ts'
import { GIB, podTemplate } from '../test-cluster.ts'
import { FaultyCluster } from './faulty-cluster.ts'

const STARTUP = { kubelet: { startup: () => 2 * SECOND, stop: () => 5 * SECOND } }
const GET = { httpGet: { port: 80 } }

describe('a simple pod behind a partition', () => {
  it('that ends is said to have ended when the partition has, as of the instant at which it did', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.createPod({ node: cluster.node0, cpu: 1000, memory: GIB, duration: 100 })
    const states = cluster.states(pod)
    cluster.cutOff(50, 300)
    cluster.runTo(200)
    expect([cluster.state(pod), cluster.inUse()]).toEqual(['Running', [0, 0, 0]])
    cluster.runTo(400)
    expect(states).toEqual(['2: Running ready', '300: Succeeded Completed'])
    expect(cluster.seconds('finishedAt', pod)).toBe(102)
  })

  it('that starts and ends is told as a whole', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.createPod({ node: cluster.node0, duration: 100 })
    const states = cluster.states(pod)
    cluster.cutOff(1, 300)
    cluster.runTo(400)
    expect(states).toEqual(['300: Running', '300: Succeeded Completed'])
    expect([cluster.seconds('runningAt', pod), cluster.seconds('finishedAt', pod)]).toEqual([2, 102])
  })

  it('that starts and runs on is Running since then, and ready again when others had thought that it was not', () => {
    const cluster = new FaultyCluster(STARTUP)
    const { pods } = cluster.api
    const [early, late] = [
      cluster.createPod({ node: cluster.node0 }),
      cluster.createPod({ node: cluster.node0 }),
    ]
    cluster.cutOff(1, 300)
    cluster.runTo(299)
    expect(cluster.state(early)).toBe('Pending')
    cluster.runTo(310)
    expect([cluster.state(early), cluster.seconds('runningAt', early)]).toEqual(['Running', 2])
    cluster.cutOff(400, 500)
    cluster.at(450, () => pods.setReady(late, false))
    cluster.runTo(499)
    expect(pods.table.isReady(late)).toBe(false)
    cluster.runTo(500)
    expect(pods.table.isReady(late)).toBe(true)
  })

  it('that was bound meanwhile starts when its node hears of it', () => {
    const cluster = new FaultyCluster(STARTUP)
    cluster.cutOff(10, 300)
    let pod = -1 as PodRow
    cluster.at(50, () => {
      pod = cluster.createPod({ node: cluster.node0, cpu: 1000 })
    })
    cluster.runTo(300)
    expect([cluster.state(pod), cluster.inUse()]).toEqual(['Pending', [0, 0, 0]])
    cluster.runTo(302)
    expect([cluster.state(pod), cluster.inUse()]).toEqual(['Running', [0, 1, 0]])
  })

  it('stops when its node hears of its deletion, within its grace period', () => {
    const cluster = new FaultyCluster(STARTUP)
    const [pod, done, never] = [
      cluster.createPod({ node: cluster.node0 }),
      cluster.createPod({ node: cluster.node0, duration: 100 }),
      cluster.createPod({ node: cluster.node0 }),
    ]
    const states = [pod, done, never].map((one) => cluster.states(one))
    cluster.cutOff(50, 300)
    for (const one of [pod, done]) cluster.deleteAt(80, one, 30)
    cluster.deleteAt(48, never, 60)
    cluster.runTo(304.9)
    expect(cluster.state(pod)).toBe('Running Test deleting')
    cluster.runTo(400)
    expect(states).toEqual([
      ['2: Running ready', '80: Running Test deleting ready', '305: gone'],
      // It was through long before: nothing is left to stop.
      ['2: Running ready', '80: Running Test deleting ready', '300: gone'],
      // It was told to stop before the partition, and did; nobody could say so.
      ['2: Running ready', '48: Running Test deleting ready', '300: gone'],
    ])
  })

  it('loses the work that it did after somebody asked for its deletion', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.createPod({ node: cluster.node0, cpu: 2000, duration: 100 })
    const lost: unknown[] = []
    cluster.kubelets.onLostWork(({ span, cores, cause }) => lost.push([span / SECOND, cores, cause]))
    cluster.cutOff(50, 300)
    cluster.deleteAt(60, pod, 30)
    cluster.runTo(400)
    expect(lost).toEqual([[100, 2, 'Test']])
  })
})

describe('a pod that is forgotten while its node is cut off', () => {
  it('runs on and uses what it did, until its node hears and ends it', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.createPod({ node: cluster.node0, cpu: 1000, memory: GIB })
    cluster.cutOff(50, 300)
    cluster.deleteAt(60, pod, 0)
    // The row is another pod's soon.
    cluster.at(70, () => cluster.createPod({ node: cluster.node0, cpu: 2000, memory: GIB }))
    cluster.runTo(299)
    expect([cluster.state(pod), cluster.inUse()]).toEqual(['gone', [1, 1, 1]])
    cluster.runTo(304.9)
    expect(cluster.inUse()).toEqual([2, 3, 1])
    cluster.runTo(305)
    expect(cluster.inUse()).toEqual([1, 2, 0])
  })

  it('ends with its work, or with its machine', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pods = [
      cluster.createPod({ node: cluster.node0, duration: 100 }),
      cluster.createPod({ node: cluster.node0 }),
    ]
    cluster.cutOff(50, 300)
    for (const pod of pods) cluster.deleteAt(60, pod, 0)
    cluster.crash(200, 250)
    const ghosts: number[] = []
    for (const at of [59, 61, 101, 103, 199, 201, 301]) cluster.at(at, () => ghosts.push(cluster.inUse()[2]))
    cluster.runTo(310)
    expect(ghosts).toEqual([0, 2, 2, 1, 1, 0, 0])
  })

  it('is ended as well when others have finished it', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.pod({ containers: [{ name: 'app', readinessProbe: GET }] })
    cluster.cutOff(50, 300)
    cluster.at(60, () => cluster.api.pods.finish(pod, { succeeded: false, reason: 'Other' }))
    cluster.deleteAt(70, pod, 30)
    cluster.runTo(299)
    expect([cluster.state(pod), cluster.inUse()[2]]).toEqual(['gone', 1])
    cluster.runTo(310)
    expect(cluster.inUse()).toEqual([0, 0, 0])
  })

  it('is a split brain with the next pod of its StatefulSet', () => {
    const cluster = new FaultyCluster(STARTUP)
    const n1 = cluster.addNode('n1')
    const interned = cluster.api.pods.templates.intern(podTemplate())
    if (!interned.ok) throw new Error(interned.message)
    const reference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'u', controller: true }
    const create = (node: typeof n1): PodRow =>
      cluster.api.pods.create({
        template: interned.id,
        name: 'db-0',
        node,
        details: { ownerReferences: [reference] },
      })
    const splits: SplitBrain[] = []
    cluster.kubelets.onSplitBrain((split) => splits.push(split))
    const first = create(cluster.node0)
    cluster.cutOff(50, 300)
    cluster.deleteAt(60, first, 0)
    cluster.at(70, () => create(n1))
    cluster.runTo(400)
    const split = { key: 'default/db-0', nodes: [cluster.node0, n1], startedAt: 72 * SECOND }
    expect(splits).toEqual([
      { ...split, endedAt: undefined },
      { ...split, endedAt: 305 * SECOND },
    ])
  })
})

describe('a pod with a worker behind a partition', () => {
  it('starts again and is probed, and its status keeps the instants of its changes', () => {
    const cluster = new FaultyCluster(STARTUP)
    const pod = cluster.pod(
      { containers: [{ name: 'app', readinessProbe: { ...GET, periodSeconds: 10 } }] },
      { duration: '90s', 'exit-code': '1', 'time-to-ready': '15s' },
    )
    cluster.cutOff(50, 300)
    cluster.runTo(299)
    expect(cluster.status(pod)).toMatchObject({ restartCount: 0, ready: true })
    cluster.runTo(300)
    // Runs from 2 to 92, 92 to 182, 192 to 282, and waits until 302.
    expect(cluster.status(pod)).toMatchObject({
      restartCount: 2,
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { finishedAt: cluster.api.calendar.format(282 * SECOND) } },
    })
    expect(cluster.podCondition(pod, 'Ready')).toMatchObject({
      status: 'False',
      lastTransitionTime: cluster.api.calendar.format(282 * SECOND),
    })
    cluster.runTo(330)
    expect(cluster.status(pod)).toMatchObject({ restartCount: 3, ready: true })
  })

  it('that ends is said to have ended later, and one whose deletion was asked for is removed', () => {
    const cluster = new FaultyCluster(STARTUP)
    const spec = { restartPolicy: 'Never', containers: [{ name: 'app', readinessProbe: GET }] }
    const annotations = { duration: '100s' }
    const [done, removed] = [cluster.pod(spec, annotations), cluster.pod(spec, annotations)]
    cluster.cutOff(50, 300)
    cluster.deleteAt(200, removed, 30)
    cluster.runTo(299)
    expect([cluster.state(done), cluster.inUse()]).toEqual(['Running', [0, 0, 0]])
    cluster.runTo(301)
    expect([cluster.state(done), cluster.state(removed)]).toEqual(['Succeeded Completed', 'gone'])
    expect(cluster.seconds('finishedAt', done)).toBe(102)
    expect(cluster.podCondition(done, 'Ready')?.lastTransitionTime).toBe(
      cluster.api.calendar.format(102 * SECOND),
    )
  })
})

describe('the status of a node', () => {
  it('is posted at the next look after a partition, at once as the kubelet starts', () => {
    const seen: number[] = []
    for (const effect of ['cutOff', 'hung', 'down'] as const) {
      const cluster = new FaultyCluster()
      cluster.fail({ kind: effect }, 100, 300)
      cluster.at(200, () => {
        const node = cluster.node(cluster.node0)
        const conditions = [{ type: 'Ready', status: 'Unknown' }]
        cluster.api.nodes.update({ ...node, status: { ...node.status, conditions } })
      })
      cluster.runTo(300)
      while (cluster.condition(cluster.node0, 'Ready') !== 'True' && cluster.sim.now < 400 * SECOND) {
        cluster.sim.step()
      }
      seen.push(cluster.sim.now / SECOND)
    }
    const [afterPartition = 0, ...afterStarts] = seen
    expect(afterPartition).toBeGreaterThan(300)
    expect(afterPartition).toBeLessThanOrEqual(310)
    expect(afterStarts).toEqual([300, 300])
  })
})
