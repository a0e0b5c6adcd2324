import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { PackingProblem } from '../../../src/plan/packing/asks.ts'
import { resourceBound } from '../../../src/plan/packing/lower-bound.ts'
import { GPU_DEVICES, withSharedDevices } from '../../../src/plan/packing/shared-devices.ts'

/** Machines with so many GPUs each, and pods by the thousandths that each wants of so many of them. */
function gpuProblem(
  { gpus, machines }: { readonly gpus: number; readonly machines: number },
  pods: readonly (readonly [count: number, milli: number, pods: number])[],
): PackingProblem {
  return {
    resources: ['stowage.dev/gpu-milli'],
    machines: [
      { amounts: [gpus * 1000], devices: gpus, nodes: Array.from({ length: machines }, (_, node) => node) },
    ],
    groups: pods.map(([count, milli, number], example) => {
      return { amounts: [count * milli], devices: { count, milli }, count: number, classes: [0], example }
    }),
    groupOf: [],
  }
}

describe('the bound by single GPUs', () => {
  it('is one for each pod that wants more than a half', () => {
    // Ten of 600 ask for six GPUs together, and share none: three machines of four GPUs.
    const problem = gpuProblem({ gpus: 4, machines: 20 }, [[1, 600, 10]])
    expect(resourceBound(problem).machines).toBe(2)
    expect(resourceBound(withSharedDevices(problem))).toEqual({
      machines: 3,
      proof: 'resource',
      resource: GPU_DEVICES,
    })
  })

  it('knows that at most two of more than a third share one', () => {
    // Twelve of 340 ask for 4.08 GPUs; no three of them fit on one.
    const problem = withSharedDevices(gpuProblem({ gpus: 1, machines: 20 }, [[1, 340, 12]]))
    expect(resourceBound(problem).machines).toBe(6)
  })

  it('counts each of the GPUs of a pod that wants several', () => {
    const problem = withSharedDevices(gpuProblem({ gpus: 2, machines: 20 }, [[2, 510, 3]]))
    expect(resourceBound(problem).machines).toBe(3)
  })

  it('is infinite where sums would still fit', () => {
    const problem = gpuProblem({ gpus: 2, machines: 2 }, [[1, 700, 5]])
    expect(resourceBound(problem).machines).toBe(2)
    expect(resourceBound(withSharedDevices(problem)).machines).toBe(Number.POSITIVE_INFINITY)
  })

  it('leaves a problem without GPUs as it is', () => {
    const problem: PackingProblem = { resources: ['cpu'], machines: [], groups: [], groupOf: [] }
    expect(withSharedDevices(problem)).toBe(problem)
  })

  it('never asks for more than the GPUs on which pods lie', () => {
    const device = fc
      .array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 })
      .map((shares) => {
        let left = 1000
        return shares.filter((share) => (share <= left ? ((left -= share), true) : false))
      })
    fc.assert(
      fc.property(fc.array(device, { minLength: 1, maxLength: 12 }), (devices) => {
        const pods = devices.flat().map((milli): [number, number, number] => [1, milli, 1])
        const problem = withSharedDevices(gpuProblem({ gpus: 1, machines: devices.length }, pods))
        expect(resourceBound(problem).machines).toBeLessThanOrEqual(devices.length)
      }),
      { numRuns: 500 },
    )
  })
})
