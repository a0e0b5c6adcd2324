import { expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { buildCluster, createPod, node, nodeOf } from './cluster-builder.ts'

/** Equal pods one by one, while nodes come; where each went, and how many of them an index of totals placed. */
function play(usesIndex: boolean): { readonly nodes: string[]; readonly blocks: number } {
  const { sim, api, scheduler } = buildCluster({ options: { usesIndex } })
  const nodes: string[] = []
  for (let i = 0; i < 16; i++) api.nodes.create(node(`n${i}`, { cpu: '16', memory: '32Gi' }))
  for (let i = 0; i < 60; i++) {
    if (i >= 20 && i % 3 === 0) api.nodes.create(node(`late${i}`, { cpu: '16', memory: '32Gi' }))
    const pod = createPod(api, `p${i}`, { cpu: '500m', memory: '1Gi' }, 'equal')
    sim.run((i + 1) * SECOND)
    nodes.push(nodeOf(api, pod))
  }
  return { nodes, blocks: scheduler.answered.blocks }
}

it('finds the nodes that came since the index of a class was made', () => {
  const fast = play(true)
  expect(fast.nodes).toEqual(play(false).nodes)
  expect(fast.blocks).toBeGreaterThan(20)
})
