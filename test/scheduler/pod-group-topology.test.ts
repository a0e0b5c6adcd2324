import { expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { createPod, node, nodeOf } from './cluster-builder.ts'
import { createGroup, createMembers, groupCluster } from './pod-group-builder.ts'
import type { GroupCluster } from './pod-group-builder.ts'

const TOPOLOGY = {
  schedulingConstraints: { topology: [{ key: 'topology.kubernetes.io/zone' }] },
}

/** Zones `a`, `b` and `c` of so many nodes each, of 4 CPU. */
function zones(sizes: readonly number[]): GroupCluster {
  const cluster = groupCluster(0, { TopologyAwareWorkloadScheduling: true })
  sizes.forEach((size, place) => {
    const zone = 'abc'[place] ?? ''
    for (let i = 0; i < size; i++)
      cluster.api.nodes.create(node(`${zone}${i}`, { cpu: '4', memory: '16Gi', zone }))
  })
  return cluster
}

function zonesOf({ api }: GroupCluster, pods: readonly Parameters<typeof nodeOf>[1][]): string[] {
  return pods.map((pod) => nodeOf(api, pod).slice(0, 1))
}

it('places all pods of a gang in one zone, where they fit', () => {
  const cluster = zones([2, 3, 1])
  createGroup(cluster, 3, TOPOLOGY)
  const pods = createMembers(cluster, ['x', 'y', 'z'])
  cluster.sim.run(SECOND)
  expect(zonesOf(cluster, pods)).toEqual(['b', 'b', 'b'])
})

it('takes the zone that takes most of them', () => {
  const cluster = zones([2, 3, 2])
  createGroup(cluster, 2, TOPOLOGY)
  const pods = createMembers(cluster, ['x', 'y', 'z'])
  cluster.sim.run(SECOND)
  expect(zonesOf(cluster, pods)).toEqual(['b', 'b', 'b'])
})

it('takes the zone that it fills most, of those that take all of them', () => {
  const cluster = zones([4, 2, 3])
  createGroup(cluster, 2, TOPOLOGY)
  const pods = createMembers(cluster, ['x', 'y'])
  cluster.sim.run(SECOND)
  expect(zonesOf(cluster, pods)).toEqual(['b', 'b'])
})

it('keeps a gang that no zone takes off all of them, and says what the first lacks', () => {
  const cluster = zones([2, 2])
  createGroup(cluster, 3, TOPOLOGY)
  const pods = createMembers(cluster, ['x', 'y', 'z'])
  cluster.sim.run(SECOND)
  expect(zonesOf(cluster, pods)).toEqual(['', '', ''])
  expect(cluster.messages.get('x')).toContain(
    '0/2 placements are available, first placement status: minCount (3) cannot be satisfied: 2 scheduled, 0 remaining',
  )
  expect(cluster.messages.get('z')).toBe('0/2 nodes are available: 2 Insufficient cpu.')
})

it('does not give a pod that has to go to one node the node of another zone', () => {
  const cluster = zones([1, 3])
  createGroup(cluster, 2, TOPOLOGY)
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['a0'] }]
  const required = { nodeSelectorTerms: [{ matchFields }] }
  const pods = [
    ...createMembers(cluster, ['x'], {
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
    }),
    ...createMembers(cluster, ['y']),
  ]
  cluster.sim.run(SECOND)
  expect(zonesOf(cluster, pods)).toEqual(['', ''])
})

it('shows plugins the nodes of all zones', () => {
  const cluster = zones([2, 2])
  createGroup(cluster, 2, TOPOLOGY)
  const topologySpreadConstraints = [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule' as const,
      labelSelector: { matchLabels: { app: 'train' } },
    },
  ]
  const pods = createMembers(cluster, ['x', 'y'], { topologySpreadConstraints })
  cluster.sim.run(SECOND)
  expect(zonesOf(cluster, pods)).toEqual(['', ''])
  expect(cluster.messages.get('y')).toBe(
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints.",
  )
})

it('says that no pod fits where a gang is complete and its zone is full', () => {
  const cluster = zones([1, 2])
  createGroup(cluster, 1, TOPOLOGY)
  createMembers(cluster, ['x'])
  cluster.sim.run(SECOND)
  const [late = 0 as PodRow] = createMembers(cluster, ['y'], { cpu: '5' })
  cluster.sim.run(2 * SECOND)
  expect(nodeOf(cluster.api, late)).toBe('')
  expect(cluster.scheduler.amongGroup(late, (whyNot) => whyNot)).toBe('no pods were schedulable')
})

it('puts pods that come later to those that are there', () => {
  const cluster = zones([3, 3])
  createGroup(cluster, 1, TOPOLOGY)
  const pods = [...createMembers(cluster, ['x'])]
  cluster.sim.run(SECOND)
  const [zone = ''] = zonesOf(cluster, pods)
  const filler = zone === 'a' ? 'b' : 'a'
  createPod(cluster.api, `alone-${filler}`, { cpu: '1' })
  pods.push(...createMembers(cluster, ['y', 'z']))
  cluster.sim.run(SECOND)
  expect(zonesOf(cluster, pods)).toEqual([zone, zone, zone])
})

it('places groups without a constraint anywhere', () => {
  const cluster = zones([1, 1, 1])
  createGroup(cluster, 3)
  const pods = createMembers(cluster, ['x', 'y', 'z'])
  cluster.sim.run(SECOND)
  expect(zonesOf(cluster, pods).sort()).toEqual(['a', 'b', 'c'])
})

it('looks at no zone while the gate is off', () => {
  const cluster = groupCluster(3)
  createGroup(cluster, 3, TOPOLOGY)
  const pods = createMembers(cluster, ['x', 'y', 'z'])
  cluster.sim.run(SECOND)
  expect(pods.every((pod) => nodeOf(cluster.api, pod) !== '')).toBe(true)
})
