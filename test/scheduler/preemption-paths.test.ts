import fc from 'fast-check'
import { expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import type { Answered } from '../../src/scheduler/node-picker.ts'
import { buildCluster, createPod, node } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'
import { SAME_ORDER } from './policy-history.ts'
import { randomNode, randomPod } from './random-cluster.ts'

const MIX = {
  tolerations: 0.3,
  nodeAffinity: 0.2,
  podAffinity: 0,
  spread: 0,
  hostPorts: 0.05,
  priorities: 0.9,
}

interface History {
  readonly decisions: unknown[][]
  readonly answered: Answered
}

/** Lets a cluster that is too small run while pods and nodes come, change and go; what was decided, with every message. */
function history(seed: number, usesIndex: boolean): History {
  const random = new RandomStreams(seed).stream('test')
  // With no time between cycles pods start at one instant: victims that are equal in all then stand in the node's order.
  const cycleTime = random.uniform() < 0.5 ? 0 : 1000
  const cluster = buildCluster({ options: { usesIndex, cycleTime, groupsRejected: false } })
  const { sim, api, scheduler } = cluster
  const nodeCount = 4 + random.integer(116)
  for (let i = 0; i < nodeCount; i++) api.nodes.create(randomNode(random, `n${i}`))
  keepSomebodyLow(cluster)
  const decisions: unknown[][] = []
  scheduler.observe(
    ({ pod, node: row, outcome, attempt, feasible, evaluated, rejectedBy, victims, message }) => {
      const says = decisions.length % 3 === 0 && outcome !== 'bound' ? message() : ''
      const told = [pod, row, outcome, attempt, feasible, evaluated, [...rejectedBy], [...victims], says]
      decisions.push([sim.now, ...told])
    },
  )
  const pods: PodRow[] = []
  for (let i = 0; i < 60; i++) {
    act(cluster, { random, pods, nodeCount }, i)
    sim.run(sim.now + random.integer(2) * SECOND + 20_000)
  }
  return { decisions, answered: scheduler.answered }
}

/**
 * As long as somebody has a lower priority, no failure is remembered as one that cannot be helped, and waiting pods are
 * taken in the same order by both ways.
 */
function keepSomebodyLow({ sim, api, scheduler }: TestCluster): void {
  api.nodes.create({ ...node('aside', { cpu: '1', memory: '1Gi' }, { unschedulable: true }) })
  sim.run(1)
  const interned = api.pods.templates.internPod({
    metadata: { name: 'low', namespace: 'default' },
    spec: { priority: -10, schedulerName: 'nobody', containers: [{ name: 'main' }] },
  })
  const aside = scheduler.cluster.nodeNamed('aside')
  if (!interned.ok || aside === undefined) throw new Error('there is no place aside')
  const row = api.pods.create({ template: interned.id, name: 'low' })
  scheduler.cluster.nodes.addPod(row, aside as NodeRow, 0)
  api.pods.bind(row, aside as NodeRow, 0)
}

function act(
  { api }: TestCluster,
  { random, pods, nodeCount }: { random: RandomStream; pods: PodRow[]; nodeCount: number },
  step: number,
): void {
  const draw = random.uniform()
  if (draw < 0.1) {
    const name = `n${random.integer(nodeCount)}`
    const old = api.nodes.get(name)
    if (old !== undefined) api.nodes.update({ ...old, ...randomNode(random, name) })
  } else if (draw < 0.2 && pods.length > 0) {
    const [gone] = pods.splice(random.integer(pods.length), 1)
    if (gone !== undefined && !api.pods.isRemoved(gone)) api.pods.remove(gone)
  } else {
    const interned = api.pods.templates.internPod(randomPod(random, `kind${step}`, MIX))
    if (!interned.ok) throw new Error(interned.message)
    const count = 1 + random.integer(Math.ceil(nodeCount / 4))
    for (let i = 0; i < count; i++) {
      pods.push(api.pods.create({ template: interned.id, name: `p${step}-${i}` }))
    }
  }
}

it('preempts by numbers as the definition does: the same nodes, victims, messages and later places', () => {
  let trials = 0
  let preempted = 0
  let besideNominated = 0
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const slow = history(seed, false)
      const fast = history(seed, true)
      expect(fast.decisions).toEqual(slow.decisions)
      expect(slow.answered).toMatchObject({ scan: 0, index: 0, mixed: 0, trials: 0 })
      trials += fast.answered.trials
      preempted += slow.decisions.filter((one) => one[3] === 'nominated').length
      besideNominated += fast.answered.scan
    }),
    { seed: 3, numRuns: 12 },
  )
  expect(trials).toBeGreaterThan(100)
  expect(preempted).toBeGreaterThan(100)
  expect(besideNominated).toBeGreaterThan(100)
})

it('draws the same offsets whether or not pods failed before that nobody could make room for', () => {
  const preempted = [true, false].map((usesIndex) => {
    const { sim, api, scheduler } = buildCluster({ options: { ...SAME_ORDER, usesIndex } })
    for (let i = 0; i < 50; i++) api.nodes.create(node(`n${i}`, { cpu: '2', memory: '16Gi' }))
    for (let i = 0; i < 50; i++) createPod(api, `low-${i}`, { cpu: '1500m' }, 'low')
    sim.run(SECOND)
    createPod(api, 'vain', { cpu: '1' })
    sim.run(2 * SECOND)
    createPod(api, 'high', { cpu: '1', priority: 10 })
    const nodes: number[] = []
    scheduler.observe((decision) => nodes.push(decision.node))
    sim.run(3 * SECOND)
    return nodes
  })
  // All nodes are equal: the offset alone decides.
  expect(preempted[0]).toHaveLength(1)
  expect(preempted[0]).toEqual(preempted[1])
})
