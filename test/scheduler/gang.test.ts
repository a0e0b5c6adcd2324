import { describe, expect, it } from 'vitest'

import type { PodGroup } from '../../src/api/types.generated.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { createPod, node, nodeOf } from './cluster-builder.ts'
import { createGroup, createMembers, groupCluster, podGroup, storedGroup } from './pod-group-builder.ts'

const member = { cpu: '3', schedulingGroup: { podGroupName: 'train' } }

describe('a gang', () => {
  it('is bound together once all that it needs are there', () => {
    const cluster = groupCluster(3)
    const { sim, api, scheduler, outcomes } = cluster
    createGroup(cluster, 3)
    const pods = [...createMembers(cluster, ['a', 'b'])]
    sim.run(SECOND)
    expect(pods.map((pod) => scheduler.queue.get(pod)?.place)).toEqual(['gated', 'gated'])
    expect(outcomes).toEqual([])

    pods.push(...createMembers(cluster, ['c']))
    sim.run(2 * SECOND)
    expect(outcomes).toEqual(['1 a bound', '1 b bound', '1 c bound'])
    expect(pods.map((pod) => nodeOf(api, pod)).sort()).toEqual(['n0', 'n1', 'n2'])
    expect(scheduler.queue.size).toBe(0)
    expect(storedGroup(cluster)?.status?.conditions).toEqual([
      {
        type: 'PodGroupInitiallyScheduled',
        status: 'True',
        reason: 'Scheduled',
        message: '',
        lastTransitionTime: '1970-01-01T00:00:01Z',
      },
    ])
  })

  it('waits for its PodGroup', () => {
    const cluster = groupCluster(1)
    const { sim, api } = cluster
    const [pod] = createMembers(cluster, ['a'])
    if (pod === undefined) throw new Error('there is no pod')
    sim.run(SECOND)
    expect(nodeOf(api, pod)).toBe('')
    createGroup(cluster, 1)
    sim.run(2 * SECOND)
    expect(nodeOf(api, pod)).toBe('n0')
  })

  it('that does not fit holds nothing, backs off as one, and says why', () => {
    const cluster = groupCluster(2)
    const { sim, api, outcomes, messages, scheduler } = cluster
    createGroup(cluster, 3)
    createMembers(cluster, ['a', 'b', 'c'])
    const other = createPod(api, 'other', { cpu: '3' })
    sim.run(SECOND)
    expect(nodeOf(api, other)).not.toBe('')
    expect([...messages]).toEqual([
      [
        'a',
        'minCount (3) cannot be satisfied: 2 scheduled, 0 remaining, ' +
          'pod group preemption: No preemption victims found for incoming preemptor',
      ],
      ['b', messages.get('a')],
      ['c', '0/2 nodes are available: 2 Insufficient cpu.'],
    ])
    expect(storedGroup(cluster)?.status?.conditions?.[0]).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: messages.get('a'),
    })
    expect([...scheduler.queue.list()].map(({ place }) => place)).toEqual(['backoff', 'backoff', 'backoff'])

    sim.run(MINUTE)
    const tried = outcomes.filter((line) => line.includes(' c ')).map((line) => line.split(' ')[0])
    // Doubled up to 10 s times the square root of 3, rounded down, and over at the second after that.
    expect(tried).toEqual(['0', '2', '5', '10', '19', '36', '54'])
  })

  it('that fails at its first pods tries no more of them than it has to', () => {
    const cluster = groupCluster(1)
    const { sim, messages, outcomes } = cluster
    createGroup(cluster, 3)
    createMembers(cluster, ['a', 'b', 'c', 'd'])
    sim.run(SECOND)
    const reason = 'minCount (3) cannot be satisfied: 1 scheduled, 1 remaining'
    expect(messages.get('d')).toContain(reason)
    expect(messages.get('a')).toContain(reason)
    expect(messages.get('c')).toBe('0/1 nodes are available: 1 Insufficient cpu.')
    expect(outcomes).toHaveLength(4)
  })

  it('is complete when a node comes', () => {
    const cluster = groupCluster(2)
    const { sim, api } = cluster
    createGroup(cluster, 3)
    const pods = createMembers(cluster, ['a', 'b', 'c'])
    sim.run(MINUTE)
    api.nodes.create(node('late', { cpu: '4', memory: '16Gi' }))
    sim.run(MINUTE)
    expect(pods.map((pod) => nodeOf(api, pod)).sort()).toEqual(['late', 'n0', 'n1'])
    expect(cluster.outcomes.at(-1)).toBe('60 c bound')
  })

  it('lets the others in when minCount falls', () => {
    const cluster = groupCluster(2)
    const { sim, api } = cluster
    createGroup(cluster, 3)
    const pods = createMembers(cluster, ['a', 'b'])
    sim.run(SECOND)
    api.collection<PodGroup>('PodGroup').update(podGroup('train', 2))
    sim.run(2 * SECOND)
    expect(pods.map((pod) => nodeOf(api, pod))).toEqual(['n0', 'n1'])
  })

  it('is bound without pods that it does not need, which follow when they can', () => {
    const cluster = groupCluster(2)
    const { sim, api, outcomes, messages } = cluster
    createGroup(cluster, 2)
    const pods = createMembers(cluster, ['a', 'b', 'c'])
    sim.run(SECOND)
    expect(outcomes).toEqual(['0 a bound', '0 b bound', '0 c unschedulable', '0 c unschedulable'])
    expect(messages.get('c')).toBe('0/2 nodes are available: 2 Insufficient cpu.')
    expect(storedGroup(cluster)?.status?.conditions?.[0]?.status).toBe('True')
    api.nodes.create(node('late', { cpu: '4', memory: '16Gi' }))
    sim.run(MINUTE)
    expect(pods.map((pod) => nodeOf(api, pod)).sort()).toEqual(['late', 'n0', 'n1'])
  })

  it('waits as a whole for a pod of it with a scheduling gate', () => {
    const cluster = groupCluster(2)
    const { sim, api, scheduler } = cluster
    createGroup(cluster, 1)
    const [gated] = createMembers(cluster, ['a'], { schedulingGates: [{ name: 'later' }] })
    const [free] = createMembers(cluster, ['b'])
    if (gated === undefined || free === undefined) throw new Error('there is no pod')
    sim.run(SECOND)
    expect([gated, free].map((pod) => scheduler.queue.get(pod)?.place)).toEqual(['gated', 'gated'])
    api.pods.remove(gated)
    sim.run(2 * SECOND)
    expect(nodeOf(api, free)).not.toBe('')
  })

  it('takes its turn by the priority of the PodGroup', () => {
    const cluster = groupCluster(1)
    const { sim, api, outcomes } = cluster
    createPod(api, 'first', { cpu: '3', priority: 5 })
    createGroup(cluster, 1, { priority: 9 })
    createMembers(cluster, ['a'], { priority: 9 })
    sim.run(0)
    expect(outcomes.slice(0, 2)).toEqual(['0 a bound', '0 first unschedulable'])
  })

  it('is in error when a pod has another priority than its PodGroup', () => {
    const cluster = groupCluster(2)
    const { sim, messages, scheduler } = cluster
    createGroup(cluster, 1)
    const pods = createMembers(cluster, ['a', 'b'], { priority: 7 })
    sim.run(SECOND)
    const reason =
      "all pods in a single pod group should have the same priority as the pod group's priority, got 7 and 0"
    expect([...messages.values()]).toEqual([reason, reason])
    expect(storedGroup(cluster)?.status?.conditions?.[0]).toMatchObject({
      status: 'False',
      reason: 'SchedulerError',
      message: reason,
    })
    expect(pods.map((pod) => scheduler.queue.get(pod)?.place)).toEqual(['error-backoff', 'error-backoff'])
  })

  it('counts pods that have a node already', () => {
    const cluster = groupCluster(3)
    const { sim, api, outcomes } = cluster
    createGroup(cluster, 2)
    createMembers(cluster, ['a', 'b'])
    sim.run(SECOND)
    createPod(api, 'late', member)
    sim.run(2 * SECOND)
    expect(outcomes.at(-1)).toBe('1 late bound')
  })
})

describe('other pods', () => {
  it('of a basic group are bound as far as they fit', () => {
    const cluster = groupCluster(1)
    const { sim, outcomes, messages } = cluster
    createGroup(cluster)
    createMembers(cluster, ['a', 'b'])
    sim.run(SECOND)
    expect(outcomes.slice(0, 2)).toEqual(['0 a bound', '0 b unschedulable'])
    expect(messages.get('b')).toBe('0/1 nodes are available: 1 Insufficient cpu.')
    expect(storedGroup(cluster)?.status?.conditions?.[0]?.status).toBe('True')
  })

  it('know nothing of groups while the gate is off', () => {
    const cluster = groupCluster(1, { GenericWorkload: false })
    const { sim, api } = cluster
    const [pod] = createMembers(cluster, ['a'])
    if (pod === undefined) throw new Error('there is no pod')
    sim.run(SECOND)
    expect(nodeOf(api, pod)).toBe('n0')
  })

  it('of a gang are placed as far as they fit in 1.36 without GangScheduling', () => {
    const cluster = groupCluster(1, {}, '1.36')
    createGroup(cluster, 2)
    createMembers(cluster, ['a', 'b'])
    cluster.sim.run(SECOND)
    expect(cluster.outcomes.slice(0, 2)).toEqual(['0 a bound', '0 b unschedulable'])
  })
})
