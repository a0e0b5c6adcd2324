import { describe, expect, it } from 'vitest'

import type { ReplicaSet, ReplicationController } from '../../src/api/types.generated.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { compareForDeletion, deletionCostOf } from '../../src/controllers/replicaset-ranking.ts'
import type { RankedPod } from '../../src/controllers/replicaset-ranking.ts'
import { startReplicaSetController } from '../../src/controllers/replicaset.ts'
import { startSlowly } from '../../src/controllers/slow-start.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { template, workloadCluster } from './deployment-cluster.ts'
import type { WorkloadCluster } from './deployment-cluster.ts'

function replicaSet(replicas: number, minReadySeconds = 0): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'set', namespace: 'default' },
    spec: { replicas, minReadySeconds, selector: { matchLabels: { app: 'web' } }, template: template(1) },
  }
}

function stored(cluster: WorkloadCluster): ReplicaSet | undefined {
  return cluster.api.collection<ReplicaSet>('ReplicaSet').get('default/set')
}

function resize(cluster: WorkloadCluster, replicas: number): void {
  const present = stored(cluster)
  if (present?.spec === undefined) throw new Error('there is no ReplicaSet')
  cluster.api.collection<ReplicaSet>('ReplicaSet').update({ ...present, spec: { ...present.spec, replicas } })
}

describe('a ReplicaSet', () => {
  it('replaces pods that fail or go, and says so', () => {
    const cluster = workloadCluster({ goesAfter: 10 * SECOND })
    cluster.api.collection('ReplicaSet').create(replicaSet(3))
    cluster.pass(MINUTE)
    const [failing, going] = cluster.active()
    cluster.api.pods.finish(failing as PodRow, { succeeded: false, reason: 'Error' })
    cluster.api.pods.requestDeletion(going as PodRow, { grace: 30 * SECOND, reason: '' })
    cluster.pass(SECOND / 2)
    expect(cluster.active()).toHaveLength(3)
    expect(stored(cluster)?.status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 1,
      availableReplicas: 1,
      terminatingReplicas: 1,
    })
    cluster.pass(MINUTE)
    expect(stored(cluster)?.status).toMatchObject({ readyReplicas: 3, terminatingReplicas: 0 })
  })

  it('counts a pod as available when it has been ready for minReadySeconds', () => {
    const cluster = workloadCluster()
    cluster.api.collection('ReplicaSet').create(replicaSet(2, 10))
    cluster.pass(11 * SECOND - 1)
    expect(stored(cluster)?.status).toMatchObject({ readyReplicas: 2, availableReplicas: 0 })
    cluster.pass(2)
    expect(stored(cluster)?.status?.availableReplicas).toBe(2)
  })

  it('deletes pods that are not ready before those that are', () => {
    let made = 0
    const cluster = workloadCluster({
      fate: () => {
        made += 1
        return made % 2 === 0 ? {} : { readyAfter: SECOND }
      },
    })
    cluster.api.collection('ReplicaSet').create(replicaSet(6))
    cluster.pass(MINUTE)
    resize(cluster, 3)
    cluster.pass(MINUTE)
    expect(cluster.active().every((row) => cluster.api.pods.table.isReady(row))).toBe(true)
    expect(stored(cluster)?.status).toMatchObject({ replicas: 3, readyReplicas: 3, observedGeneration: 2 })
  })

  it('makes no more than 500 pods in one round', () => {
    const sim = new Simulation({ seed: 1 })
    const api = new ApiServer(sim, [])
    const owned = new OwnedPods(api)
    const controller = startReplicaSetController({ sim, api, owned, limits: NO_LIMITS })
    api.collection('ReplicaSet').create(replicaSet(1200))
    const counts: number[] = []
    for (;;) {
      const before = api.pods.count
      if (sim.run(MINUTE, 1) !== 'paused') break
      if (api.pods.count > before) counts.push(api.pods.count - before)
    }
    expect(counts).toEqual([500, 500, 200])
    expect(controller.queue.length).toBe(0)
  })

  it('adopts pods that it selects, and releases those that it does not select any more', () => {
    const cluster = workloadCluster()
    const { api, owned } = cluster
    api.collection('ReplicaSet').create(replicaSet(2))
    cluster.pass(MINUTE)
    const [row] = cluster.active() as [PodRow]
    const { spec } = api.pods.infoOf(row).template
    const other = api.pods.templates.intern({
      metadata: { namespace: 'default', labels: { app: 'other' }, annotations: {} },
      spec,
      sizing: 'template',
    })
    if (!other.ok) throw new Error(other.message)
    const own = api.pods.table.template(row)
    api.pods.updateTemplate(row, other.id)
    cluster.pass(SECOND)
    expect(owned.orphansIn('default')).toEqual([row])
    expect(owned.of(stored(cluster)?.metadata?.uid ?? '')).toHaveLength(2)
    api.pods.updateTemplate(row, own)
    cluster.pass(SECOND)
    expect(owned.orphansIn('default')).toEqual([])
    expect(cluster.active()).toHaveLength(2)
  })

  it('says what hinders it while its pods are refused, and tries again after a back-off', () => {
    const sim = new Simulation({ seed: 1 })
    let isRefusing = true
    let asked = 0
    const api = new ApiServer(sim, [
      {
        name: 'Refusal',
        validate: () => {
          asked += 1
          return isRefusing ? 'pods are not wanted here' : undefined
        },
      },
    ])
    startReplicaSetController({ sim, api, owned: new OwnedPods(api), limits: NO_LIMITS })
    const sets = api.collection<ReplicaSet>('ReplicaSet')
    sets.create(replicaSet(3))
    sim.run(SECOND)
    expect(asked).toBe(1)
    expect(sets.get('default/set')?.status?.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods are not wanted here' },
    ])
    isRefusing = false
    // Verdicts are kept by template: another one is asked about anew.
    const present = sets.get('default/set')
    if (present?.spec === undefined) throw new Error('there is no ReplicaSet')
    sets.update({ ...present, spec: { ...present.spec, template: template(2) } })
    sim.run(MINUTE)
    expect(sets.get('default/set')?.status).toMatchObject({ replicas: 3 })
    expect(sets.get('default/set')?.status?.conditions).toBeUndefined()
  })
})

describe('a ReplicationController', () => {
  it('keeps its pods as a ReplicaSet does, with a map for a selector', () => {
    const cluster = workloadCluster()
    const controllers = cluster.api.collection<ReplicationController>('ReplicationController')
    controllers.create({
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'old', namespace: 'default' },
      spec: { replicas: 2, selector: { app: 'web' }, template: template(1) },
    })
    cluster.pass(MINUTE)
    expect(controllers.get('default/old')?.status).toEqual({
      observedGeneration: 1,
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    })
  })
})

describe('startSlowly', () => {
  it('waits for each batch before it starts the next one', () => {
    const pending: (() => void)[] = []
    const sizes: number[] = []
    let result: readonly unknown[] = []
    startSlowly({
      count: 10,
      initialBatchSize: 1,
      call: (settled) => void pending.push(() => settled()),
      done: (...all) => {
        result = all
      },
    })
    while (pending.length > 0) {
      const batch = pending.splice(0)
      sizes.push(batch.length)
      for (const settle of batch) settle()
    }
    expect(sizes).toEqual([1, 2, 4, 3])
    expect(result).toEqual([10, undefined])
  })
})

describe('the order of deletion', () => {
  const pod: RankedPod = {
    uid: 'm',
    isAssigned: true,
    phase: 'Running',
    isReady: true,
    readyAt: 0,
    createdAt: 0,
    deletionCost: 0,
    rank: 1,
    restarts: 0,
    sidecarRestarts: 0,
  }

  it.each<[string, Partial<RankedPod>]>([
    ['is on no node', { isAssigned: false, deletionCost: 9 }],
    ['is pending', { phase: 'Pending', deletionCost: 9 }],
    ['is not ready', { isReady: false, deletionCost: 9 }],
    ['costs less', { deletionCost: -1, rank: 0 }],
    ['has more company', { rank: 2, readyAt: -100 * SECOND }],
    ['has been ready for less time', { readyAt: 90 * SECOND }],
    ['was restarted more often', { restarts: 1 }],
    ['has a sidecar that was restarted more often', { sidecarRestarts: 1 }],
    ['is younger', { createdAt: 90 * SECOND }],
    ['has the lower uid at about the same age', { createdAt: SECOND, uid: 'a' }],
  ])('begins with the pod that %s', (_, first) => {
    expect(compareForDeletion({ ...pod, ...first }, pod, 100 * SECOND)).toBe(-1)
    expect(compareForDeletion(pod, { ...pod, ...first }, 100 * SECOND)).toBe(1)
  })

  it.each([
    ['-5', -5],
    ['0', 0],
    ['+5', 0],
    ['05', 0],
    ['2147483648', 0],
    ['', 0],
  ])('reads the cost %j as %d', (text, cost) => {
    expect(deletionCostOf({ 'controller.kubernetes.io/pod-deletion-cost': text })).toBe(cost)
  })
})
