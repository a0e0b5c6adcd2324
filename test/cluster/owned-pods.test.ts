import { expect, it } from 'vitest'

import { ApiServer } from '../../src/cluster/api-server.ts'
import { createPod } from '../../src/cluster/create-pod.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { Simulation } from '../../src/engine/simulation.ts'

interface Cluster {
  readonly api: ApiServer
  readonly owned: OwnedPods
  readonly createSet: () => StoredObject
  readonly createOwned: (set: StoredObject) => PodRow
}

function cluster(): Cluster {
  const api = new ApiServer(new Simulation({ seed: 1 }), [])
  const owned = new OwnedPods(api)
  const sets = api.collection('ReplicaSet')
  return {
    api,
    owned,
    createSet: () => {
      const created = sets.create({ kind: 'ReplicaSet', metadata: { namespace: 'default', name: 'web' } })
      if (!created.ok) throw new Error(created.message)
      return created.object
    },
    createOwned: (set) => {
      const template = { metadata: { labels: { app: 'web' } } }
      const created = createPod(api, {
        owner: owned.ownerFor(set),
        template,
        name: 'web-',
        isGenerated: true,
      })
      if (!created.ok) throw new Error(created.message)
      return created.row
    },
  }
}

it('finds pods by their controller, and by their namespace once it has let them go', () => {
  const { api, owned, createSet, createOwned } = cluster()
  const set = createSet()
  const uid = set.metadata?.uid ?? ''
  const [one, other] = [createOwned(set), createOwned(set)]
  expect(owned.of(uid)).toEqual([one, other])
  api.pods.setOwner(one, undefined)
  expect([owned.of(uid), owned.orphansIn('default')]).toEqual([[other], [one]])
  api.pods.setOwner(one, owned.ownerFor(set))
  api.pods.requestDeletion(other, { grace: 0, reason: '' })
  expect([owned.of(uid), owned.orphansIn('default'), owned.count]).toEqual([[one], [], 1])
})

it('gives the pods of an object one owner, and those of the next object of its name another', () => {
  const { api, owned, createSet } = cluster()
  const first = createSet()
  const owner = owned.ownerFor(first)
  expect(owned.ownerFor({ ...first })).toBe(owner)
  api.collection('ReplicaSet').delete('default/web')
  const second = createSet()
  expect(owned.ownerFor(second)).toMatchObject({ key: 'default/web', uid: second.metadata?.uid })
  expect(owned.ownerFor(second)).not.toBe(owner)
})
