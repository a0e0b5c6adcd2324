import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { PackingProblem } from '../../../src/plan/packing/asks.ts'
import { directionGroups } from '../../../src/plan/packing/directions.ts'
import {
  machineBound,
  mayFitCounted,
  mayFitCut,
  onlyWith,
  resourceBound,
} from '../../../src/plan/packing/lower-bound.ts'
import { optimum } from '../../../src/plan/packing/optimum.ts'
import { loadSolver } from '../../../src/plan/solver.ts'
import { randomProblem, triedOptimum } from './random-problem.ts'

const solver = await loadSolver()
const NODES_MAX = 10_000

/** Machines of one size and pods by their amounts. */
function problemOf(
  machine: readonly number[],
  count: number,
  pods: readonly (readonly number[])[],
): PackingProblem {
  const nodes = Array.from({ length: count }, (_, index) => index)
  return {
    resources: machine.map((_, index) => `resource-${index}`),
    machines: [{ amounts: machine, nodes }],
    groups: pods.map((amounts, example) => ({ amounts, count: 1, classes: [0], example })),
    groupOf: pods.map((_, index) => index),
  }
}

describe('the bound by counting', () => {
  it('is the capacity of the largest machines', () => {
    // 30 asked for, machines of 16, 8, 8: 16 + 8 + 8.
    const problem: PackingProblem = {
      resources: ['cpu'],
      machines: [
        { amounts: [8], nodes: [0, 1] },
        { amounts: [16], nodes: [2] },
      ],
      groups: [{ amounts: [2], count: 15, classes: [0, 1], example: 0 }],
      groupOf: [],
    }
    expect(resourceBound(problem)).toEqual({ machines: 3, proof: 'resource', resource: 'cpu' })
  })

  it('knows that pods of more than half a machine share none', () => {
    // Ten of 6 fill 60 of 100: seven machines by sums, ten by L2.
    const problem = problemOf(
      [10],
      20,
      Array.from({ length: 10 }, () => [6]),
    )
    expect(resourceBound(problem)).toEqual({ machines: 10, proof: 'large-pods', resource: 'resource-0' })
  })

  it('fills what large pods leave with those that fit there', () => {
    // Four of 7 leave 3 each; six of 4 fit beside none of them, two on a machine: 4 + 3.
    const pods = [...Array.from({ length: 4 }, () => [7]), ...Array.from({ length: 6 }, () => [4])]
    expect(resourceBound(problemOf([10], 20, pods)).machines).toBe(7)
  })
})

describe('the bound by relaxation', () => {
  it('is above that by counting where pods go to some machines only', () => {
    // Two pods of 8 go to the small class alone, which has 8 each: 2 machines there, and 1 large for the other 16.
    const problem: PackingProblem = {
      resources: ['cpu'],
      machines: [
        { amounts: [8], nodes: [0, 1, 2] },
        { amounts: [32], nodes: [3, 4] },
      ],
      groups: [
        { amounts: [8], count: 2, classes: [0], example: 0 },
        { amounts: [16], count: 1, classes: [1], example: 2 },
      ],
      groupOf: [0, 0, 1],
    }
    expect(resourceBound(problem).machines).toBe(1)
    expect(machineBound(problem, solver)).toEqual({ machines: 3, proof: 'relaxation', resource: undefined })
  })
})

describe('bounds and optimum', () => {
  it('are in order, and the optimum is what trying every way finds', () => {
    let packed = 0
    fc.assert(
      fc.property(randomProblem, (problem) => {
        const tried = triedOptimum(problem)
        const costs = problem.machines.map(() => 1)
        const found = optimum(problem, costs, { solver, nodesMax: NODES_MAX })
        if (tried === undefined) {
          expect(found).toBeUndefined()
          return
        }
        packed += 1
        expect(found?.isProven).toBe(true)
        expect(found?.cost).toBeCloseTo(tried, 6)
        const counted = resourceBound(problem).machines
        const bound = machineBound(problem, solver).machines
        expect(counted).toBeLessThanOrEqual(bound)
        expect(bound).toBeLessThanOrEqual(tried)
        const all = problem.machines.map(({ nodes }) => nodes.length)
        expect(mayFitCounted(onlyWith(problem, all))).toBe(true)
        expect(mayFitCut(onlyWith(problem, all), solver)).toBe(true)
      }),
      { numRuns: 60, seed: 7 },
    )
    expect(packed).toBeGreaterThan(20)
  })

  it('finds the optimum of a textbook case that first fit decreasing misses', () => {
    // 6 + 3 + 3 and 4 + 4 + 4 fill two bins of 12; first fit decreasing puts 4 beside 6.
    const sizes = [6, 4, 4, 4, 3, 3]
    const problem = problemOf(
      [12],
      4,
      sizes.map((size) => [size]),
    )
    expect(firstFitDecreasing(sizes, 12)).toBe(3)
    expect(optimum(problem, [1], { solver, nodesMax: NODES_MAX })?.cost).toBeCloseTo(2, 6)
  })

  it('finds the optimum of vectors, whose sums say less', () => {
    // Each pair that fits both ways is one of cpu and one of memory: four of each fit on four machines.
    const pods = [...Array.from({ length: 4 }, () => [7, 2]), ...Array.from({ length: 4 }, () => [2, 7])]
    const problem = problemOf([10, 10], 8, pods)
    expect(optimum(problem, [1], { solver, nodesMax: NODES_MAX })?.cost).toBeCloseTo(4, 6)
    const alike = problemOf(
      [10, 10],
      8,
      Array.from({ length: 4 }, () => [4, 7]),
    )
    expect(optimum(alike, [1], { solver, nodesMax: NODES_MAX })?.cost).toBeCloseTo(4, 6)
  })
})

describe('groups of one direction', () => {
  it('are one group, and rounding never makes them larger', () => {
    const groups = [
      { amounts: [2, 4], count: 3, classes: [0], example: 0 },
      { amounts: [4, 8], count: 1, classes: [0], example: 1 },
      { amounts: [4, 8], count: 1, classes: [1], example: 2 },
    ]
    const exact = directionGroups(groups, [8, 16], 10)
    expect(exact).toEqual([
      { classes: [0], amounts: [1, 1], weight: 3 * 0.25 + 0.5 },
      { classes: [1], amounts: [1, 1], weight: 0.5 },
    ])
    const many = Array.from({ length: 50 }, (_, index) => ({
      amounts: [16, index % 16],
      count: 1,
      classes: [0],
      example: index,
    }))
    const few = directionGroups(many, [16, 16], 6)
    expect(few.length).toBeLessThanOrEqual(6)
    const sum = (amounts: readonly (readonly [number, number])[]): number =>
      amounts.reduce((all, [amount, weight]) => all + amount * weight, 0)
    const memory = sum(few.map(({ amounts, weight }) => [amounts[1] ?? 0, weight] as const))
    expect(memory).toBeLessThanOrEqual(sum(many.map(({ amounts }) => [(amounts[1] ?? 0) / 16, 1] as const)))
    expect(few.reduce((all, { weight }) => all + weight, 0)).toBe(50)
  })
})

function firstFitDecreasing(sizes: readonly number[], whole: number): number {
  const bins: number[] = []
  for (const size of sizes.toSorted((one, other) => other - one)) {
    const place = bins.findIndex((free) => free >= size)
    if (place < 0) bins.push(whole - size)
    else bins[place] = (bins[place] ?? 0) - size
  }
  return bins.length
}
