import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { PASS, definePlugin } from '../../src/scheduler/framework/index.ts'
import { buildCluster, buildPicker, createPod, node, nodeOf } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule']

/** A cluster of nodes of a few sizes, some tainted, some cordoned. */
function randomCluster(
  random: RandomStream,
  nodeCount: number,
  options: { readonly usesIndex: boolean; readonly batches: boolean },
): TestCluster {
  // Without default spread constraints equal pods are batched, where the gate is on.
  const args = { defaultingType: 'List' }
  const configuration = options.batches
    ? { profiles: [{ pluginConfig: [{ name: 'PodTopologySpread', args }] }] }
    : {}
  const cluster = buildCluster({ options, configuration })
  for (let i = 0; i < nodeCount; i++) {
    const cpu = String(2 ** random.integer(5))
    const room = {
      cpu,
      memory: `${4 + random.integer(60)}Gi`,
      zone: 'abc'.charAt(random.integer(3)),
      pods: '8',
    }
    const taints =
      random.uniform() < 0.3
        ? [{ key: 'dedicated', value: 'x', effect: EFFECTS[random.integer(2)] ?? '' }]
        : []
    cluster.api.nodes.create(node(`n${i}`, room, { taints, unschedulable: random.uniform() < 0.1 }))
  }
  return cluster
}

/** Plays the same random arrivals, ends and node changes; returns where each pod went, in order. */
function play(seed: number, usesIndex: boolean, batches = false): { placements: string[]; hash: string } {
  const random = new RandomStreams(seed).stream('test')
  const { sim, api, scheduler } = randomCluster(random, 20 + random.integer(200), { usesIndex, batches })
  const placements: string[] = []
  const rejected: string[] = []
  scheduler.observe((decision) => {
    if (decision.outcome === 'bound') return
    rejected.push(`${api.pods.nameOf(decision.pod)}: ${decision.rejectedBy.join(',')}: ${decision.message()}`)
  })
  const pods: PodRow[] = []
  for (let step = 0; step < 120; step++) {
    const draw = random.uniform()
    if (draw < 0.75) {
      const size = { cpu: `${100 * (1 + random.integer(8))}m`, memory: `${256 * (1 + random.integer(4))}Mi` }
      const tolerations = random.uniform() < 0.3 ? [{ key: 'dedicated', operator: 'Exists' }] : []
      const spec = { ...size, tolerations, preemptionPolicy: 'Never' }
      pods.push(createPod(api, `p${step}`, spec))
      const equals = batches ? ['b', 'c', 'd'] : []
      for (const name of equals) pods.push(createPod(api, `p${step}${name}`, spec, `p${step}`))
    } else if (draw < 0.9) {
      const pod = pods[random.integer(Math.max(1, pods.length))]
      if (pod !== undefined && !api.pods.isRemoved(pod))
        api.pods.requestDeletion(pod, { grace: 0, reason: '' })
    } else {
      const name = `n${random.integer(20)}`
      const old = api.nodes.get(name)
      if (old !== undefined)
        api.nodes.update({ ...old, spec: { ...old.spec, unschedulable: random.uniform() < 0.5 } })
    }
    sim.run(sim.now + 700_000)
  }
  for (const pod of pods)
    if (!api.pods.isRemoved(pod)) placements.push(`${api.pods.nameOf(pod)} ${nodeOf(api, pod)}`)
  return { placements: [...placements, ...rejected], hash: sim.log.hash }
}

describe('ScoreIndex', () => {
  it('places every pod where the definition does, through random changes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        expect(play(seed, true)).toEqual(play(seed, false))
      }),
      { seed: 3, numRuns: 25 },
    )
  })

  it('answers as the definition does for pods that are batched', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        expect(play(seed, true, true)).toEqual(play(seed, false, true))
      }),
      { seed: 5, numRuns: 15 },
    )
  })

  it('answers where it applies, and leaves the rest to the definition', () => {
    const cluster = buildCluster()
    const { sim, api, scheduler } = cluster
    for (let i = 0; i < 5; i++) api.nodes.create(node(`n${i}`, { cpu: '4', memory: '8Gi' }))
    sim.run(1)
    const picker = buildPicker(cluster)
    const profile = [...scheduler.profiles.values()][0]
    if (profile === undefined) throw new Error('there is no profile')
    const plain = createPod(api, 'plain', { cpu: '1', memory: '1Gi' })
    picker.pick(profile, profile.classOf(scheduler.cluster.shapes.shapeOf(plain)), plain)
    expect(picker.answered).toEqual({ scan: 1, index: 0, mixed: 0, definition: 0, trials: 0 })
    const pinned = createPod(api, 'pinned', { cpu: '1', nodeName: 'n3' })
    const picked = picker.pick(profile, profile.classOf(scheduler.cluster.shapes.shapeOf(pinned)), pinned)
    expect(picker.answered).toEqual({ scan: 1, index: 0, mixed: 0, definition: 1, trials: 0 })
    expect(scheduler.cluster.nodes.name(picked.node)).toBe('n3')
  })

  it('shares what plugins say among pods that only labels tell apart', () => {
    let asked = 0
    const counting = definePlugin({
      name: 'Counting',
      reads: ['podCount'],
      sized: false,
      compile: () => ({}),
      filter() {
        asked += 1
        return PASS
      },
    })
    const { sim, api } = buildCluster({
      registry: new Map([...plugins, ['Counting', () => counting]]),
      configuration: { profiles: [{ plugins: { filter: { enabled: [{ name: 'Counting' }] } } }] },
    })
    for (let i = 0; i < 8; i++) api.nodes.create(node(`n${i}`, { cpu: '4', memory: '8Gi' }))
    for (let i = 0; i < 5; i++) {
      createPod(api, `p${i}`, { cpu: '1', memory: '1Gi' }, `app-${i}`)
      sim.run(sim.now + 1)
    }
    // Eight nodes for the first pod, then the one that the last pod took.
    expect(asked).toBe(8 + 4)
    createPod(api, 'large', { cpu: '2', memory: '1Gi' }, 'app-0')
    sim.run(sim.now + 1)
    expect(asked).toBe(8 + 4 + 8)
  })

  it('asks a plugin that ranks nodes for pods of some sizes only', () => {
    const far = definePlugin({
      name: 'Far',
      reads: ['name'],
      compile: ({ requests }) => ({ isLarge: requests.cpu >= 1000 }),
      ranks: ({ isLarge }) => isLarge,
      score: (_term, at, nodes) => (nodes.name(at) === 'n7' ? 100 : 0),
    })
    const { sim, api } = buildCluster({
      registry: new Map([...plugins, ['Far', () => far]]),
      configuration: {
        profiles: [
          {
            plugins: {
              preScore: { enabled: [{ name: 'Far' }] },
              score: { enabled: [{ name: 'Far', weight: 100 }] },
            },
          },
        ],
      },
    })
    for (let i = 0; i < 8; i++) api.nodes.create(node(`n${i}`, { cpu: '16', memory: '32Gi' }))
    const interned = api.pods.templates.intern({
      metadata: { namespace: 'default', labels: {}, annotations: {} },
      spec: { containers: [{ name: 'main' }] },
      sizing: 'requests',
    })
    if (!interned.ok) throw new Error(interned.message)
    const placed = [100, 200, 1000, 300, 2000, 3000].map((cpu, i) => {
      const pod = api.pods.create({ template: interned.id, name: `p${i}`, cpu, memory: 2 ** 30 })
      sim.run(sim.now + 1)
      return { cpu, node: nodeOf(api, pod) }
    })
    const large = placed.filter(({ cpu }) => cpu >= 1000)
    expect(large.map((pod) => pod.node)).toEqual(['n7', 'n7', 'n7'])
  })
})
