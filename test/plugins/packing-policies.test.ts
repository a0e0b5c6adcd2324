import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { buildCluster, buildPicker, createPod, node, nodeOf } from '../scheduler/cluster-builder.ts'
import { configurationOf, scoresOf } from './policy-cluster.ts'

const GPU = 'nvidia.com/gpu'
const PACKING = ['BestFit', 'WorstFit', 'FirstFit', 'DotProduct', 'L2Norm', 'Cosine'] as const

/** A small node of which less is taken, and a large one of which more is. */
const SMALL_AND_LARGE = [
  { has: { cpu: '10', memory: '20Gi' }, used: { cpu: '4', memory: '4Gi' } },
  { has: { cpu: '20', memory: '20Gi' }, used: { cpu: '16', memory: '10Gi' } },
]
const TWO_AND_FOUR = { cpu: '2', memory: '4Gi' }

describe('a packing policy scores by its formula', () => {
  // Left after placement, in units of the largest node: (0.2, 0.6) and (0.1, 0.3).
  // Demand and what is free, in shares of the node: (0.2, 0.2) and (0.6, 0.8); (0.1, 0.2) and (0.2, 0.5).
  it.each([
    ['BestFit', 1 - 0.4, 1 - 0.2, [75, 100]],
    ['WorstFit', 0.4, 0.2, [100, 50]],
    ['L2Norm', 1 - Math.sqrt(0.2), 1 - Math.sqrt(0.05), [71, 100]],
    ['DotProduct', (0.12 + 0.16) / 2, (0.02 + 0.1) / 2, [100, 42]],
    ['Cosine', 0.28 / Math.sqrt(0.08), 0.12 / Math.sqrt(0.05 * 0.29), [99, 100]],
  ] as const)('%s', (policy, small, large, [first, second]) => {
    const { n0, n1 } = scoresOf(policy, SMALL_AND_LARGE, TWO_AND_FOUR)
    expect(n0).toEqual({ raw: Math.round(1e6 * small), normalized: first })
    expect(n1).toEqual({ raw: Math.round(1e6 * large), normalized: second })
  })

  it('FirstFit', () => {
    const nodes = [{ has: { cpu: '1', memory: '1Gi' } }, ...SMALL_AND_LARGE]
    const scores = scoresOf('FirstFit', nodes, TWO_AND_FOUR)
    expect(Object.keys(scores)).toEqual(['n1', 'n2'])
    expect(scores['n1']?.normalized).toBe(100)
    expect(scores['n2']?.normalized).toBe(99)
  })
})

describe('a packing policy weighs resources', () => {
  const onGpus = [
    { has: { cpu: '10', memory: '10Gi', [GPU]: '8' }, used: { cpu: '5', memory: '5Gi', [GPU]: '2' } },
    { has: { cpu: '10', memory: '10Gi', [GPU]: '8' }, used: { cpu: '5', memory: '5Gi', [GPU]: '6' } },
  ]

  it.each([
    ['BestFit', 1 - (0.4 + 0.4 + 5 / 8) / 3, 1 - (0.4 + 0.4 + 1 / 8) / 3],
    ['WorstFit', (0.4 + 0.4 + 5 / 8) / 3, (0.4 + 0.4 + 1 / 8) / 3],
    ['DotProduct', (0.05 + 0.05 + 6 / 64) / 3, (0.05 + 0.05 + 2 / 64) / 3],
  ])('%s counts a GPU that the pod asks for', (policy, roomy, full) => {
    const { n0, n1 } = scoresOf(policy, onGpus, { cpu: '1', memory: '1Gi', [GPU]: '1' })
    expect(n0?.raw).toBe(Math.round(1e6 * roomy))
    expect(n1?.raw).toBe(Math.round(1e6 * full))
  })

  it('leaves GPUs out for a pod that asks for none, unless the arguments list them', () => {
    const nodes = [{ has: { cpu: '10', memory: '10Gi', [GPU]: '8' } }, { has: { cpu: '10', memory: '10Gi' } }]
    const plain = scoresOf('BestFit', nodes, { cpu: '1', memory: '1Gi' })
    expect(plain['n0']).toEqual(plain['n1'])
    const resources = ['cpu', 'memory', GPU].map((name) => ({ name }))
    const listed = scoresOf('BestFit', nodes, { cpu: '1', memory: '1Gi' }, { resources })
    expect(listed['n1']?.normalized).toBe(100)
    expect(listed['n0']?.normalized).toBeLessThan(100)
  })

  it('by the weights of the arguments', () => {
    const resources = [
      { name: 'cpu', weight: 3 },
      { name: 'memory', weight: 1 },
    ]
    const { n0 } = scoresOf('BestFit', SMALL_AND_LARGE, TWO_AND_FOUR, { resources })
    expect(n0?.raw).toBe(Math.round(1e6 * (1 - (3 * 0.2 + 0.6) / 4)))
  })

  it('by arguments that make sense', () => {
    const context = { gates: new Map(), path: 'args', warn: () => undefined }
    for (const policy of PACKING) {
      expect(() => plugins.get(policy)?.({ resource: [] }, context)).toThrow(/unknown field/)
    }
  })

  it('not at all for a pod that asks for nothing', () => {
    for (const policy of ['DotProduct', 'Cosine']) {
      const scores = Object.values(scoresOf(policy, SMALL_AND_LARGE, {}))
      expect(scores).toEqual([
        { raw: 0, normalized: 0 },
        { raw: 0, normalized: 0 },
      ])
    }
  })
})

const eighth = fc.integer({ min: 0, max: 7 })
const usedNodes = fc.array(fc.record({ size: fc.integer({ min: 1, max: 4 }), cpu: eighth, memory: eighth }), {
  minLength: 1,
  maxLength: 6,
})

describe('scores', () => {
  it('are from 0 to 100, and the best node has 100 alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PACKING), usedNodes, (policy, drawn) => {
        const nodes = drawn.map(({ size, cpu, memory }) => ({
          has: { cpu: `${size * 8}`, memory: `${size * 8}Gi` },
          used: { cpu: `${size * cpu}`, memory: `${size * memory}Gi` },
        }))
        const scores = Object.values(scoresOf(policy, nodes, { cpu: '1', memory: '1Gi' }))
        expect(scores).toHaveLength(nodes.length)
        const best = Math.max(...scores.map(({ raw }) => raw))
        for (const { raw, normalized } of scores) {
          expect(Number.isInteger(raw) && raw >= 0).toBe(true)
          expect(normalized >= 0 && normalized <= 100).toBe(true)
          expect(normalized === 100).toBe(raw === best && best > 0)
        }
      }),
      { seed: 1, numRuns: 60 },
    )
  })

  it.each([
    ['BestFit', 1],
    ['L2Norm', 1],
    ['WorstFit', -1],
    ['DotProduct', -1],
  ] as const)('of %s go one way as a node fills', (policy, direction) => {
    fc.assert(
      fc.property(eighth, eighth, (cpu, memory) => {
        const has = { cpu: '8', memory: '8Gi' }
        const nodes = [
          { has, used: { cpu: `${cpu}`, memory: `${memory}Gi` } },
          { has, used: { cpu: `${Math.max(0, cpu - 1)}`, memory: `${memory}Gi` } },
        ]
        const { n0, n1 } = scoresOf(policy, nodes, { cpu: '1', memory: '1Gi' })
        const rise = (n0?.raw ?? NaN) - (n1?.raw ?? NaN)
        if (cpu === 0) expect(rise).toBe(0)
        else expect(Math.sign(rise)).toBe(direction)
      }),
      { seed: 1, numRuns: 40 },
    )
  })
})

/**
 * Where a policy puts pods of these sizes, cpu and GiB of memory, on nodes that come one after the other; `before` is taken
 * of each of them.
 */
function placed(
  policy: string,
  nodes: readonly (readonly [cpu: number, memory: number])[],
  pods: readonly (readonly [cpu: number, memory: number])[],
  before: readonly (readonly [cpu: number, memory: number])[] = [],
): string[] {
  const { sim, api } = buildCluster({
    configuration: configurationOf(policy),
    gates: resolveFeatureGates('1.37'),
  })
  nodes.forEach(([cpu, memory], index) => {
    api.nodes.create(node(`n${index}`, { cpu: `${cpu}`, memory: `${memory}Gi` }))
  })
  before.forEach(([cpu, memory], index) => {
    createPod(api, `on-n${index}`, { cpu: `${cpu}`, memory: `${memory}Gi`, nodeName: `n${index}` })
  })
  sim.run(1)
  const rows = pods.map(([cpu, memory], index) => {
    const row = createPod(api, `p${index}`, {
      cpu: `${cpu}`,
      memory: `${memory}Gi`,
      preemptionPolicy: 'Never',
    })
    sim.run(sim.now + 1)
    return row
  })
  return rows.map((row) => nodeOf(api, row))
}

describe('instances of the textbook', () => {
  it('best fit keeps room for the large item that worst fit has no room for', () => {
    const sizes = [3, 6, 10].map((size) => [size, size] as const)
    const bins = [[10, 10] as const, [10, 10] as const]
    expect(new Set(placed('BestFit', bins, sizes)).has('')).toBe(false)
    expect(new Set(placed('FirstFit', bins, sizes)).has('')).toBe(false)
    expect(placed('WorstFit', bins, sizes).at(-1)).toBe('')
  })

  it('best fit places what first fit cannot', () => {
    const sizes = [5, 8, 2, 5].map((size) => [size, size] as const)
    const bins = [[10, 10] as const, [10, 10] as const]
    expect(placed('BestFit', bins, sizes)).not.toContain('')
    expect(placed('FirstFit', bins, sizes)).toEqual(['n0', 'n1', 'n0', ''])
  })

  it('alignment places what the sum of residuals cannot', () => {
    const bins = [[10, 10] as const, [10, 10] as const]
    const before = [[2, 8] as const, [6, 6] as const]
    const pods = [[4, 1] as const, [4, 4] as const]
    expect(placed('DotProduct', bins, pods, before)).toEqual(['n0', 'n1'])
    expect(placed('BestFit', bins, pods, before)).toEqual(['n1', ''])
  })

  it('cosine takes the node of the same proportions, full as it may be', () => {
    const bins = [[16, 16] as const, [4, 1] as const]
    expect(placed('Cosine', bins, [[4, 1]])).toEqual(['n1'])
    expect(placed('WorstFit', bins, [[4, 1]])).toEqual(['n0'])
  })

  it('the norm minds a lopsided rest more than the sum does', () => {
    // Left: (0, 0.5) or (0.3, 0.3) of the largest, with sums 0.5 and 0.6, norms 0.5 and 0.42.
    const bins = [[2, 7] as const, [5, 5] as const, [10, 10] as const]
    expect(placed('BestFit', bins, [[2, 2]])).toEqual(['n0'])
    expect(placed('L2Norm', bins, [[2, 2]])).toEqual(['n1'])
  })
})

describe('the fast path', () => {
  it.each(PACKING)('answers for %s as the definition does', (policy) => {
    const play = (usesIndex: boolean): string[] => {
      const { sim, api } = buildCluster({
        configuration: configurationOf(policy),
        options: { usesIndex, ...(policy === 'FirstFit' ? {} : { tieBreak: 'name' as const }) },
      })
      for (let i = 0; i < 12; i++) {
        api.nodes.create(node(`n${i}`, { cpu: `${4 + (i % 5) * 3}`, memory: `${8 + (i % 7)}Gi` }))
      }
      const rows = Array.from({ length: 60 }, (_, i) => {
        const row = createPod(api, `p${i}`, {
          cpu: `${100 * (1 + (i % 11))}m`,
          memory: `${128 * (1 + (i % 7))}Mi`,
        })
        sim.run(sim.now + 1)
        if (i === 30) api.nodes.create(node('huge', { cpu: '64', memory: '128Gi' }))
        if (i % 9 === 8) api.pods.requestDeletion(row, { grace: 0, reason: '' })
        return row
      })
      return rows.flatMap((row) => (api.pods.isRemoved(row) ? [] : [nodeOf(api, row)]))
    }
    expect(play(true)).toEqual(play(false))
  })

  it.each(PACKING)('answers for %s, over all nodes', (policy) => {
    const cluster = buildCluster({ configuration: configurationOf(policy) })
    const { sim, api, scheduler } = cluster
    for (let i = 0; i < 150; i++) api.nodes.create(node(`n${i}`, { cpu: '4', memory: '8Gi' }))
    sim.run(1)
    const [profile] = [...scheduler.profiles.values()]
    if (profile === undefined) throw new Error('there is no profile')
    const picker = buildPicker(cluster)
    const pod = createPod(api, 'p', { cpu: '1', memory: '1Gi' })
    const picked = picker.pick(profile, profile.classOf(scheduler.cluster.shapes.shapeOf(pod)), pod)
    expect(picker.answered).toMatchObject({ index: 1, mixed: 0, definition: 0 })
    expect(picked.feasible).toBe(150)
  })
})
