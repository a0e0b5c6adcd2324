import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { PodTemplates } from '../../src/workload/pod-templates.ts'
import { buildCluster, buildPicker, node } from './cluster-builder.ts'

const MEMORY = 2 ** 42
const PODS = 1500

/**
 * Sizes that bring the balance of a node within a few parts in 10^11 of an integer, where a reciprocal cannot tell on
 * which side it is.
 */
describe.each([
  { name: 'pods of ever other sizes', kinds: PODS, nodes: 99 },
  { name: 'pods of a few sizes', kinds: 16, nodes: 99 },
  { name: 'pods of ever other sizes, on many nodes', kinds: PODS, nodes: 300 },
  { name: 'pods of a few sizes, on many nodes', kinds: 16, nodes: 300 },
] as const)('$name, whose balance is next to an integer', ({ kinds, nodes }) => {
  it('get the nodes that the formula gives them', () => {
    const cluster = buildCluster()
    const { api, sim, scheduler } = cluster
    for (let i = 0; i < nodes; i++) api.nodes.create(node(`n${i}`, { cpu: '64', memory: '4Ti', pods: '50' }))
    sim.run(1)
    const random = new RandomStreams(8).stream('test')
    const template = new PodTemplates().of({})
    const interned = api.pods.templates.intern({
      ...template,
      spec: { ...template.spec, schedulerName: 'nobody' },
    })
    if (!interned.ok) throw new Error(interned.message)
    const sizes = Array.from({ length: kinds }, () => {
      const cpu = 640 * random.integer(6)
      const memory = Math.round((random.integer(8) * MEMORY) / 100) + random.integer(200)
      return { cpu, memory }
    })
    const [profile] = scheduler.profiles.values()
    if (profile === undefined) throw new Error('there is no profile')
    const fast = buildPicker(cluster, { stream: 'test/fast' })
    const slow = buildPicker(cluster, { usesIndex: false, stream: 'test/slow' })
    const placed: PodRow[] = []
    for (let i = 0; i < PODS; i++) {
      const row = api.pods.create({
        template: interned.id,
        name: `p${i}`,
        ...sizes[kinds === PODS ? i : random.integer(kinds)],
      })
      const podClass = profile.classOf(scheduler.cluster.shapes.shapeOf(row))
      const picks = [fast, slow].map((picker) => ({ ...picker.pick(profile, podClass, row) }))
      expect(picks[0]?.node).toBe(picks[1]?.node)
      const chosen = picks[1]?.node ?? -1
      if (chosen >= 0) {
        scheduler.cluster.nodes.addPod(row, chosen as NodeRow, 0)
        placed.push(row)
      }
      if (chosen < 0 || placed.length > 700) {
        const [gone] = placed.splice(random.integer(placed.length), 1)
        if (gone !== undefined) scheduler.cluster.nodes.removePod(gone)
      }
    }
    expect(fast.answered.scan).toBeGreaterThan(PODS / 2)
    expect(slow.answered.definition).toBe(PODS)
  })
})
