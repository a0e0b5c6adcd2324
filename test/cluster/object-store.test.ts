import { describe, expect, it } from 'vitest'

import type { Deployment } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { createPod } from '../../src/cluster/create-pod.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import { podObject } from '../../src/cluster/pod-object.ts'
import { Simulation } from '../../src/engine/simulation.ts'

const TEMPLATE = { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const DEPLOYMENT: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'd' } }, template: TEMPLATE },
}

function server(): ApiServer {
  return new ApiServer(new Simulation({ seed: 1 }), [])
}

describe('ObjectStore', () => {
  it('stamps what the server gives, and counts generations of the spec', () => {
    const api = server()
    api.sim.run(90 * SECOND)
    const store = api.collection<Deployment>('Deployment')
    const created = store.create(DEPLOYMENT)
    expect(created.ok && created.object.metadata).toMatchObject({
      creationTimestamp: '2026-01-01T00:01:30Z',
      generation: 1,
    })
    const uid = store.get('default/d')?.metadata?.uid
    expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    store.update({ ...DEPLOYMENT, status: { replicas: 1 } })
    expect(store.get('default/d')?.metadata).toMatchObject({ uid, generation: 1 })
    store.update({ ...DEPLOYMENT, spec: { ...DEPLOYMENT.spec, replicas: 2, selector: {}, template: {} } })
    expect(store.get('default/d')?.metadata).toMatchObject({ uid, generation: 2 })
  })

  it('keeps an object that is deleted while finalizers hold it', () => {
    const api = server()
    const store = api.collection<Deployment>('Deployment')
    store.create(DEPLOYMENT)
    store.delete('default/d', { propagationPolicy: 'Foreground' })
    const going = store.get('default/d')
    expect(going?.metadata).toMatchObject({ finalizers: ['foregroundDeletion'] })
    expect(going?.metadata?.deletionTimestamp).toBe('2026-01-01T00:00:00Z')
    store.update({ ...DEPLOYMENT, metadata: { ...going?.metadata, finalizers: [] } })
    expect(store.get('default/d')).toBeUndefined()
  })
})

describe('OwnedPods', () => {
  it('finds pods by their controller, from the write that creates them on', () => {
    const api = server()
    const owned = new OwnedPods(api)
    const created = api.collection<Deployment>('Deployment').create(DEPLOYMENT)
    if (!created.ok) throw new Error(created.message)
    const owner = owned.ownerFor(created.object)
    const pod = createPod(api, { owner, template: TEMPLATE, name: 'd-', isGenerated: true })
    if (!pod.ok) throw new Error(pod.message)
    expect(owned.of(owner.uid)).toEqual([pod.row])
    expect(podObject(api, pod.row).metadata).toMatchObject({
      name: expect.stringMatching(/^d-[bcdfghjklmnpqrstvwxz2456789]{5}$/) as string,
      ownerReferences: [{ kind: 'Deployment', name: 'd', controller: true, uid: owner.uid }],
    })
    api.pods.setOwner(pod.row, undefined)
    expect(owned.of(owner.uid)).toEqual([])
    expect(owned.orphansIn('default')).toEqual([pod.row])
    api.pods.requestDeletion(pod.row, { grace: 0, reason: '' })
    expect(owned.orphansIn('default')).toEqual([])
  })
})
