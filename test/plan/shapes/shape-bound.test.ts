import { expect, it } from 'vitest'

import type { PricedShape } from '../../../src/plan/shapes/choose-shapes.ts'
import { relaxedMix } from '../../../src/plan/shapes/shape-bound.ts'
import type { ShapeProblem } from '../../../src/plan/shapes/shape-bound.ts'

const SHAPE: PricedShape = {
  name: 'small',
  family: 'a',
  cpu: 4000,
  memory: 1024,
  gpus: 0,
  architecture: 'amd64',
  pods: 110,
  price: 1,
  spotPrice: undefined,
}

it('takes a search that ends at its limit without a mix for no proof that there is none', () => {
  const problem = {
    resources: ['cpu'],
    machines: [{ amounts: [4000], nodes: [0, 1] }],
    groups: [{ amounts: [3000], count: 2, classes: [0], example: 0 }],
    groupOf: [0, 0],
  }
  const of: ShapeProblem = { problem, shapes: [SHAPE], whole: problem, classOf: new Map([[SHAPE, 0]]) }
  const setting = { shapesMax: 1, nodesMax: 2, demand: 1 }
  const limited = {
    status: 'limited',
    cost: Number.POSITIVE_INFINITY,
    bound: 1.5,
    values: undefined,
  } as const
  const relaxed = relaxedMix(of, setting, { solve: () => limited })
  expect(relaxed?.mix).toBeUndefined()
  expect(relaxed?.bound).toBeCloseTo(1.5, 4)
  expect(relaxedMix(of, setting, { solve: () => ({ status: 'infeasible' }) })).toBeUndefined()
})
