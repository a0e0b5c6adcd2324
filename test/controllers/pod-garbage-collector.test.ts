import { expect, it } from 'vitest'
import { startPodGarbageCollector } from '../../src/controllers/pod-garbage-collector.ts'
import { Tasks } from '../../src/controllers/task.ts'
import { SECOND } from '../../src/base/time.ts'
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
