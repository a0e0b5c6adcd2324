import fc from 'fast-check'
import { expect, it } from 'vitest'

import type { PodRow } from '../../src/cluster/rows.ts'
import { NodeAmounts } from '../../src/scheduler/node-amounts.ts'
import { NodePods } from '../../src/scheduler/node-pods.ts'

const NODES = 3

it('lists of pods are what arrays would be in which the last takes the place of one that leaves', () => {
  const step = fc.record({ node: fc.nat(NODES - 1), joins: fc.boolean(), place: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), fc.nat(200), (steps, before) => {
      const amounts = new NodeAmounts()
      const pods = new NodePods(amounts)
      const arrays: PodRow[][] = Array.from({ length: NODES }, () => [])
      let next = 0
      const join = (node: number): void => {
        const pod = next++ as PodRow
        arrays[node]?.push(pod)
        expect(pods.join(node, pod)).toBe((arrays[node]?.length ?? 0) - 1)
      }
      for (let i = 0; i < before; i++) join(0)
      for (const { node, joins, place } of steps) {
        const array = arrays[node] ?? []
        if (joins || array.length === 0) join(node)
        else {
          const at = place % array.length
          const last = array.pop() as PodRow
          if (at < array.length) array[at] = last
          expect(pods.leave(node, at)).toBe(last)
        }
      }
      arrays.forEach((array, node) => expect(pods.list(node)).toEqual(array))
    }),
    { numRuns: 100, seed: 7 },
  )
})
