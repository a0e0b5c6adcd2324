import fc from 'fast-check'
import { expect, it } from 'vitest'

import { WaitingRoom } from '../../src/scheduler/waiting-room.ts'
import type { Waiter } from '../../src/scheduler/waiting-room.ts'

const waiter = fc.record({
  priority: fc.integer({ min: 0, max: 2 }),
  cpu: fc.integer({ min: 1, max: 40 }),
  memory: fc.constantFrom(-Infinity, 1, 10, 20, 30),
  order: fc.integer({ min: 0, max: 1e6 }),
})

it('finds the first in line that fits, as a look at all of them does', () => {
  let found = 0
  fc.assert(
    fc.property(
      fc.array(waiter, { maxLength: 1200 }),
      fc.array(fc.record({ cpu: fc.integer({ min: 0, max: 12 }), memory: fc.integer({ min: 0, max: 31 }) }), {
        minLength: 5,
        maxLength: 30,
      }),
      fc.integer({ min: 1, max: 7 }),
      (drafts, rooms, step) => {
        const line = new WaitingRoom<Waiter>()
        const all = drafts.map((draft, index): Waiter => ({ ...draft, sequence: draft.order * 2000 + index }))
        for (const one of all) line.join(one)
        const staying = all.filter((_, index) => index % step !== 0)
        for (const one of all) if (!staying.includes(one)) line.leave(one)
        expect(line.size).toBe(staying.length)
        const inLine = staying.toSorted(
          (one, other) => other.priority - one.priority || one.sequence - other.sequence,
        )
        const leftOut = inLine[0]
        for (const { cpu, memory } of rooms) {
          const expected = inLine.find((one) => one !== leftOut && one.cpu <= cpu && one.memory <= memory)
          expect(line.first(cpu, memory, (one) => one === leftOut)).toBe(expected)
          if (expected !== undefined) found += 1
        }
      },
    ),
    { seed: 3, numRuns: 60 },
  )
  expect(found).toBeGreaterThan(100)
})

it('refuses that somebody leaves who does not stand in line', () => {
  const line = new WaitingRoom<Waiter>()
  const one = { priority: 0, sequence: 1, cpu: 1, memory: 1 }
  line.join(one)
  expect(() => line.leave({ ...one })).toThrow('somebody leaves the line who does not stand in it')
})
