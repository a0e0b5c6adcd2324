import fc from 'fast-check'
import { expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import type { PairWeigher } from '../../src/scheduler/framework/topology.ts'
import type { SchedulerCluster } from '../../src/scheduler/scheduler-cluster.ts'
import { buildCluster } from './cluster-builder.ts'
import { oneOf, randomNode, randomPod } from './random-cluster.ts'

const KEYS = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname', 'disk', 'absent'] as const
const MIX = { tolerations: 0, nodeAffinity: 0, podAffinity: 0.3, spread: 0, hostPorts: 0, priorities: 0 }
const NODES = 30
let made = 0

/** Weighs pods of some apps, under one or two labels; with nodes that are left out, where `leavesOut`. */
function randomWeigher(random: RandomStream): PairWeigher & { nodes?: Uint8Array; nodesRevision?: number } {
  const app = oneOf(random, ['web', 'db', 'cache'])
  const weights = [
    { topologyKey: oneOf(random, KEYS), weight: 1 + random.integer(3) },
    ...(random.uniform() < 0.5 ? [{ topologyKey: oneOf(random, KEYS), weight: -1 }] : []),
  ]
  const isOfAffinityPods = random.uniform() < 0.4
  return {
    weigh: ({ labels, spec }) =>
      labels['app'] === app && (!isOfAffinityPods || spec.affinity?.podAffinity !== undefined) ? weights : [],
    countsTerminating: random.uniform() < 0.5,
    isOfAffinityPods,
    takesUnlabelled: random.uniform() < 0.3,
    ...(random.uniform() < 0.4 ? { nodes: randomNodes(random), nodesRevision: 1 } : {}),
  }
}

function randomNodes(random: RandomStream): Uint8Array {
  return Uint8Array.from({ length: 2 * NODES }, () => random.integer(2))
}

/** What the sums are by definition: by label and value. */
function counted(cluster: SchedulerCluster, weigher: PairWeigher) {
  const { nodes, shapes } = cluster
  const sums: Record<string, number> = {}
  let total = 0
  let count = 0
  for (const node of cluster.order) {
    if (weigher.nodes !== undefined && weigher.nodes[node] !== 1) continue
    for (const pod of nodes.podRows(node)) {
      if (!weigher.countsTerminating && shapes.isTerminating(pod)) continue
      for (const { topologyKey, weight } of weigher.weigh(shapes.baseOf(pod))) {
        const value = nodes.labels(node)[topologyKey] ?? (weigher.takesUnlabelled === true ? '' : undefined)
        if (value === undefined) continue
        const pair = `${topologyKey}=${value}`
        sums[pair] = (sums[pair] ?? 0) + weight
        total += weight
        count += 1
      }
    }
  }
  return { sums: withoutZeros(sums), total, count }
}

function kept(cluster: SchedulerCluster, weigher: PairWeigher) {
  const { columns, total, count } = cluster.pairSums(weigher)
  const sums: Record<string, number> = {}
  for (const { topology, sums: column } of columns) {
    const { key } = topology
    const values = new Set(['', ...cluster.order.flatMap((node) => cluster.nodes.labels(node)[key] ?? [])])
    const nodeOf = (value: string) =>
      cluster.order.find((node) => cluster.nodes.labels(node)[key] === value) ?? -1
    for (const value of values) {
      const place = value === '' ? 0 : topology.valueAt(nodeOf(value))
      sums[`${key}=${value}`] = column[place] ?? 0
    }
  }
  return { sums: withoutZeros(sums), total, count }
}

function withoutZeros(sums: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0))
}

/** Places, ends or removes a pod, or changes a node or the nodes that a weigher counts. */
function change(
  { api, sim, scheduler }: ReturnType<typeof buildCluster>,
  { random, pods, weighers }: { random: RandomStream; pods: PodRow[]; weighers: PairWeigher[] },
): void {
  const { cluster } = scheduler
  const draw = random.uniform()
  const name = `n${random.integer(NODES)}`
  const [gone] = draw < 0.45 ? pods.splice(random.integer(Math.max(1, pods.length)), 1) : []
  if (draw < 0.3 && gone !== undefined) cluster.nodes.removePod(gone)
  else if (gone !== undefined) {
    api.pods.requestDeletion(gone, { grace: 1e9, reason: '' })
    cluster.nodes.terminating(gone)
  } else if (draw < 0.65) {
    const old = api.nodes.get(name)
    const isEmpty = !pods.some((pod) => cluster.nodes.placementOf(pod) === api.nodeRows.rowOf(name))
    if (old === undefined) api.nodes.create(randomNode(random, name))
    else if (isEmpty && random.uniform() < 0.4) api.nodes.delete(name)
    else api.nodes.update({ ...old, metadata: { ...old.metadata, ...randomNode(random, name).metadata } })
    sim.run(sim.now + 1)
  } else if (draw < 0.7) {
    for (const weigher of weighers) {
      if (weigher.nodes === undefined) continue
      Object.assign(weigher, { nodes: randomNodes(random), nodesRevision: (weigher.nodesRevision ?? 0) + 1 })
    }
  } else {
    const pod = randomPod(random, 'pod', MIX)
    const spec = { containers: [], ...pod.spec, schedulerName: 'nobody' }
    const interned = api.pods.templates.internPod({ ...pod, spec })
    const node = cluster.nodeNamed(name)
    if (!interned.ok || node === undefined) return
    const row = api.pods.create({ template: interned.id, name: `p${made++}` })
    cluster.nodes.addPod(row, node as NodeRow, 0)
    api.pods.bind(row, node as NodeRow, 0)
    pods.push(row)
  }
}

it('keeps sums by topology pair as a count of all pods gives them, whatever changes between', () => {
  let asked = 0
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const random = new RandomStreams(seed).stream('test')
      const cluster = buildCluster()
      for (let i = 0; i < NODES; i++) cluster.api.nodes.create(randomNode(random, `n${i}`))
      cluster.sim.run(1)
      const weighers = Array.from({ length: 8 }, () => randomWeigher(random))
      const pods: PodRow[] = []
      for (let i = 0; i < 200; i++) {
        change(cluster, { random, pods, weighers })
        // One weigher is asked at every change, the last one hardly ever.
        const [weigher] = weighers.slice(Math.floor(8 * random.uniform() ** 3))
        if (weigher === undefined) continue
        const sums = kept(cluster.scheduler.cluster, weigher)
        expect(sums).toEqual(counted(cluster.scheduler.cluster, weigher))
        asked += sums.count > 0 ? 1 : 0
      }
    }),
    { seed: 11, numRuns: 25 },
  )
  expect(asked).toBeGreaterThan(1000)
})
