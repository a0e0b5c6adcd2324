import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { PodsByNode } from '../../src/report/pods-by-node.ts'

it('holds what a map of sets holds', () => {
  const moves = fc.array(fc.record({ pod: fc.oneof(fc.nat(8), fc.nat(3000)), node: fc.nat(3) }), {
    maxLength: 200,
  })
  fc.assert(
    fc.property(moves, (list) => {
      const lists = new PodsByNode()
      const nodeOf = new Map<number, number>()
      for (const { pod, node } of list) {
        if (nodeOf.has(pod)) {
          lists.leave(pod as PodRow)
          nodeOf.delete(pod)
        } else {
          lists.join(pod as PodRow, node as NodeRow)
          nodeOf.set(pod, node)
        }
      }
      for (let node = 0; node < 4; node++) {
        const expected = [...nodeOf].filter(([, on]) => on === node).map(([pod]) => pod)
        const found = lists.on(node as NodeRow)
        expect(found.toSorted((one, other) => one - other)).toEqual(
          expected.toSorted((one, other) => one - other),
        )
      }
    }),
  )
})
