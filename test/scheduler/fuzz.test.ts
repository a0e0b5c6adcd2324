import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import type { Pod } from '../../src/api/types.generated.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { Cycle } from '../../src/scheduler/cycle.ts'
import type { NodePicker } from '../../src/scheduler/node-picker.ts'
import type { Profile } from '../../src/scheduler/profile.ts'
import { PodTemplates } from '../../src/workload/pod-templates.ts'
import { buildCluster, buildPicker } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'
import { randomNode, randomPod } from './random-cluster.ts'
import type { PodMix } from './random-cluster.ts'

const PLAIN: PodMix = {
  tolerations: 0,
  nodeAffinity: 0,
  podAffinity: 0,
  spread: 0,
  hostPorts: 0,
  priorities: 0,
}
const OF_NODES: PodMix = { ...PLAIN, tolerations: 0.3, nodeAffinity: 0.3, hostPorts: 0.2 }
const ALL: PodMix = {
  tolerations: 0.2,
  nodeAffinity: 0.2,
  podAffinity: 0.2,
  spread: 0.2,
  hostPorts: 0.1,
  priorities: 0.4,
}
/** Pods that the cluster's own scheduler leaves alone: the test places them. */
const NOBODY = 'nobody'

/** One way to pick nodes, with its cycle. */
interface Way {
  readonly cycle: Cycle
  readonly picker: NodePicker
}

/** A cluster on which a fast and a slow way pick nodes for the same pods. */
class Duel {
  readonly fast: Way
  readonly slow: Way
  readonly pods: PodRow[] = []
  /** How often a pod was placed without a class of its own. */
  pickedBySize = 0
  readonly #random: RandomStream
  readonly #cluster: TestCluster
  readonly #profile: Profile
  readonly #mix: PodMix
  readonly #nodeCount: number
  readonly #isSized: boolean
  /** Pods that are drawn from; a new one each time when there are none. */
  readonly #kinds: readonly Pod[]
  #made = 0

  constructor(
    seed: number,
    mix: PodMix,
    { isSized, kinds, nodes }: { isSized: boolean; kinds: number; nodes: number },
  ) {
    this.#isSized = isSized
    this.#random = new RandomStreams(seed).stream('test')
    this.#mix = mix
    this.#cluster = buildCluster()
    const profile = [...this.#cluster.scheduler.profiles.values()][0]
    if (profile === undefined) throw new Error('there is no profile')
    this.#profile = profile
    this.#kinds = Array.from({ length: kinds }, (_, i) => randomPod(this.#random, `kind${i}`, mix))
    this.#nodeCount = nodes + this.#random.integer(190)
    for (let i = 0; i < this.#nodeCount; i++) {
      this.#cluster.api.nodes.create(randomNode(this.#random, `n${i}`))
    }
    this.#cluster.sim.run(1)
    this.fast = this.#way(true)
    this.slow = this.#way(false)
  }

  /** Changes something, or places a pod; returns what each way said. */
  step(): { fast: unknown; slow: unknown } {
    const draw = this.#random.uniform()
    if (draw < 0.1) this.#changeNode()
    else if (draw < 0.25) this.#removePod()
    return this.#place()
  }

  /** The pod's template; of pods that bring their own size, one for all. */
  #intern(pod: Pod): ReturnType<TestCluster['api']['pods']['templates']['internPod']> {
    const { templates } = this.#cluster.api.pods
    const spec = { containers: [], ...pod.spec, schedulerName: NOBODY }
    if (!this.#isSized) return templates.internPod({ ...pod, spec })
    const template = new PodTemplates().of({})
    return templates.intern({ ...template, spec: { ...template.spec, schedulerName: NOBODY } })
  }

  #way(usesIndex: boolean): Way {
    const cycle = new Cycle(this.#cluster.scheduler.cluster)
    const stream = `test/${usesIndex ? 'fast' : 'slow'}`
    const picker = buildPicker(this.#cluster, { cycle, usesIndex, stream })
    return { cycle, picker }
  }

  #place(): { fast: unknown; slow: unknown } {
    const { api, scheduler } = this.#cluster
    const known = this.#kinds[this.#random.integer(Math.max(1, this.#kinds.length))]
    const pod = known ?? randomPod(this.#random, `p${this.#made}`, this.#mix)
    this.#made += 1
    const interned = this.#intern(pod)
    if (!interned.ok) throw new Error(interned.message)
    const row = api.pods.create({
      template: interned.id,
      name: `p${this.#made}`,
      ...(this.#isSized
        ? { cpu: 50 * this.#random.integer(60), memory: 2 ** 20 * this.#random.integer(4000) }
        : {}),
    })
    const fast = this.#say(this.fast, row)
    const slow = this.#say(this.slow, row)
    const { node } = this.fast.picker.pick(
      this.#profile,
      this.#profile.classOf(scheduler.cluster.shapes.shapeOf(row)),
      row,
    )
    // The extra look moved the fast way's search on: the slow way makes up for it.
    this.#say(this.slow, row)
    if (node < 0) {
      if (this.#random.uniform() < 0.05) {
        const nominated = scheduler.cluster.nodeNamed(`n${this.#random.integer(this.#nodeCount)}`)
        if (nominated !== undefined) scheduler.cluster.nominations.add(row, nominated as NodeRow)
      }
      return { fast, slow }
    }
    scheduler.cluster.nodes.addPod(row, node as NodeRow, 0)
    scheduler.cluster.nominations.remove(row)
    api.pods.bind(row, node as NodeRow, 0)
    this.pods.push(row)
    return { fast, slow }
  }

  /** What a way says of a pod: its pick, or who rejects it. */
  #say({ cycle, picker }: Way, row: PodRow): unknown {
    const { shapes, nodes } = this.#cluster.scheduler.cluster
    const { node, feasible, evaluated, rejectedBy } =
      this.#bySize(picker, row) ?? picker.pick(this.#profile, this.#profile.classOf(shapes.shapeOf(row)), row)
    if (node >= 0) return { node: nodes.name(node), feasible, evaluated, next: picker.nextStart }
    return { rejectedBy: rejectedBy ?? cycle.rejectingPlugins(), next: picker.nextStart }
  }

  /** The pick by the class of another size, where there is one and it does. */
  #bySize(picker: NodePicker, row: PodRow): ReturnType<NodePicker['pickBySize']> {
    const { shapes } = this.#cluster.scheduler.cluster
    const kin = this.#profile.kinOf(shapes.baseOf(row).template)
    const size = shapes.sizeOf(row)
    if (!this.#isSized || kin === undefined || size.cpu === 0 || size.memory === 0) return undefined
    const picked = picker.pickBySize(this.#profile, kin, size)
    if (picked !== undefined && kin.shape !== shapes.shapeOf(row)) this.pickedBySize += 1
    return picked
  }

  #removePod(): void {
    const { api, scheduler } = this.#cluster
    const place = this.#random.integer(Math.max(1, this.pods.length))
    const pod = this.pods[place]
    if (pod === undefined) return
    this.pods.splice(place, 1)
    scheduler.cluster.nodes.removePod(pod)
    api.pods.remove(pod)
  }

  #changeNode(): void {
    const { sim, api } = this.#cluster
    const name = `n${this.#random.integer(this.#nodeCount)}`
    const old = api.nodes.get(name)
    const fresh = randomNode(this.#random, name)
    const isEmpty = !this.pods.some((pod) => api.pods.table.node(pod) === api.nodeRows.rowOf(name))
    if (old === undefined) api.nodes.create(fresh)
    else if (this.#random.uniform() < 0.2 && isEmpty) api.nodes.delete(name)
    else if (this.#random.uniform() < 0.5) api.nodes.update({ ...old, spec: fresh.spec ?? {} })
    else api.nodes.update({ ...old, ...fresh, metadata: { ...old.metadata, ...fresh.metadata } })
    sim.run(sim.now + 1)
  }
}

describe.each([
  { name: 'plain pods', mix: PLAIN, isSized: false, kinds: 0, nodes: 10, expected: ['scan'] },
  {
    name: 'pods of few kinds',
    mix: PLAIN,
    isSized: false,
    kinds: 4,
    nodes: 10,
    expected: ['scan'],
  },
  {
    name: 'pods of few kinds on many nodes',
    mix: { ...PLAIN, tolerations: 0.3 },
    isSized: false,
    kinds: 4,
    nodes: 260,
    expected: ['scan'],
  },
  {
    name: 'pods that bring their own size',
    mix: PLAIN,
    isSized: true,
    kinds: 0,
    nodes: 10,
    expected: ['scan'],
  },
  {
    name: 'pods that look at nodes',
    mix: OF_NODES,
    isSized: false,
    kinds: 0,
    nodes: 10,
    expected: ['scan', 'index'],
  },
  {
    name: 'few kinds of pods that look at nodes',
    mix: OF_NODES,
    isSized: false,
    kinds: 6,
    nodes: 10,
    expected: ['scan', 'index'],
  },
  {
    name: 'all kinds of pods',
    mix: ALL,
    isSized: false,
    kinds: 0,
    nodes: 10,
    expected: ['scan', 'index', 'mixed', 'definition'],
  },
] as const)('$name', ({ mix, isSized, kinds, nodes, expected }) => {
  it('get the same nodes from the fast paths as from the definition, whatever changes between', () => {
    const paths = new Set<string>()
    let pickedBySize = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const duel = new Duel(seed, mix, { isSized, kinds, nodes })
        for (let i = 0; i < 150; i++) {
          const { fast, slow } = duel.step()
          expect(fast).toEqual(slow)
        }
        expect(duel.slow.picker.answered).toMatchObject({ scan: 0, index: 0, mixed: 0 })
        pickedBySize += duel.pickedBySize
        for (const path of ['scan', 'index', 'mixed', 'definition'] as const) {
          if (duel.fast.picker.answered[path] > 0) paths.add(path)
        }
      }),
      { seed: 5, numRuns: 15 },
    )
    expect(pickedBySize > 0).toBe(isSized)
    expect([...paths]).toEqual(expect.arrayContaining([...expected]))
  })
})
