import { describe, expect, it } from 'vitest'

import { MILLISECOND, SECOND } from '../../src/base/time.ts'
import { ScoredHeap } from '../../src/scheduler/scored-heap.ts'
import { buildCluster, createPod, node } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

/** A profile without default spread constraints: with them no pod is batched. */
const PROFILE = {
  profiles: [{ pluginConfig: [{ name: 'PodTopologySpread', args: { defaultingType: 'List' } }] }],
}

/** A cluster of six equal nodes; nodes that each decision looked at. */
function cluster(batches: boolean, configuration: object = PROFILE): TestCluster & { evaluated: number[] } {
  const made = buildCluster({ configuration, options: { batches } })
  const evaluated: number[] = []
  made.scheduler.observe((decision) => evaluated.push(decision.evaluated))
  for (let i = 0; i < 6; i++) made.api.nodes.create(node(`n${i}`, { cpu: '4', memory: '16Gi' }))
  return { ...made, evaluated }
}

function arrive({ api, sim }: TestCluster, names: readonly string[], cpu = '3'): void {
  for (const name of names) createPod(api, name, { cpu }, 'web')
  sim.run(sim.now + MILLISECOND)
}

describe('opportunistic batching', () => {
  it('gives equal pods in a row the next nodes of one search', () => {
    const made = cluster(true)
    arrive(made, ['a', 'b', 'c'])
    expect(made.evaluated).toEqual([6, 1, 1])
  })

  it('searches again for another pod, after a failure, and after half a second', () => {
    const made = cluster(true)
    const { sim, evaluated } = made
    arrive(made, ['a', 'b'])
    arrive(made, ['small'], '1')
    expect(evaluated.splice(0)).toEqual([6, 1, 6])
    arrive(made, ['huge'], '64')
    arrive(made, ['c'])
    expect(evaluated.splice(0)).toEqual([6, 6])
    sim.run(sim.now + 500 * MILLISECOND)
    arrive(made, ['d'])
    expect(evaluated).toEqual([6])
  })

  it('is off with the gate, and with default spread constraints', () => {
    for (const made of [cluster(false), cluster(true, {})]) {
      arrive(made, ['a', 'b'])
      expect(made.evaluated).toEqual([6, 6])
    }
  })

  it('takes no hint that a change has made wrong', () => {
    const made = cluster(true)
    arrive(made, ['a'])
    for (let i = 1; i < 6; i++) {
      made.api.nodes.update(node(`n${i}`, { cpu: '4', memory: '16Gi' }, { unschedulable: i < 5 }))
    }
    made.sim.run(made.sim.now + MILLISECOND)
    createPod(made.api, 'other', { cpu: '3' })
    arrive(made, ['b'])
    made.sim.run(SECOND)
    expect(made.scheduler.queue.size).toBe(1)
  })
})

describe('ScoredHeap', () => {
  it('leaves equals in the order that building and taking leaves them in', () => {
    const totals = [5, 7, 9, 9, 7, 9, 1]
    const heap = new ScoredHeap(totals.map((total, place) => ({ node: place, total, raw: new Map() })))
    const taken: number[] = []
    for (let top = heap.pop(); top !== undefined; top = heap.pop()) taken.push(top.total)
    expect(taken).toEqual([9, 9, 9, 7, 7, 5, 1])
    expect(
      new ScoredHeap([3, 3, 3, 4].map((total, place) => ({ node: place, total, raw: new Map() }))).pop()
        ?.node,
    ).toBe(3)
  })
})
