import { describe, expect, it } from 'vitest'
import { startPodGarbageCollector } from '../../src/controllers/pod-garbage-collector.ts'
import { Tasks } from '../../src/controllers/task.ts'
import { SECOND } from '../../src/base/time.ts'
import { createPod } from '../../src/cluster/create-pod.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { TestCluster, podTemplate } from '../node/test-cluster.ts'

it('fails and deletes the pods of a node that is gone, 40 s after the look that found it', () => {
  const cluster = new TestCluster()
  startPodGarbageCollector(cluster.sim, cluster.api)
  const [gone, stays] = [cluster.addNode('gone'), cluster.addNode('stays')]
  const orphan = cluster.createPod({ node: gone })
  const other = cluster.createPod({ node: stays })
  cluster.at(101, () => void cluster.api.nodes.delete('gone'))
  cluster.runTo(159)
  expect(cluster.state(orphan)).toBe('Running')
  cluster.runTo(160)
  expect([cluster.state(orphan), cluster.seconds('finishedAt', orphan)]).toEqual(['gone', 160])
  expect([cluster.kubelets.runningOn(gone), cluster.state(other)]).toEqual([[], 'Running'])
  expect(cluster.sim.pending).toBe(0)
})

it('begins its quarantine anew after a pause, and looks at once', () => {
  const cluster = new TestCluster()
  const collector = startPodGarbageCollector(cluster.sim, cluster.api)
  const nodes = [cluster.addNode('first'), cluster.addNode('second')]
  const [first, second] = nodes.map((node) => cluster.createPod({ node })) as [PodRow, PodRow]
  cluster.at(101, () => void cluster.api.nodes.delete('first'))
  cluster.at(150, () => collector.setPaused(true))
  cluster.at(160, () => void cluster.api.nodes.delete('second'))
  cluster.at(203, () => collector.setPaused(false))
  cluster.runTo(242)
  expect([cluster.state(first), cluster.state(second)]).toEqual(['Running', 'Running'])
  cluster.runTo(243)
  expect([cluster.state(first), cluster.state(second)]).toEqual(['gone', 'gone'])
  expect(cluster.sim.pending).toBe(0)
})

it('collects pods that come to a node after it was gone, as those of a snapshot of etcd do', () => {
  const cluster = new TestCluster()
  startPodGarbageCollector(cluster.sim, cluster.api)
  const gone = cluster.addNode('gone')
  cluster.at(101, () => void cluster.api.nodes.delete('gone'))
  cluster.runTo(200)
  expect(cluster.sim.pending).toBe(0)
  const late = cluster.createPod({ node: gone })
  cluster.runTo(260)
  expect(cluster.state(late)).toBe('gone')
})

it('does not look when the node had no pods', () => {
  const cluster = new TestCluster()
  startPodGarbageCollector(cluster.sim, cluster.api)
  cluster.addNode('gone')
  cluster.at(101, () => void cluster.api.nodes.delete('gone'))
  cluster.runTo(120)
  expect(cluster.sim.pending).toBe(0)
})

it('lets the owner make its pods again', () => {
  const cluster = new TestCluster()
  startPodGarbageCollector(cluster.sim, cluster.api)
  const tasks = new Tasks(cluster.sim, cluster.api, { keepFinished: false, retriesMax: undefined })
  cluster.addNode('gone')
  cluster.startScheduler()
  const template = podTemplate()
  tasks.submit({ name: 't', at: 0, template, cpu: 100, memory: 0, count: 2, duration: 1000 * SECOND })
  cluster.at(100, () => {
    cluster.addNode('stays')
    cluster.api.nodes.delete('gone')
  })
  cluster.runTo(5000)
  expect(tasks.counts).toMatchObject({ succeeded: 2, lost: 2, requeued: 2 })
  expect([...tasks.lostWork.byCause.keys()]).toEqual(['DeletionByPodGC'])
  expect(cluster.api.pods.count).toBe(0)
})

describe('pods of controllers', () => {
  /** A cluster with pods of a Job, of which few finished ones stay. */
  class JobCluster extends TestCluster {
    readonly owned = new OwnedPods(this.api)
    readonly home = this.addNode('n')

    constructor(finishedMax = 3) {
      super({ kubelet: { stop: () => 10 * SECOND } })
      startPodGarbageCollector(this.sim, this.api, { owned: this.owned, finishedMax })
      this.api.collection('Job').create({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'j', namespace: 'default' },
      })
    }

    pod(name: string, isBound = true, finalizers: readonly string[] = []): PodRow {
      const job = this.api.collection('Job').get('default/j') ?? {}
      const template = { spec: { containers: [{ name: 'c' }] } }
      const owner = this.owned.ownerFor(job)
      const pod = createPod(this.api, { owner, template, name, details: { finalizers } })
      if (!pod.ok) throw new Error(pod.message)
      if (isBound) this.api.pods.bind(pod.row, this.home, 0)
      return pod.row
    }

    /** The node is not ready, and somebody says that it is out of service. */
    putOutOfService(): void {
      const node = this.node(this.home)
      const taints = [
        { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' },
      ]
      const conditions = [{ type: 'Ready', status: 'Unknown' }]
      this.api.nodes.update({ ...node, spec: { taints }, status: { ...node.status, conditions } })
    }
  }

  it('deletes the finished ones that are too many, evicted ones and the oldest first', () => {
    const cluster = new JobCluster()
    const { pods } = cluster.api
    const rows: PodRow[] = []
    for (const [index, name] of ['e', 'd', 'c', 'b', 'a'].entries()) {
      cluster.at(index, () => rows.push(cluster.pod(name)))
    }
    cluster.runTo(5)
    rows.forEach((row, index) => {
      pods.finish(row, { succeeded: index !== 3, reason: index === 3 ? 'Evicted' : '' })
    })
    cluster.runTo(19)
    expect(rows.map((row) => pods.isRemoved(row))).toEqual([false, false, false, false, false])
    cluster.runTo(20)
    expect(rows.map((row) => pods.isRemoved(row))).toEqual([true, false, false, true, false])
    expect(cluster.sim.pending).toBe(0)
  })

  it('does not count those of traces', () => {
    const cluster = new JobCluster(1)
    const tasks = new Tasks(cluster.sim, cluster.api, { keepFinished: true, retriesMax: undefined })
    cluster.startScheduler()
    const template = podTemplate()
    tasks.submit({ name: 't', at: 0, template, cpu: 100, memory: 0, count: 5, duration: SECOND })
    const row = cluster.pod('p')
    cluster.runTo(10)
    cluster.api.pods.finish(row, { succeeded: true, reason: '' })
    cluster.runTo(100)
    expect([cluster.api.pods.count, cluster.api.pods.unfinished]).toEqual([6, 0])
  })

  it('deletes what cannot end on a node that is out of service', () => {
    const cluster = new JobCluster()
    const [going, stays] = [cluster.pod('going'), cluster.pod('stays')]
    cluster.runTo(5)
    cluster.machines.crash(cluster.home, 'test')
    cluster.api.pods.requestDeletion(going, { grace: 30 * SECOND, reason: 'TaintEviction' })
    cluster.runTo(65)
    cluster.putOutOfService()
    cluster.runTo(79)
    expect(cluster.state(going)).toContain('deleting')
    cluster.runTo(80)
    expect([cluster.state(going), cluster.state(stays)]).toEqual(['gone', 'Running'])
    expect(cluster.api.pods.table.reason(going)).toBe('TaintEviction')
    cluster.runTo(90)
    cluster.api.pods.requestDeletion(stays, { grace: 30 * SECOND, reason: '' })
    cluster.runTo(100)
    expect(cluster.state(stays)).toBe('gone')
  })

  it('fails those that are about to go and have no node, so that their owner can let them go', () => {
    const cluster = new JobCluster()
    const row = cluster.pod('p', false, ['batch.kubernetes.io/job-tracking'])
    cluster.runTo(5)
    cluster.api.pods.requestDeletion(row, { grace: 30 * SECOND, reason: '' })
    cluster.runTo(20)
    expect(cluster.state(row)).toBe('Failed DeletionByPodGC deleting')
  })

  it('say why they were disrupted when their node is gone', () => {
    const cluster = new JobCluster()
    const row = cluster.pod('p')
    cluster.at(101, () => void cluster.api.nodes.delete('n'))
    cluster.runTo(200)
    expect(cluster.state(row)).toBe('gone')
    expect(cluster.api.pods.detailsOf(row).conditions).toMatchObject([
      { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC' },
    ])
  })
})
