import { describe, expect, it } from 'vitest'

import type { PodDisruptionBudget } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { createPod } from '../../src/cluster/create-pod.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { startDisruptionController } from '../../src/controllers/disruption.ts'
import { Drain } from '../../src/controllers/drain.ts'
import type { DrainOptions } from '../../src/controllers/drain.ts'
import { evictPod } from '../../src/controllers/eviction-api.ts'
import type { DrainedNode } from '../../src/controllers/node-drains.ts'
import { TestCluster } from '../node/test-cluster.ts'

/** A node with ready pods of one ReplicaSet, on which a budget may be. */
class DrainedCluster extends TestCluster {
  readonly drained = this.addNode('a')
  readonly pods: readonly PodRow[]

  constructor(count: number, budget?: NonNullable<PodDisruptionBudget['spec']>, kind = 'ReplicaSet') {
    super()
    const { api, sim } = this
    const owned = new OwnedPods(api)
    startDisruptionController({ sim, api })
    const set = api.collection(kind).create({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: 'web', namespace: 'default' },
      ...{ spec: { replicas: count } },
    })
    if (!set.ok) throw new Error(set.message)
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c' }] } }
    this.pods = Array.from({ length: count }, (_, index) => {
      const pod = createPod(api, { owner: owned.ownerFor(set.object), template, name: `web-${index}` })
      if (!pod.ok) throw new Error(pod.message)
      api.pods.bind(pod.row, this.drained, 0)
      return pod.row
    })
    if (budget !== undefined) {
      const spec = { selector: { matchLabels: { app: 'web' } }, ...budget }
      api
        .collection<PodDisruptionBudget>('PodDisruptionBudget')
        .create({ kind: 'PodDisruptionBudget', metadata: { name: 'b', namespace: 'default' }, spec })
    }
    this.runTo(1)
  }

  drain(options: DrainOptions = {}): DrainedNode[] {
    const done: DrainedNode[] = []
    const { sim, api } = this
    new Drain({ sim, api, name: 'drain' }, ['a'], options, (node) => done.push(node))
    return done
  }

  /** Binds and starts a pod in place of one that went. */
  replace(index: number, node: NodeRow): void {
    const { api } = this
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c' }] } }
    const interned = api.pods.templates.internPod({ metadata: template.metadata, spec: template.spec })
    if (!interned.ok) throw new Error(interned.message)
    api.pods.bind(api.pods.create({ template: interned.id, name: `new-${index}` }), node, 0)
  }
}

describe('Drain', () => {
  it('cordons the node and evicts its pods at once where no budget minds', () => {
    const cluster = new DrainedCluster(3)
    const done = cluster.drain()
    cluster.runTo(60)
    expect(done).toMatchObject([{ node: 'a', evicted: 3, refusals: 0, left: 0, startedAt: SECOND }])
    expect(cluster.pods.map((pod) => cluster.state(pod))).toEqual(['gone', 'gone', 'gone'])
    expect(cluster.taints(cluster.drained)).toEqual(['unschedulable:NoSchedule'])
  })

  it('evicts as many as the budget allows, and the next when others are ready in their place', () => {
    const cluster = new DrainedCluster(3, { maxUnavailable: 1 })
    const other = cluster.addNode('b')
    const done = cluster.drain()
    cluster.runTo(3)
    expect(cluster.pods.filter((pod) => cluster.state(pod) === 'gone')).toHaveLength(1)
    cluster.replace(0, other)
    cluster.runTo(8)
    expect(cluster.pods.filter((pod) => cluster.state(pod) === 'gone')).toHaveLength(2)
    cluster.replace(1, other)
    cluster.runTo(30)
    expect(done).toMatchObject([{ evicted: 3, refusals: 3, left: 0 }])
  })

  it('gives a node up after the timeout, with the pods that were still there', () => {
    const cluster = new DrainedCluster(3, { minAvailable: 3 })
    const done = cluster.drain({ timeout: 20 * SECOND })
    cluster.runTo(60)
    expect(done).toMatchObject([{ evicted: 0, left: 3, endedAt: 21 * SECOND }])
  })

  it('leaves DaemonSet pods, and opens the node again when asked to', () => {
    const cluster = new DrainedCluster(2, undefined, 'DaemonSet')
    const done = cluster.drain({ uncordonAfter: 10 * SECOND })
    cluster.runTo(60)
    expect(done).toMatchObject([{ evicted: 0, left: 0 }])
    expect(cluster.pods.map((pod) => cluster.state(pod))).toEqual(['Running', 'Running'])
    expect(cluster.taints(cluster.drained)).toEqual([])
  })
})

describe('evictPod', () => {
  it('refuses with what the budget needs and has, and lets unhealthy pods go as its policy says', () => {
    const cluster = new DrainedCluster(2, { minAvailable: 2 })
    const [first = 0 as PodRow, second = 0 as PodRow] = cluster.pods
    expect(evictPod(cluster.api, first)).toEqual({
      ok: false,
      code: 429,
      message:
        "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget b needs 2 healthy pods and has 2 currently",
    })
    cluster.api.pods.setReady(second, false)
    cluster.runTo(2)
    expect(evictPod(cluster.api, second)).toMatchObject({ ok: false })
    const budgets = cluster.api.collection<PodDisruptionBudget>('PodDisruptionBudget')
    const budget = budgets.get('default/b')
    budgets.update({ ...budget, spec: { ...budget?.spec, unhealthyPodEvictionPolicy: 'AlwaysAllow' } })
    cluster.runTo(3)
    expect(evictPod(cluster.api, second)).toEqual({ ok: true })
    expect(cluster.api.pods.detailsOf(second).conditions).toMatchObject([
      { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' },
    ])
  })

  it('lets a pod go that is going already, and says of it, too, that it is disrupted', () => {
    const cluster = new DrainedCluster(2, { minAvailable: 2 })
    const [pod = 0 as PodRow] = cluster.pods
    cluster.api.pods.requestDeletion(pod, { grace: 30 * SECOND, reason: 'ScaledDown' })
    expect(evictPod(cluster.api, pod)).toEqual({ ok: true })
    expect(cluster.api.pods.detailsOf(pod).conditions).toMatchObject([{ type: 'DisruptionTarget' }])
    expect(cluster.api.pods.table.reason(pod)).toBe('ScaledDown')
  })

  it('grants each disruption once, though the controller has not seen the deletion yet', () => {
    const cluster = new DrainedCluster(3, { maxUnavailable: 1 })
    const results = cluster.pods.map((pod) => evictPod(cluster.api, pod).ok)
    expect(results).toEqual([true, false, false])
  })
})
