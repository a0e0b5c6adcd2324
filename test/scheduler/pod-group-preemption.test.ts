import { describe, expect, it } from 'vitest'

import type { PodDisruptionBudget, PodGroup } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { createPod, nodeOf } from './cluster-builder.ts'
import { createGroup, createMembers, groupCluster, podGroup } from './pod-group-builder.ts'
import type { GroupCluster } from './pod-group-builder.ts'

const NOW = { terminationGracePeriodSeconds: 0 }

/** Two nodes, each with two pods of 1 CPU and of no importance, and room for none of a gang. */
function fullCluster(gates: Readonly<Record<string, boolean>> = {}): GroupCluster {
  const cluster = groupCluster(2, gates)
  for (let i = 0; i < 4; i++) createPod(cluster.api, `low-${i}`, { cpu: '1', ...NOW }, 'low')
  cluster.sim.run(SECOND)
  return cluster
}

describe('preemption for a gang', () => {
  it('makes room in the whole cluster at once, and no more than it takes', () => {
    const cluster = fullCluster()
    const { sim, api, outcomes, messages, victims } = cluster
    createGroup(cluster, 2, { priority: 5 })
    const pods = createMembers(cluster, ['a', 'b'], { priority: 5 })
    sim.run(SECOND)
    expect(outcomes.slice(4)).toEqual(['1 a nominated', '1 b nominated', '1 a bound', '1 b bound'])
    expect(pods.map((pod) => nodeOf(api, pod)).sort()).toEqual(['n0', 'n1'])
    // Each needs 3 of 4 CPU: of the two on each node, one can stay.
    expect(victims.get('a')?.toSorted()).toEqual(['low-2', 'low-3'])
    expect(messages.get('b')).toBe(
      'minCount (2) cannot be satisfied: 0 scheduled, 1 remaining, ' +
        'pod group preemption: found a placement for podgroup, preempting 2 victims',
    )
  })

  it('removes no more than it takes for pods that keep away from each other', () => {
    const cluster = fullCluster()
    const labelSelector = { matchLabels: { app: 'train' } }
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector }
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    createGroup(cluster, 2, { priority: 5 })
    const pods = createMembers(cluster, ['a', 'b'], { priority: 5, affinity })
    cluster.sim.run(SECOND)
    expect(pods.map((pod) => nodeOf(cluster.api, pod)).sort()).toEqual(['n0', 'n1'])
    expect(cluster.victims.get('a')?.toSorted()).toEqual(['low-2', 'low-3'])
  })

  it('removes nobody when the gang would not fit even so', () => {
    const cluster = fullCluster()
    createGroup(cluster, 3, { priority: 5 })
    createMembers(cluster, ['a', 'b', 'c'], { priority: 5 })
    cluster.sim.run(5 * SECOND)
    expect(cluster.victims.size).toBe(0)
    expect(cluster.messages.get('b')).toContain(
      'pod group preemption: minCount (3) cannot be satisfied: 2 scheduled, 0 remaining',
    )
  })

  it('waits for victims that take their time', () => {
    const cluster = groupCluster(1)
    const { sim, api, messages, victims } = cluster
    createPod(api, 'low', { cpu: '3', terminationGracePeriodSeconds: 20 })
    sim.run(SECOND)
    createGroup(cluster, 1, { priority: 5 })
    const [pod] = createMembers(cluster, ['a'], { priority: 5 })
    sim.run(10 * SECOND)
    expect([...victims.keys()]).toEqual(['a'])
    expect(messages.get('a')).toBe('0/1 nodes are available: 1 Insufficient cpu.')
    expect(pod === undefined ? '' : nodeOf(api, pod)).toBe('')
    expect(cluster.scheduler.cluster.nominations.size).toBe(1)
  })

  it('is looked for again as soon as the pod is gone that the room was for', () => {
    const cluster = groupCluster(1)
    const { sim, api } = cluster
    createPod(api, 'low', { cpu: '1', terminationGracePeriodSeconds: 60 })
    sim.run(SECOND)
    const high = createPod(api, 'high', { cpu: '4', priority: 10 })
    sim.run(2 * SECOND)
    expect(cluster.victims.get('high')).toEqual(['low'])
    createGroup(cluster, 1, { priority: 5 })
    const [pod] = createMembers(cluster, ['a'], { priority: 5 })
    sim.run(2.2 * SECOND)
    expect(cluster.outcomes.at(-1)).toBe('2 a unschedulable')
    api.pods.remove(high)
    sim.run(2.4 * SECOND)
    expect(pod === undefined ? '' : nodeOf(api, pod)).toBe('n0')
  })

  it('preempts nobody with preemptionPolicy Never, by its pods or by itself', () => {
    const never = 'pod group preemption: not eligible due to preemptionPolicy=Never.'
    const byPods = fullCluster()
    createGroup(byPods, 2, { priority: 5 })
    createMembers(byPods, ['a', 'b'], { priority: 5, preemptionPolicy: 'Never' })
    byPods.sim.run(SECOND)
    expect(byPods.messages.get('b')).toContain(never)

    const byGroup = fullCluster({ PodGroupPreemptionPolicy: true })
    createGroup(byGroup, 2, { priority: 5, preemptionPolicy: 'Never' })
    createMembers(byGroup, ['a', 'b'], { priority: 5 })
    byGroup.sim.run(SECOND)
    expect(byGroup.messages.get('a')).toContain(
      "should have the same preemption policy as the pod group's preemption policy",
    )
  })

  it('spares what a budget protects before what is as important', () => {
    const cluster = groupCluster(1)
    const { sim, api, victims } = cluster
    createPod(api, 'guarded', { cpu: '1', ...NOW }, 'guarded')
    createPod(api, 'other', { cpu: '1', ...NOW }, 'other')
    sim.run(SECOND)
    api.collection<PodDisruptionBudget>('PodDisruptionBudget').create({
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guard', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'guarded' } } },
      status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    })
    createGroup(cluster, 1, { priority: 5 })
    createMembers(cluster, ['a'], { priority: 5 })
    sim.run(SECOND)
    expect(victims.get('a')).toEqual(['other'])
  })

  it('takes a group whose disruptionMode is all as a whole, wherever its pods are', () => {
    const cluster = groupCluster(3)
    const { sim, api, victims } = cluster
    const all = podGroup('together', 2, { priority: 1, disruptionMode: { all: {} } })
    api.collection<PodGroup>('PodGroup').create(all)
    for (const name of ['x', 'y', 'z']) {
      const schedulingGroup = { podGroupName: 'together' }
      createPod(api, name, { cpu: '3', priority: 1, schedulingGroup, ...NOW }, 'together')
    }
    sim.run(SECOND)
    createGroup(cluster, 1, { priority: 5 })
    createMembers(cluster, ['a'], { priority: 5 })
    sim.run(SECOND)
    expect(victims.get('a')?.toSorted()).toEqual(['x', 'y', 'z'])
  })

  it('is off in 1.36 without its gate', () => {
    const cluster = groupCluster(1, { GangScheduling: true }, '1.36')
    createPod(cluster.api, 'low', { cpu: '3', ...NOW })
    cluster.sim.run(SECOND)
    createGroup(cluster, 1, { priority: 5 })
    createMembers(cluster, ['a'], { priority: 5 })
    cluster.sim.run(SECOND)
    expect(cluster.victims.size).toBe(0)
  })
})

describe('preemption by a pod of its own', () => {
  function withGang(disruptionMode: object): GroupCluster {
    const cluster = groupCluster(2)
    cluster.api
      .collection<PodGroup>('PodGroup')
      .create(podGroup('together', 2, { priority: 1, disruptionMode }))
    for (const name of ['x', 'y']) {
      const schedulingGroup = { podGroupName: 'together' }
      createPod(cluster.api, name, { cpu: '3', priority: 1, schedulingGroup, ...NOW }, 'together')
    }
    cluster.sim.run(SECOND)
    createPod(cluster.api, 'urgent', { cpu: '3', priority: 9 })
    cluster.sim.run(2 * SECOND)
    return cluster
  }

  it('takes a gang whose disruptionMode is all as a whole, on all of its nodes', () => {
    expect(withGang({ all: {} }).victims.get('urgent')?.toSorted()).toEqual(['x', 'y'])
  })

  it('takes one pod of a gang whose disruptionMode is single', () => {
    expect(withGang({ single: {} }).victims.get('urgent')).toHaveLength(1)
  })
})
