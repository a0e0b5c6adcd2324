import fc from 'fast-check'
import { expect, it } from 'vitest'

import type { RunNodes } from '../../../../src/report/page/build/node-rows.ts'
import type { Placements } from '../../../../src/report/page/build/placements.ts'
import { sampleNodes, samplePods } from '../../../../src/report/page/build/player-sample.ts'

const END = 1000

interface MadePod {
  readonly bound: number
  readonly length: number
  readonly cpu: number
}

function placementsOf(pods: readonly MadePod[]): Placements {
  const column = (of: (pod: MadePod) => number): Float64Array => Float64Array.from(pods, of)
  const none = { values: [''], indexes: new Uint32Array(pods.length) }
  return {
    count: pods.length,
    rows: Uint32Array.from(pods.keys()),
    node: new Uint32Array(pods.length),
    createdAt: column(({ bound }) => bound),
    boundAt: column(({ bound }) => bound),
    runningAt: column(({ bound }) => bound),
    endedAt: column(({ bound, length }) => bound + length),
    cpu: column(({ cpu }) => cpu),
    memory: column(() => 0),
    gpu: column(() => 0),
    table: {
      namespace: none,
      name: { at: String },
      ownerKind: none,
      owner: { at: String },
      qos: none,
      priority: none,
      outcome: none,
    },
  }
}

function nodesOf(crashes: readonly number[]): RunNodes {
  const zero = new Float64Array(crashes.length)
  return {
    names: crashes.map((_, place) => `node-${place}`),
    places: new Map(),
    capacity: { cpu: zero.map(() => 64), memory: zero, pods: zero, gpu: zero },
    crashes: Float64Array.from(crashes),
    lives: [],
  }
}

const pods = fc.array(
  fc.record({
    bound: fc.integer({ min: 0, max: 900 }),
    length: fc.integer({ min: 0, max: 100 }),
    cpu: fc.integer({ min: 0, max: 64 }),
  }),
  { minLength: 1, maxLength: 200 },
)

it('keeps as many pods as there is room for, in order of binding, the largest and the longest among them', () => {
  fc.assert(
    fc.property(pods, fc.integer({ min: 4, max: 100 }), (made, room) => {
      const placements = placementsOf(made)
      const kept = [...samplePods(placements, nodesOf([0]), END, room)]
      expect(kept.length).toBe(Math.min(made.length, room))
      expect(new Set(kept).size).toBe(kept.length)
      const times = kept.map((pod) => made[pod]?.bound ?? 0)
      expect(times).toEqual(times.toSorted((one, other) => one - other))
      const most = (of: (pod: MadePod) => number): number => Math.max(...made.map(of))
      expect(kept.some((pod) => made[pod]?.cpu === most(({ cpu }) => cpu))).toBe(true)
      expect(kept.some((pod) => made[pod]?.length === most(({ length }) => length))).toBe(true)
    }),
  )
})

it('keeps nodes whose machines went down, then those with most pods', () => {
  const placements = { ...placementsOf([{ bound: 0, length: 1, cpu: 1 }]), node: Uint32Array.of(3) }
  expect([...sampleNodes(nodesOf([0, 2, 0, 0]), placements, 2)]).toEqual([1, 3])
  expect([...sampleNodes(nodesOf([0, 2]), placements, 2)]).toEqual([0, 1])
})
