import { describe, expect, it } from 'vitest'

import type { PodRow } from '../../src/cluster/rows.ts'
import { SECOND } from '../../src/base/time.ts'
import { RandomStreams } from '../../src/base/random.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { SCHEDULING_POLICIES } from '../../src/scenario/scheduling-policies.ts'
import { buildCluster, node, nodeOf } from '../scheduler/cluster-builder.ts'
import { configurationOf, podWith, scoresBy } from './policy-cluster.ts'

describe("a policy that is a strategy of NodeResourcesFit gives that strategy's scores", () => {
  // With the pod, 6 of 10 and 8 of 20 are taken on the first node, 18 of 20 and 14 of 20 on the second.
  it.each([
    ['LeastAllocated', 50, 20],
    ['MostAllocated', 50, 80],
    ['RequestedToCapacityRatio', 50, 80],
  ] as const)('%s', (policy, first, second) => {
    const [profile = {}] = (configurationOf(policy) as { profiles: readonly object[] }).profiles
    const nodes = [
      { has: { cpu: '10', memory: '20Gi' }, used: { cpu: '4', memory: '4Gi' } },
      { has: { cpu: '20', memory: '20Gi' }, used: { cpu: '16', memory: '10Gi' } },
    ]
    const { n0, n1 } = scoresBy('NodeResourcesFit', profile, nodes, { cpu: '2', memory: '4Gi' })
    expect([n0, n1]).toEqual([
      { raw: first, normalized: first },
      { raw: second, normalized: second },
    ])
  })
})

describe('every named policy binds all pods of a workload that fits, and takes no node beyond what it has', () => {
  it.each(Object.keys(SCHEDULING_POLICIES))('%s', (policy) => {
    const { sim, api } = buildCluster({
      configuration: configurationOf(policy),
      gates: resolveFeatureGates('1.37'),
    })
    const has = new Map<string, number>()
    for (let i = 0; i < 12; i++) {
      const cpu = i % 3 === 0 ? 16 : 8
      has.set(`n${i}`, 1000 * cpu)
      api.nodes.create(node(`n${i}`, { cpu: `${cpu}`, memory: '64Gi' }))
    }
    sim.run(1)
    const random = new RandomStreams(7).stream('test')
    const pods: { readonly row: PodRow; readonly cpu: number }[] = []
    for (let i = 0; i < 60; i++) {
      const cpu = 250 * (1 + random.integer(6))
      const { metadata, spec } = podWith(`p${i}`, { cpu: `${cpu}m`, memory: `${1 + random.integer(3)}Gi` })
      const interned = api.pods.templates.internPod({
        metadata: { ...metadata },
        spec: { containers: [], ...spec },
      })
      if (!interned.ok) throw new Error(interned.message)
      pods.push({ row: api.pods.create({ template: interned.id, name: `p${i}` }), cpu })
      sim.run(sim.now + SECOND)
    }
    sim.run(sim.now + 60 * SECOND)
    const taken = new Map<string, number>()
    for (const { row, cpu } of pods) {
      const name = nodeOf(api, row)
      expect(has.has(name), api.pods.nameOf(row)).toBe(true)
      taken.set(name, (taken.get(name) ?? 0) + cpu)
    }
    for (const [name, cpu] of taken) expect(cpu, name).toBeLessThanOrEqual(has.get(name) ?? 0)
  })
})
