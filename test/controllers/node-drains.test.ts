import { describe, expect, it } from 'vitest'

import type { PodDisruptionBudget, PodSpec } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { createPod } from '../../src/cluster/create-pod.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { startDisruptionController } from '../../src/controllers/disruption.ts'
import { NodeDrains } from '../../src/controllers/node-drains.ts'
import type { DrainedNode, NodeDrainOptions } from '../../src/controllers/node-drains.ts'
import { TestCluster } from '../node/test-cluster.ts'

interface OwnedPod {
  readonly kind?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: Partial<PodSpec>
  readonly node?: NodeRow
}

/** A node with pods of owners of several kinds; containers take 10 s to stop. */
class DrainCluster extends TestCluster {
  readonly drained = this.addNode('a')
  readonly #owned: OwnedPods
  #pods = 0

  constructor() {
    super({ kubelet: { stop: () => 10 * SECOND } })
    this.#owned = new OwnedPods(this.api)
    startDisruptionController(this)
  }

  /** An object that may own pods, `default/owner`. */
  createOwner(kind: string): void {
    const metadata = { name: 'owner', namespace: 'default' }
    this.api.collection(kind).create({ apiVersion: 'apps/v1', kind, metadata })
  }

  /** A pod on the node of a controller that is there, or has been. */
  ownedPod({ kind = 'ReplicaSet', labels = {}, spec = {}, node = this.drained }: OwnedPod = {}): PodRow {
    const owner = this.#owned.ownerFor({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: 'owner', namespace: 'default', uid: kind },
    })
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c' }], ...spec } }
    const pod = createPod(this.api, { owner, template, name: `pod-${this.#pods++}` })
    if (!pod.ok) throw new Error(pod.message)
    this.api.pods.bind(pod.row, node, 0)
    return pod.row
  }

  createBudget(name: string, minAvailable: number): void {
    const spec = { minAvailable, selector: { matchLabels: { app: 'web' } } }
    this.api
      .collection<PodDisruptionBudget>('PodDisruptionBudget')
      .create({ kind: 'PodDisruptionBudget', metadata: { name, namespace: 'default' }, spec })
  }

  drain(options: NodeDrainOptions = {}): DrainedNode[] {
    const done: DrainedNode[] = []
    const { sim, api } = this
    new NodeDrains({ sim, api, name: 'drain' }, options, (node) => done.push(node)).start('a')
    return done
  }
}

describe('NodeDrains', () => {
  it('waits for pods that are going already, without counting them as evicted', () => {
    const cluster = new DrainCluster()
    const [going, other] = [cluster.ownedPod(), cluster.ownedPod()]
    cluster.runTo(1)
    cluster.api.pods.requestDeletion(going, { grace: 30 * SECOND, reason: 'Deleted' })
    cluster.runTo(5)
    const done = cluster.drain()
    cluster.runTo(60)
    expect(cluster.state(going)).toBe('gone')
    expect(cluster.state(other)).toBe('gone')
    expect(done).toMatchObject([{ evicted: 1, left: 0, startedAt: 5 * SECOND, endedAt: 15 * SECOND }])
  })

  it('tells of pods with local storage, without a controller, and of DaemonSets that are there', () => {
    const cluster = new DrainCluster()
    cluster.createOwner('DaemonSet')
    const volumes = [{ name: 'data', emptyDir: {} }]
    cluster.ownedPod({ spec: { volumes } })
    cluster.createPod({ node: cluster.drained, spec: { volumes } })
    const staying = cluster.ownedPod({ kind: 'DaemonSet' })
    const finished = cluster.ownedPod({ kind: 'DaemonSet', spec: { volumes } })
    cluster.runTo(1)
    cluster.api.pods.finish(finished, { succeeded: false, reason: 'Error' })
    const done = cluster.drain()
    cluster.runTo(60)
    expect(done).toMatchObject([
      { evicted: 3, left: 0, pods: { daemonSet: 1, localStorage: 2, unmanaged: 1 } },
    ])
    expect([cluster.state(staying), cluster.state(finished)]).toEqual(['Running', 'gone'])
  })

  it('evicts pods whose DaemonSet is gone, and leaves static pods', () => {
    const cluster = new DrainCluster()
    const orphan = cluster.ownedPod({ kind: 'DaemonSet' })
    const interned = cluster.api.pods.templates.internPod({
      metadata: { name: 'static', annotations: { 'kubernetes.io/config.mirror': 'hash' } },
      spec: { containers: [{ name: 'c' }] },
    })
    if (!interned.ok) throw new Error(interned.message)
    const mirror = cluster.api.pods.create({ template: interned.id, node: cluster.drained })
    const done = cluster.drain()
    cluster.runTo(60)
    expect(done).toMatchObject([{ evicted: 1, left: 0, pods: { daemonSet: 0, unmanaged: 0 } }])
    expect([cluster.state(orphan), cluster.state(mirror)]).toEqual(['gone', 'Running'])
  })

  it('takes only the pods that its selector means', () => {
    const cluster = new DrainCluster()
    const web = cluster.ownedPod({ labels: { app: 'web' } })
    const other = cluster.ownedPod({ labels: { app: 'other' } })
    const done = cluster.drain({ podSelector: ({ app }) => app === 'web' })
    cluster.runTo(60)
    expect(done).toMatchObject([{ evicted: 1, left: 0 }])
    expect([cluster.state(web), cluster.state(other)]).toEqual(['gone', 'Running'])
  })

  it('deletes pods without asking their budget when eviction is disabled', () => {
    const cluster = new DrainCluster()
    const pods = [0, 1].map(() => cluster.ownedPod({ labels: { app: 'web' } }))
    cluster.createBudget('budget', 2)
    cluster.runTo(1)
    const done = cluster.drain({ disableEviction: true })
    cluster.runTo(5)
    expect(pods.map((pod) => cluster.api.pods.table.reason(pod))).toEqual([
      'DeletedByDrain',
      'DeletedByDrain',
    ])
    cluster.runTo(60)
    expect(done).toMatchObject([{ evicted: 2, refusals: 0, left: 0, endedAt: 11 * SECOND }])
  })

  it('gives a pod up that two budgets select, and goes on with the others', () => {
    const cluster = new DrainCluster()
    cluster.ownedPod()
    const twice = cluster.ownedPod({ labels: { app: 'web' } })
    cluster.createBudget('one', 0)
    cluster.createBudget('two', 0)
    cluster.runTo(1)
    const done = cluster.drain()
    cluster.runTo(60)
    const error =
      'default/pod-1: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    expect(done).toMatchObject([{ evicted: 1, refusals: 0, left: 1, errors: [error] }])
    expect(cluster.state(twice)).toBe('Running')
  })

  it('waits no longer for pods that should have been gone for more than the timeout', () => {
    const cluster = new DrainCluster()
    const [overdue, stuck] = [cluster.ownedPod(), cluster.ownedPod()]
    cluster.runTo(1)
    cluster.machines.crash(cluster.drained, 'test')
    cluster.api.pods.requestDeletion(overdue, { grace: SECOND, reason: 'Deleted' })
    cluster.runTo(20)
    const done = cluster.drain({ skipWaitForDeleteTimeout: 10 * SECOND })
    cluster.runTo(120)
    // The other was evicted at 20 s with 30 s of grace: at 61 s it is more than 10 s late.
    expect(done).toMatchObject([{ evicted: 1, left: 0, endedAt: 61 * SECOND }])
    expect([cluster.state(overdue), cluster.state(stuck)]).toEqual([
      'Running Deleted deleting',
      'Running EvictionByEvictionAPI deleting',
    ])
  })

  it('gives pods up that do not go in time', () => {
    const cluster = new DrainCluster()
    cluster.ownedPod()
    cluster.runTo(1)
    cluster.machines.crash(cluster.drained, 'test')
    const done = cluster.drain({ timeout: 90 * SECOND })
    cluster.runTo(200)
    expect(done).toMatchObject([{ evicted: 1, left: 1, endedAt: 91 * SECOND, errors: [] }])
  })
})
