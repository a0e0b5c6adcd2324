import { describe, expect, it } from 'vitest'

import type { PodRow } from '../../src/cluster/rows.ts'
import { SECOND } from '../../src/base/time.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { buildCluster, node, nodeOf } from '../scheduler/cluster-builder.ts'
import type { TestCluster } from '../scheduler/cluster-builder.ts'
import { configurationOf, podWith } from './policy-cluster.ts'
import type { Amounts } from './policy-cluster.ts'

const GROUP = { 'scheduling.x-k8s.io/pod-group': 'train' }

/** A cluster of nodes of 4 CPU with the PodGroup `train`, and what its scheduler decided: `second name outcome`. */
function cluster(
  nodeCount: number,
  spec: object | undefined,
): TestCluster & { readonly outcomes: string[]; readonly messages: Map<string, string> } {
  const built = buildCluster({
    configuration: configurationOf('Coscheduling'),
    gates: resolveFeatureGates('1.37'),
  })
  const { sim, api, scheduler } = built
  const outcomes: string[] = []
  const messages = new Map<string, string>()
  scheduler.observe((decision) => {
    const name = api.pods.nameOf(decision.pod)
    outcomes.push(`${sim.now / SECOND} ${name} ${decision.outcome}`)
    messages.set(name, decision.message())
  })
  for (let i = 0; i < nodeCount; i++) api.nodes.create(node(`n${i}`, { cpu: '4', memory: '16Gi' }))
  const metadata = { name: 'train', namespace: 'default' }
  if (spec !== undefined)
    api.collection<object>('PodGroup').create({ kind: 'PodGroup', metadata, spec } as object)
  sim.run(1)
  return { ...built, outcomes, messages }
}

function member(
  { api }: TestCluster,
  name: string,
  requests: Amounts = { cpu: '3' },
  labels = GROUP,
): PodRow {
  const pod = podWith(name, requests, { preemptionPolicy: 'Never' })
  const interned = api.pods.templates.internPod({
    ...pod,
    metadata: { ...pod.metadata, labels },
    spec: { containers: [], ...pod.spec },
  })
  if (!interned.ok) throw new Error(interned.message)
  return api.pods.create({ template: interned.id, name })
}

describe('Coscheduling', () => {
  it('keeps pods out until minMember are there, and binds them when minMember have a node', () => {
    const built = cluster(3, { minMember: 3 })
    const { sim, api, outcomes } = built
    const pods = ['a', 'b'].map((name) => member(built, name))
    sim.run(10 * SECOND)
    expect(outcomes).toEqual([])
    pods.push(member(built, 'c'))
    sim.run(20 * SECOND)
    expect(outcomes.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'c waiting',
      'a waiting',
      'b bound',
      'c bound',
      'a bound',
    ])
    expect(pods.map((pod) => nodeOf(api, pod)).sort()).toEqual(['n0', 'n1', 'n2'])
  })

  it('leaves pods without the label alone, and lets a fourth follow', () => {
    const built = cluster(4, { minMember: 3 })
    const { sim, api } = built
    const other = member(built, 'other', { cpu: '1' }, {} as typeof GROUP)
    sim.run(SECOND)
    expect(nodeOf(api, other)).not.toBe('')
    const pods = ['a', 'b', 'c', 'd'].map((name) => member(built, name))
    sim.run(5 * SECOND)
    expect(pods.every((pod) => nodeOf(api, pod) !== '')).toBe(true)
  })

  it('waits for the time that the group says when one of its pods fits nowhere', () => {
    const built = cluster(9, { minMember: 10, scheduleTimeoutSeconds: 5 })
    const { sim, outcomes } = built
    for (let i = 0; i < 10; i++) member(built, `p${i}`)
    sim.run(4 * SECOND)
    expect(outcomes.filter((line) => line.endsWith('waiting'))).toHaveLength(9)
    const before = outcomes.length
    sim.run(6 * SECOND)
    const ended = outcomes
      .slice(before)
      .filter((line) => line.startsWith('5') && line.endsWith('unschedulable'))
    expect(ended.length).toBeGreaterThanOrEqual(9)
  })

  it.each([
    ['of the group', { minMember: 2, scheduleTimeoutSeconds: 5 }, 5],
    ['of the plugin where the group has none', { minMember: 2 }, 60],
    ['of the plugin where that of the group is 0', { minMember: 2, scheduleTimeoutSeconds: 0 }, 60],
  ])('lets a pod wait for the time %s', (_whose, spec, seconds) => {
    const built = cluster(1, spec)
    const { sim, outcomes, messages } = built
    for (const name of ['a', 'b']) member(built, name)
    sim.run((seconds - 1) * SECOND)
    const [waiting = ''] = outcomes.filter((line) => line.endsWith(' waiting'))
    const [, name = ''] = waiting.split(' ')
    expect(messages.get(name)).not.toContain('timeout')
    sim.run((seconds + 1) * SECOND)
    const ends = outcomes.filter((line) => line.includes(` ${name} unschedulable`))
    expect(Math.floor(Number(ends[0]?.split(' ')[0]))).toBe(seconds)
  })

  it('keeps pods out whose group is not there until it is', () => {
    const built = cluster(2, undefined)
    const { sim, api } = built
    const pods = ['a', 'b'].map((name) => member(built, name))
    sim.run(SECOND)
    expect(pods.map((pod) => nodeOf(api, pod))).toEqual(['', ''])
    const group = {
      kind: 'PodGroup',
      metadata: { name: 'train', namespace: 'default' },
      spec: { minMember: 2 },
    }
    api.collection<object>('PodGroup').create(group)
    sim.run(10 * SECOND)
    expect(pods.every((pod) => nodeOf(api, pod) !== '')).toBe(true)
  })
})
