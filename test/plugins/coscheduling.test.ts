import { describe, expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { NO_TIME } from '../../src/cluster/pod-table.ts'
import { NO_NODE } from '../../src/cluster/rows.ts'
import { buildCluster, createPod, node, nodeOf } from '../scheduler/cluster-builder.ts'
import { createGroup, createMember, gangCluster } from './gang-cluster.ts'
import type { GangCluster } from './gang-cluster.ts'
import { configurationOf } from './policy-cluster.ts'

const NEVER_PREEMPTS = 'preemption: not eligible due to preemptionPolicy=Never.'

/** A cluster of nodes of 4 CPU with the PodGroup `train`, and its pods, each of 3 CPU. */
function training(nodeCount: number, spec: object, names: readonly string[], args = {}): GangCluster {
  const built = gangCluster(nodeCount, { args })
  createGroup(built, 'train', spec)
  for (const name of names) createMember(built, name, { group: 'train' })
  built.sim.run(2)
  return built
}

function boundOf({ api, outcomes }: GangCluster): readonly string[] {
  const names = outcomes.flatMap((line) => (line.endsWith(' bound') ? [line.split(' ')[1] ?? ''] : []))
  return names.filter((name) => api.pods.rowOfGivenName(`default/${name}`) !== undefined).sort()
}

/** Those of the pods that have a node, bound to it or waiting there. */
function placedOf({ api, scheduler }: GangCluster, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const row = api.pods.rowOfGivenName(`default/${name}`)
    return row !== undefined && scheduler.cluster.nodes.placementOf(row) !== NO_NODE
  })
}

function endsOf({ outcomes }: GangCluster, name: string, outcome: string): readonly number[] {
  return outcomes
    .map((line) => line.split(' '))
    .flatMap(([at, of, what]) => (of === name && what === outcome ? [Math.floor(Number(at))] : []))
}

describe('Coscheduling, PreFilter', () => {
  it('rejects pods before minMember are there; the last one calls the others', () => {
    const built = training(3, { minMember: 3 }, ['a', 'b'])
    const { sim, messages, outcomes } = built
    sim.run(10 * SECOND)
    expect(messages.get('a')).toBe(
      '0/3 nodes are available: pre-filter pod a cannot find enough sibling pods, current pods number: 2, ' +
        `minMember of group: 3. ${NEVER_PREEMPTS}, PodGroup default/train gets rejected due to Pod a is ` +
        'unschedulable even after PostFilter',
    )
    createMember(built, 'c', { group: 'train' })
    sim.run(20 * SECOND)
    expect(outcomes.slice(2).map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'c waiting',
      'a waiting',
      'b bound',
      'c bound',
      'a bound',
    ])
  })

  it('rejects a group whose minResources the nodes do not have free together', () => {
    const minResources = { cpu: '10', memory: '8Gi' }
    const built = training(2, { minMember: 2, minResources }, ['a', 'b'])
    expect(built.messages.get('a')).toContain('0/2 nodes are available: resource gap: map[cpu:2].')
    expect(boundOf(built)).toEqual([])
  })

  it('counts places for minMember pods as a resource, and extended resources', () => {
    const built = gangCluster(0)
    built.api.nodes.create(node('small', { cpu: '4', memory: '4Gi', pods: '2' }))
    createGroup(built, 'train', { minMember: 3, minResources: { 'nvidia.com/gpu': '4' } })
    for (const name of ['a', 'b', 'c']) createMember(built, name, { group: 'train' })
    built.sim.run(2)
    expect(built.messages.get('a')).toContain('resource gap: map[nvidia.com/gpu:4 pods:1].')
  })

  it('takes what pods of the group have for free, and not what others have', () => {
    const built = training(2, { minMember: 1, minResources: { cpu: '8' } }, ['a'])
    expect(boundOf(built)).toEqual(['a'])
    built.sim.run(100 * SECOND)
    createMember(built, 'b', { group: 'train' })
    built.sim.run(101 * SECOND)
    expect(boundOf(built)).toEqual(['a', 'b'])
    createMember(built, 'other', { requests: { cpu: '1' } })
    built.sim.run(200 * SECOND)
    createMember(built, 'c', { group: 'train', requests: { cpu: '100m' } })
    built.sim.run(201 * SECOND)
    expect(built.messages.get('c')).toContain('resource gap: map[cpu:1].')
  })

  it('does not look at minResources again while the group is permitted', () => {
    const built = training(2, { minMember: 1, minResources: { cpu: '8' } }, ['a'])
    createMember(built, 'other', { requests: { cpu: '1' } })
    built.sim.run(30 * SECOND)
    createMember(built, 'b', { group: 'train', requests: { cpu: '100m' } })
    built.sim.run(31 * SECOND)
    expect(boundOf(built)).toEqual(['a', 'b', 'other'])
  })
})

describe('Coscheduling, Permit', () => {
  it('leaves pods without the label alone, and lets a fourth follow', () => {
    const built = gangCluster(4)
    createGroup(built, 'train', { minMember: 3 })
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) createMember(built, name, { group: 'train' })
    createMember(built, 'other', { requests: { cpu: '1' } })
    built.sim.run(5 * SECOND)
    expect(boundOf(built)).toEqual([...names, 'other'])
  })

  it('rejects pods whose PodGroup is not there, and tries them when it comes', () => {
    const built = gangCluster(2)
    const pods = ['a', 'b'].map((name) => createMember(built, name, { group: 'train' }))
    built.sim.run(SECOND)
    expect(built.messages.get('a')).toBe('0/1 nodes are available: 1 PodGroup not found.')
    expect(pods.map((pod) => nodeOf(built.api, pod))).toEqual(['', ''])
    createGroup(built, 'train', { minMember: 2 })
    built.sim.run(10 * SECOND)
    expect(boundOf(built)).toEqual(['a', 'b'])
  })

  it.each([
    ['of the group', { minMember: 10, scheduleTimeoutSeconds: 5 }, {}, 5, '5s'],
    ['of the plugin', { minMember: 10 }, {}, 60, '1m0s'],
    ['of the argument', { minMember: 10 }, { permitWaitingTimeSeconds: 90 }, 90, '1m30s'],
    [
      'of the plugin where that of the group is 0',
      { minMember: 10, scheduleTimeoutSeconds: 0 },
      {},
      60,
      '1m0s',
    ],
  ])('lets nine of ten pods wait for the time %s; the first takes the others with it', (...row) => {
    const [, spec, args, seconds, text] = row
    const names = Array.from({ length: 10 }, (_, index) => `p${index}`)
    const built = training(9, spec, names, args)
    expect(built.outcomes.filter((line) => line.endsWith(' waiting'))).toHaveLength(9)
    built.sim.run((seconds - 1) * SECOND)
    expect(built.outcomes.filter((line) => line.endsWith(' unschedulable'))).not.toContain('p0')
    expect(endsOf(built, 'p0', 'unschedulable')).toEqual([])
    built.sim.run(seconds * SECOND + 1)
    const ends = [...built.messages].filter(([name]) => name !== 'p9')
    expect(ends.map(([, message]) => message)).toEqual([
      `0/1 nodes are available: 1 rejected due to timeout after waiting ${text} at plugin Coscheduling.`,
      ...Array<string>(8).fill('0/1 nodes are available: 1 rejection in Unreserve.'),
    ])
    expect(placedOf(built, names.slice(0, 9))).toEqual([])
  })

  it('takes the nodes of all that wait when one of them is deleted', () => {
    const names = Array.from({ length: 10 }, (_, index) => `p${index}`)
    const built = training(9, { minMember: 10 }, names)
    const row = built.api.pods.rowOfGivenName('default/p3')
    if (row === undefined) throw new Error('there is no pod p3')
    built.api.pods.remove(row)
    built.sim.run(SECOND)
    expect(built.messages.get('p0')).toBe('0/1 nodes are available: 1 rejection in Unreserve.')
    expect(placedOf(built, names.slice(0, 9))).toEqual([])
  })
})

describe('Coscheduling, PostFilter', () => {
  it('gives the group up when more than a tenth of minMember have no node', () => {
    const built = training(2, { minMember: 3 }, ['a', 'b', 'c'])
    expect(built.outcomes.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'a waiting',
      'b waiting',
      'c unschedulable',
      'a unschedulable',
      'b unschedulable',
    ])
    expect(built.messages.get('a')).toBe('0/1 nodes are available: 1 optimistic rejection in PostFilter.')
    expect(built.messages.get('c')).toBe(
      `0/2 nodes are available: 2 Insufficient cpu. ${NEVER_PREEMPTS}, PodGroup default/train gets rejected due to ` +
        'Pod c is unschedulable even after PostFilter',
    )
  })

  it.each([
    [10, 9, 'waits'],
    [20, 18, 'waits'],
    [11, 9, 'ends'],
    [9, 8, 'ends'],
  ])('with %i pods and room for %i it %s', (minMember, room, what) => {
    const names = Array.from({ length: minMember }, (_, index) => `p${String(index).padStart(2, '0')}`)
    const built = training(room, { minMember }, names)
    // One of those behind it in the queue is the first again.
    expect(placedOf(built, names)).toHaveLength(what === 'waits' ? room : minMember - room - 1)
  })

  it('has nothing to give up once minMember are bound, and says of pods of no group that there is none', () => {
    const built = training(2, { minMember: 2 }, ['a', 'b', 'c'])
    createMember(built, 'other')
    built.sim.run(SECOND)
    expect(boundOf(built)).toEqual(['a', 'b'])
    expect(built.messages.get('c')).toBe(`0/2 nodes are available: 2 Insufficient cpu. ${NEVER_PREEMPTS}`)
    expect(built.messages.get('other')).toBe(
      `0/2 nodes are available: 2 Insufficient cpu. ${NEVER_PREEMPTS}, can not find pod group`,
    )
  })

  it('lets the group back off for podGroupBackoffSeconds, and no longer', () => {
    const built = training(2, { minMember: 3 }, ['a', 'b', 'c'], { podGroupBackoffSeconds: 20 })
    built.api.nodes.create(node('n2', { cpu: '4', memory: '16Gi' }))
    built.sim.run(15 * SECOND)
    expect(built.messages.get('c')).toContain(
      '0/3 nodes are available: podGroup default/train failed recently.',
    )
    expect(boundOf(built)).toEqual([])
    createMember(built, 'late', { group: 'train', requests: { cpu: '1' } })
    built.sim.run(19 * SECOND)
    expect(built.messages.get('late')).toContain('podGroup default/train failed recently')
    built.sim.run(21 * SECOND)
    createMember(built, 'later', { group: 'train', requests: { cpu: '1' } })
    built.sim.run(40 * SECOND)
    expect(boundOf(built)).toEqual(['a', 'b', 'c', 'late', 'later'])
  })

  it('tries a group that lacks room again after back-offs, not without end, and places it once there is room', () => {
    const names = ['a', 'b', 'c', 'd']
    const built = training(2, { minMember: 4 }, names)
    expect(built.outcomes.length).toBeLessThan(20)
    built.sim.run(60 * SECOND)
    expect(boundOf(built)).toEqual([])
    for (const name of ['n2', 'n3']) built.api.nodes.create(node(name, { cpu: '4', memory: '16Gi' }))
    built.sim.run(90 * SECOND)
    expect(boundOf(built)).toEqual(names)
  })
})

describe('Coscheduling, QueueSort', () => {
  it('tries pods of equal priority by the age of their groups, then by name', () => {
    const built = gangCluster(9)
    createGroup(built, 'old', { minMember: 2 })
    built.sim.run(5 * SECOND)
    createGroup(built, 'young', { minMember: 2 })
    for (const name of ['y2', 'y1']) createMember(built, name, { group: 'young', requests: { cpu: '1' } })
    createMember(built, 'alone', { requests: { cpu: '1' } })
    for (const name of ['o2', 'o1']) createMember(built, name, { group: 'old', requests: { cpu: '1' } })
    createMember(built, 'urgent', { priority: 5, requests: { cpu: '1' } })
    built.sim.run(6 * SECOND)
    const tried = built.outcomes.map((line) => line.split(' ').slice(1).join(' '))
    expect(tried).toEqual([
      'urgent bound',
      'o1 waiting',
      'o2 bound',
      'o1 bound',
      'alone bound',
      'y1 waiting',
      'y2 bound',
      'y1 bound',
    ])
  })

  it('keeps two groups that need the whole cluster each from holding half of it each', () => {
    const pods = ['x0', 'y0', 'x1', 'y1']
    const built = gangCluster(2)
    for (const group of ['x', 'y']) createGroup(built, group, { minMember: 2 })
    for (const name of pods) createMember(built, name, { group: name.slice(0, 1) })
    built.sim.run(60 * SECOND)
    expect(boundOf(built)).toEqual(['x0', 'x1'])
    const plain = buildCluster({ configuration: configurationOf('default') })
    for (const name of ['n0', 'n1']) plain.api.nodes.create(node(name, { cpu: '4', memory: '16Gi' }))
    const rows = pods.map((name) => createPod(plain.api, name, { cpu: '3' }))
    plain.sim.run(60 * SECOND)
    expect(rows.map((row) => nodeOf(plain.api, row) !== '')).toEqual([true, true, false, false])
  })
})

describe('Coscheduling, preempted', () => {
  it('keeps all pods that wait when they are victims together: they are rejected, and not deleted', () => {
    const built = gangCluster(1)
    const { api, sim, outcomes } = built
    createGroup(built, 'train', { minMember: 3 })
    // The third, which is gated, is a sibling that does not come.
    createMember(built, 'late', { group: 'train', gated: true })
    const members = ['a', 'b'].map((name) =>
      createMember(built, name, { group: 'train', requests: { cpu: '2' } }),
    )
    sim.run(2)
    expect(placedOf(built, ['a', 'b'])).toEqual(['a', 'b'])
    const urgent = createPod(api, 'urgent', { cpu: '4', priority: 100 })
    sim.run(SECOND)
    expect(outcomes.filter((line) => line.endsWith(' urgent nominated'))).toHaveLength(1)
    sim.run(20 * SECOND)
    expect(nodeOf(api, urgent)).toBe('n0')
    expect(members.map((row) => [api.pods.isRemoved(row), api.pods.table.deletingAt(row)])).toEqual([
      [false, NO_TIME],
      [false, NO_TIME],
    ])
  })
})
