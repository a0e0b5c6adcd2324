import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { OwnerReference } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import { createPod } from '../../src/cluster/create-pod.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { startGarbageCollector } from '../../src/controllers/garbage-collector.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** Objects that own each other, and a collector over them. */
class OwnedCluster {
  readonly sim = new Simulation({ seed: 1 })
  readonly api = new ApiServer(this.sim, [])
  readonly owned = new OwnedPods(this.api)

  start(limits = NO_LIMITS): void {
    startGarbageCollector({ sim: this.sim, api: this.api, limits })
    this.sim.run(this.sim.now)
  }

  create(
    kind: string,
    name: string,
    owners: readonly OwnerReference[] = [],
    namespace = 'default',
  ): StoredObject {
    const metadata = { name, namespace, ...(owners.length === 0 ? {} : { ownerReferences: owners }) }
    const created = this.api.collection(kind).create({ apiVersion: 'apps/v1', kind, metadata })
    if (!created.ok) throw new Error(created.message)
    return created.object
  }

  pod(name: string, owner: StoredObject): PodRow {
    const template = { spec: { containers: [{ name: 'c' }] } }
    const pod = createPod(this.api, { owner: this.owned.ownerFor(owner), template, name })
    if (!pod.ok) throw new Error(pod.message)
    return pod.row
  }

  delete(
    kind: string,
    name: string,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background',
  ): void {
    this.api.collection(kind).delete(`default/${name}`, { propagationPolicy })
    this.sim.run(this.sim.now)
  }

  has(kind: string, name: string): boolean {
    return this.api.collection(kind).get(`default/${name}`) !== undefined
  }
}

function referenceTo(object: StoredObject, blockOwnerDeletion = true): OwnerReference {
  const { apiVersion = '', kind = '', metadata } = object
  const { name = '', uid = '' } = metadata ?? {}
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion }
}

describe('the garbage collector', () => {
  it('deletes what an object owned, down to its pods, once it is gone (background)', () => {
    const cluster = new OwnedCluster()
    cluster.start()
    const deployment = cluster.create('Deployment', 'd')
    const set = cluster.create('ReplicaSet', 'r', [referenceTo(deployment)])
    const pod = cluster.pod('p', set)
    cluster.create('ReplicaSet', 'other')
    cluster.delete('Deployment', 'd')
    expect([cluster.has('ReplicaSet', 'r'), cluster.api.pods.isRemoved(pod)]).toEqual([false, true])
    expect(cluster.has('ReplicaSet', 'other')).toBe(true)
  })

  it('deletes dependents first where they block their owner (foreground)', () => {
    const cluster = new OwnedCluster()
    cluster.start()
    cluster.api.nodes.create({ metadata: { name: 'n' } })
    const deployment = cluster.create('Deployment', 'd')
    const set = cluster.create('ReplicaSet', 'r', [referenceTo(deployment)])
    const pod = cluster.pod('p', set)
    cluster.api.pods.bind(pod, 0 as NodeRow, 0)
    cluster.api.pods.markRunning(pod, true)
    cluster.delete('Deployment', 'd', 'Foreground')
    // The pod ends gracefully, and all that own it wait.
    expect(cluster.api.collection('ReplicaSet').get('default/r')?.metadata?.finalizers).toEqual([
      'foregroundDeletion',
    ])
    expect([cluster.has('Deployment', 'd'), cluster.api.pods.isRemoved(pod)]).toEqual([true, false])
    cluster.api.pods.remove(pod)
    cluster.sim.run(cluster.sim.now)
    expect([cluster.has('ReplicaSet', 'r'), cluster.has('Deployment', 'd')]).toEqual([false, false])
  })

  it('does not wait for dependents that do not block, and deletes them all the same', () => {
    const cluster = new OwnedCluster()
    cluster.start()
    const deployment = cluster.create('Deployment', 'd')
    const held = cluster.create('ReplicaSet', 'r', [referenceTo(deployment, false)])
    cluster.api.collection('ReplicaSet').update({
      ...held,
      metadata: { ...held.metadata, finalizers: ['example.org/held'] },
    })
    cluster.delete('Deployment', 'd', 'Foreground')
    expect(cluster.has('Deployment', 'd')).toBe(false)
    expect(cluster.api.collection('ReplicaSet').get('default/r')?.metadata?.deletionTimestamp).toBeDefined()
  })

  it('leaves dependents behind without their owner (orphan)', () => {
    const cluster = new OwnedCluster()
    cluster.start()
    const deployment = cluster.create('Deployment', 'd')
    const set = cluster.create('ReplicaSet', 'r', [referenceTo(deployment)])
    const pod = cluster.pod('p', set)
    cluster.delete('Deployment', 'd', 'Orphan')
    expect(cluster.has('Deployment', 'd')).toBe(false)
    const left = cluster.api.collection('ReplicaSet').get('default/r')
    expect(left?.metadata?.ownerReferences).toBeUndefined()
    cluster.delete('ReplicaSet', 'r', 'Orphan')
    expect([cluster.has('ReplicaSet', 'r'), cluster.api.pods.isRemoved(pod)]).toEqual([false, false])
    expect(cluster.owned.orphansIn('default')).toEqual([pod])
  })

  it('deletes an object whose owner is not there: one that was there before it started, and one that comes', () => {
    const cluster = new OwnedCluster()
    const missing = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'nobody' }
    cluster.create('ReplicaSet', 'early', [missing])
    cluster.start()
    expect(cluster.has('ReplicaSet', 'early')).toBe(false)
    cluster.create('ReplicaSet', 'late', [missing])
    const elsewhere = cluster.create('Deployment', 'd', [], 'elsewhere')
    cluster.create('ReplicaSet', 'strange', [referenceTo(elsewhere)])
    cluster.sim.run(0)
    expect([cluster.has('ReplicaSet', 'late'), cluster.has('ReplicaSet', 'strange')]).toEqual([false, false])
  })

  it('keeps what another owner has, without the reference to the one that is gone', () => {
    const cluster = new OwnedCluster()
    cluster.start()
    const [one, other] = [cluster.create('Deployment', 'one'), cluster.create('Deployment', 'other')]
    cluster.create('ConfigMap', 'shared', [
      { ...referenceTo(one), controller: false },
      { ...referenceTo(other), controller: false },
    ])
    cluster.delete('Deployment', 'one', 'Foreground')
    expect(cluster.has('Deployment', 'one')).toBe(false)
    const shared = cluster.api.collection('ConfigMap').get('default/shared')
    expect(shared?.metadata?.ownerReferences).toMatchObject([{ name: 'other' }])
    cluster.delete('Deployment', 'other')
    expect(cluster.has('ConfigMap', 'shared')).toBe(false)
  })

  it('keeps what pods and nodes own until they are gone', () => {
    const cluster = new OwnedCluster()
    cluster.start()
    const { api, sim } = cluster
    const set = cluster.create('ReplicaSet', 'r')
    const pod = cluster.pod('p', set)
    api.nodes.create({ metadata: { name: 'n' } })
    const ofPod = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: api.pods.uidOf(pod) }
    cluster.create('PersistentVolumeClaim', 'scratch', [ofPod])
    cluster.create('ResourceClaim', 'made', [{ ...ofPod, uid: 'default/p' }])
    const ofNode = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'whatever' }
    cluster.create('Lease', 'n', [ofNode])
    sim.run(sim.now + SECOND)
    expect(
      ['PersistentVolumeClaim', 'ResourceClaim', 'Lease'].map((kind) => api.collection(kind).size),
    ).toEqual([1, 1, 1])
    api.pods.requestDeletion(pod, { grace: 0, reason: '' })
    sim.run(sim.now)
    expect(api.collection('PersistentVolumeClaim').size).toBe(0)
  })

  it('deletes as fast as its client may: 15 at once, then 20 a second', () => {
    const cluster = new OwnedCluster()
    const { sim, api } = cluster
    startGarbageCollector({ sim, api })
    const deployment = cluster.create('Deployment', 'd')
    for (let i = 0; i < 55; i++) cluster.create('ReplicaSet', `r${i}`, [referenceTo(deployment)])
    cluster.delete('Deployment', 'd')
    expect(api.collection('ReplicaSet').size).toBe(40)
    sim.run(SECOND)
    expect(api.collection('ReplicaSet').size).toBe(20)
  })

  it('comes to an end for any owners and policies, circles too, with nothing left that has lost all its owners', () => {
    const nodes = fc.array(fc.array(fc.nat({ max: 7 }), { maxLength: 3 }), { minLength: 2, maxLength: 8 })
    const policies = fc.array(fc.constantFrom('Background', 'Foreground', 'Orphan' as const), {
      maxLength: 4,
    })
    fc.assert(
      fc.property(nodes, policies, fc.boolean(), (owners, deletions, blocks) => {
        const cluster = new OwnedCluster()
        cluster.start()
        const store = cluster.api.collection('Deployment')
        const objects = owners.map((_, index) => cluster.create('Deployment', `o${index}`))
        owners.forEach((own, index) => {
          const object = store.get(`default/o${index}`)
          const ownerReferences = [...new Set(own)].flatMap((owner) => {
            const target = owner === index ? undefined : objects[owner]
            return target === undefined ? [] : [{ ...referenceTo(target, blocks), controller: false }]
          })
          store.update({ ...object, metadata: { ...object?.metadata, ownerReferences } })
        })
        deletions.forEach((policy, index) => cluster.delete('Deployment', `o${index}`, policy))
        cluster.sim.run(1000 * SECOND)
        expect(cluster.sim.pending).toBe(0)
        const left = [...store.list()]
        const uids = new Set(left.map(({ metadata }) => metadata?.uid))
        for (const { metadata } of left) {
          expect(metadata?.deletionTimestamp).toBeUndefined()
          for (const { uid } of metadata?.ownerReferences ?? []) expect(uids.has(uid)).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })
})
