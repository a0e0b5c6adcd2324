import { describe, expect, it } from 'vitest'

import type { PodGroup } from '../../src/api/types.generated.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { buildCluster, createPod, node, nodeOf } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

const GATES = resolveFeatureGates('1.37', { GenericWorkload: true })

/** A cluster of equal nodes of 4 CPU, with what the scheduler decided so far. */
function gangCluster(nodeCount: number): TestCluster & { outcomes: string[] } {
  const cluster = buildCluster({ gates: GATES })
  const outcomes: string[] = []
  cluster.scheduler.observe(({ pod, outcome }) => outcomes.push(`${cluster.api.pods.nameOf(pod)} ${outcome}`))
  for (let i = 0; i < nodeCount; i++) cluster.api.nodes.create(node(`n${i}`, { cpu: '4', memory: '16Gi' }))
  return { ...cluster, outcomes }
}

function podGroup(name: string, gang: number | undefined): PodGroup {
  const schedulingPolicy = gang === undefined ? { basic: {} } : { gang: { minCount: gang } }
  return { kind: 'PodGroup', metadata: { name, namespace: 'default' }, spec: { schedulingPolicy } }
}

function createGroup({ api }: TestCluster, name: string, gang?: number): void {
  api.collection<PodGroup>('PodGroup').create(podGroup(name, gang))
}

const member = { cpu: '3', schedulingGroup: { podGroupName: 'train' } }

describe('a gang', () => {
  it('is bound together once all that it needs are there and have a node', () => {
    const cluster = gangCluster(3)
    const { sim, api, scheduler, outcomes } = cluster
    createGroup(cluster, 'train', 3)
    const pods = [createPod(api, 'a', member), createPod(api, 'b', member)]
    sim.run(SECOND)
    expect(pods.map((pod) => scheduler.queue.get(pod)?.place)).toEqual(['gated', 'gated'])
    expect(outcomes).toEqual([])

    pods.push(createPod(api, 'c', member))
    sim.run(2 * SECOND)
    expect(outcomes).toEqual(['a waiting', 'b waiting', 'c bound', 'a bound', 'b bound'])
    expect(pods.map((pod) => nodeOf(api, pod)).sort()).toEqual(['n0', 'n1', 'n2'])
    expect(scheduler.queue.size).toBe(0)
  })

  it('waits for its PodGroup', () => {
    const cluster = gangCluster(1)
    const { sim, api } = cluster
    const pod = createPod(api, 'a', member)
    sim.run(SECOND)
    expect(nodeOf(api, pod)).toBe('')
    createGroup(cluster, 'train', 1)
    sim.run(2 * SECOND)
    expect(nodeOf(api, pod)).toBe('n0')
  })

  it('that does not fit gives its room back after five minutes, all of it', () => {
    const cluster = gangCluster(2)
    const { sim, api, scheduler, outcomes } = cluster
    createGroup(cluster, 'train', 3)
    const pods = ['a', 'b', 'c'].map((name) => createPod(api, name, member))
    sim.run(SECOND)
    expect(outcomes.slice(0, 3)).toEqual(['a waiting', 'b waiting', 'c unschedulable'])
    const other = createPod(api, 'other', { cpu: '3' })
    const [, , last] = pods
    if (last === undefined) throw new Error('there is no pod')
    api.pods.remove(last)
    sim.run(5 * MINUTE - SECOND)
    expect(nodeOf(api, other)).toBe('')

    sim.run(5 * MINUTE + 30 * SECOND)
    expect(outcomes.filter((one) => /^[ab] unschedulable/.test(one))).toEqual([
      'a unschedulable',
      'b unschedulable',
    ])
    expect(nodeOf(api, other)).not.toBe('')
    expect(pods.map((pod) => nodeOf(api, pod))).toEqual(['', '', ''])
    expect([...scheduler.queue.list()].map(({ place }) => place)).toEqual(['unschedulable', 'unschedulable'])
  })

  it('that waits makes way for a pod of higher priority, and is not deleted', () => {
    const cluster = gangCluster(1)
    const { sim, api } = cluster
    createGroup(cluster, 'train', 2)
    const pods = ['a', 'b'].map((name) => createPod(api, name, member))
    sim.run(SECOND)
    const urgent = createPod(api, 'urgent', { cpu: '3', priority: 100 })
    sim.run(30 * SECOND)
    expect(nodeOf(api, urgent)).toBe('n0')
    expect(pods.some((pod) => api.pods.isRemoved(pod))).toBe(false)
  })

  it('is complete when a node comes in time', () => {
    const cluster = gangCluster(2)
    const { sim, api } = cluster
    createGroup(cluster, 'train', 3)
    const pods = ['a', 'b', 'c'].map((name) => createPod(api, name, member))
    sim.run(MINUTE)
    api.nodes.create(node('late', { cpu: '4', memory: '16Gi' }))
    sim.run(2 * MINUTE)
    expect(pods.map((pod) => nodeOf(api, pod))).toEqual(['n0', 'n1', 'late'])
  })

  it('lets the others in when minCount falls', () => {
    const cluster = gangCluster(2)
    const { sim, api } = cluster
    createGroup(cluster, 'train', 3)
    const pods = ['a', 'b'].map((name) => createPod(api, name, member))
    sim.run(SECOND)
    api.collection<PodGroup>('PodGroup').update(podGroup('train', 2))
    sim.run(2 * SECOND)
    expect(pods.map((pod) => nodeOf(api, pod))).toEqual(['n0', 'n1'])
  })

  it('gives room back when a pod that waits is deleted', () => {
    const cluster = gangCluster(1)
    const { sim, api } = cluster
    createGroup(cluster, 'train', 2)
    const pods = ['a', 'b'].map((name) => createPod(api, name, member))
    sim.run(SECOND)
    const [first] = pods
    if (first === undefined) throw new Error('there is no pod')
    api.pods.remove(first)
    const other = createPod(api, 'other', { cpu: '3' })
    sim.run(10 * SECOND)
    expect(nodeOf(api, other)).toBe('n0')
  })
})

describe('other pods', () => {
  it('of a basic group are bound one by one', () => {
    const cluster = gangCluster(1)
    const { sim, api, outcomes } = cluster
    createGroup(cluster, 'train')
    createPod(api, 'a', member)
    createPod(api, 'b', member)
    sim.run(SECOND)
    expect(outcomes[0]).toBe('a bound')
    expect(outcomes).not.toContain('a waiting')
  })

  it('know nothing of groups while the gate is off', () => {
    const { sim, api } = buildCluster()
    api.nodes.create(node('n0', { cpu: '4', memory: '16Gi' }))
    const pod = createPod(api, 'a', member)
    sim.run(SECOND)
    expect(nodeOf(api, pod)).toBe('n0')
  })
})
