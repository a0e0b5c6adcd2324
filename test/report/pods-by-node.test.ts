import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { PodNotes } from '../../src/report/pod-notes.ts'
import { PodsByNode } from '../../src/report/pods-by-node.ts'

it('holds the pods of each node in the order in which they joined, from the first question on and before', () => {
  const move = fc.record({
    pod: fc.oneof(fc.nat(8), fc.nat(3000)),
    node: fc.nat(3),
    asks: fc.integer({ min: 0, max: 20 }).map((chance) => chance === 0),
  })
  fc.assert(
    fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
      const notes = new PodNotes()
      const lists = new PodsByNode(notes)
      const nodeOf = new Map<PodRow, number>()
      const check = (): void => {
        for (let node = 0; node < 4; node++) {
          const joined = [...nodeOf].filter(([, on]) => on === node).map(([pod]) => pod)
          expect(lists.on(node as NodeRow)).toEqual(joined.toReversed())
        }
      }
      for (const { pod, node, asks } of moves) {
        const row = pod as PodRow
        if (nodeOf.delete(row)) lists.leave(row)
        else {
          notes.start(row, 0)
          lists.join(row, node as NodeRow)
          nodeOf.set(row, node)
        }
        if (asks) check()
      }
      check()
    }),
  )
})
