import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import { lossesOf } from '../../src/plan/losses.ts'
import type { PlannedNode } from '../../src/plan/losses.ts'
import { survivalQuestion } from '../../src/plan/survival-question.ts'

const node = fc.record({
  zone: fc.constantFrom('a', 'b', 'c', undefined),
  web: fc.integer({ min: 0, max: 3 }),
  requestedCpu: fc.integer({ min: 0, max: 5 }),
})

function planned(
  nodes: readonly { zone: string | undefined; web: number; requestedCpu: number }[],
): PlannedNode[] {
  return nodes.map(({ zone, web, requestedCpu }, index) => ({
    name: `node-${index}`,
    labels: zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone },
    replicas: new Map(web === 0 ? [] : [['web', web]]),
    requestedCpu,
  }))
}

function chance(): ReturnType<RandomStreams['stream']> {
  return new RandomStreams(1).stream('plan')
}

describe('losses', () => {
  it('are all there are, or as many as are to be tried, each once, of as many nodes as are asked for', () => {
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 3, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 30 }),
        (nodes, count, tries) => {
          const question = survivalQuestion(`node:${count}`)
          const { tried, all } = lossesOf(question, planned(nodes), tries, chance())
          expect(tried).toHaveLength(Math.min(all, tries))
          expect(new Set(tried.map(({ name }) => name)).size).toBe(tried.length)
          for (const loss of tried) expect(new Set(loss.nodes).size).toBe(count)
        },
      ),
    )
  })

  it('have the worst among them, for requests and for each workload, as soon as two are tried', () => {
    fc.assert(
      fc.property(fc.array(node, { minLength: 4, maxLength: 8 }), (nodes) => {
        const all = planned(nodes)
        const { tried } = lossesOf(survivalQuestion('node:2'), all, 2, chance())
        const most = (of: (one: PlannedNode) => number): number =>
          all
            .map(of)
            .toSorted((one, other) => other - one)
            .slice(0, 2)
            .reduce((sum, one) => sum + one, 0)
        const worst = (of: (one: PlannedNode) => number): number =>
          Math.max(
            ...tried.map((loss) =>
              all.filter(({ name }) => loss.nodes.includes(name)).reduce((sum, one) => sum + of(one), 0),
            ),
          )
        const web = ({ replicas }: PlannedNode): number => replicas.get('web') ?? 0
        const cpu = ({ requestedCpu }: PlannedNode): number => requestedCpu
        expect(worst(cpu)).toBe(most(cpu))
        expect(worst(web)).toBe(most(web))
      }),
    )
  })

  it('of a label leave out nodes that do not have it, and come in the order of names', () => {
    const nodes = planned([
      { zone: 'b', web: 1, requestedCpu: 1 },
      { zone: undefined, web: 1, requestedCpu: 1 },
      { zone: 'a', web: 0, requestedCpu: 0 },
      { zone: 'b', web: 0, requestedCpu: 0 },
    ])
    expect(lossesOf(survivalQuestion('zone'), nodes, 10, chance())).toEqual({
      tried: [
        { name: 'zone a', nodes: ['node-2'] },
        { name: 'zone b', nodes: ['node-0', 'node-3'] },
      ],
      all: 2,
    })
  })
})
