import fc from 'fast-check'
import { expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import { SECOND } from '../../src/base/time.ts'
import type { Pod } from '../../src/api/types.generated.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { buildCluster, createPod } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'
import { randomNode, randomPod } from './random-cluster.ts'

const NODES = 12
const MIX = {
  tolerations: 0.1,
  nodeAffinity: 0.1,
  podAffinity: 0.4,
  spread: 0.3,
  hostPorts: 0.1,
  priorities: 1,
}

/** A few kinds of pods, each with a term of pod affinity, so that the definition alone can say that one fits nowhere. */
function kinds(random: RandomStream): Pod[] {
  return Array.from({ length: 5 }, (_, place) => randomPod(random, `kind${place}`, MIX))
}

/** Lets a cluster run while pods and nodes come, change and go at random; what was decided, with every message. */
function history(seed: number, usesIndex: boolean): { decisions: unknown[]; repeats: number } {
  const cluster = buildCluster({ options: { usesIndex, cycleTime: 1000 } })
  const { sim, api, scheduler } = cluster
  const random = new RandomStreams(seed).stream('test')
  for (let i = 0; i < NODES; i++) api.nodes.create(randomNode(random, `n${i}`))
  const decisions: unknown[] = []
  scheduler.observe(({ pod, node, outcome, attempt, feasible, evaluated, rejectedBy, victims, message }) => {
    const says = decisions.length % 3 === 0 && outcome !== 'bound' ? message() : ''
    const told = [pod, node, outcome, attempt, feasible, evaluated, [...rejectedBy], [...victims], says]
    decisions.push([sim.now, ...told])
  })
  const templates = kinds(random)
  createPod(api, 'first', { affinity: { podAntiAffinity: antiAffinityTo('nobody') } })
  const pods: PodRow[] = []
  for (let i = 0; i < 40; i++) {
    act(cluster, { random, templates, pods }, i)
    sim.run(sim.now + random.integer(2) * SECOND + 20_000)
  }
  return { decisions, repeats: scheduler.repeats.count }
}

function antiAffinityTo(app: string) {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } }
  return { requiredDuringSchedulingIgnoredDuringExecution: [term] }
}

function act(
  { api }: TestCluster,
  { random, templates, pods }: { random: RandomStream; templates: readonly Pod[]; pods: PodRow[] },
  step: number,
): void {
  const draw = random.uniform()
  if (draw < 0.15) {
    const name = `n${random.integer(NODES)}`
    const old = api.nodes.get(name)
    if (old !== undefined) api.nodes.update({ ...old, ...randomNode(random, name) })
  } else if (draw < 0.3 && pods.length > 0) {
    const [gone] = pods.splice(random.integer(pods.length), 1)
    if (gone !== undefined && !api.pods.isRemoved(gone)) api.pods.remove(gone)
  } else {
    const template = templates[random.integer(templates.length)]
    if (template === undefined) return
    const interned = api.pods.templates.internPod(template)
    if (!interned.ok) throw new Error(interned.message)
    for (let i = 0; i < 6; i++) pods.push(api.pods.create({ template: interned.id, name: `p${step}-${i}` }))
  }
}

it('tells pods that fail again what the definition would, with the same attempts, victims and offsets', () => {
  let repeats = 0
  let preempted = 0
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const slow = history(seed, false)
      const fast = history(seed, true)
      expect(fast.decisions).toEqual(slow.decisions)
      expect(slow.repeats).toBe(0)
      repeats += fast.repeats
      preempted += slow.decisions.filter((one) => Array.isArray(one) && one[3] === 'nominated').length
    }),
    { seed: 7, numRuns: 12 },
  )
  expect(repeats).toBeGreaterThan(100)
  expect(preempted).toBeGreaterThan(10)
})
