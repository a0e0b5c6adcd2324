import fc from 'fast-check'
import { expect, it } from 'vitest'

import { WaitingAsks } from '../../src/scheduler/waiting-asks.ts'

const ask = fc.record({ name: fc.integer({ min: 0, max: 20 }), cpu: fc.nat(10), memory: fc.nat(10) })

it('finds whom an amount suffices, as a list of all would', () => {
  const step = fc.oneof(ask, fc.integer({ min: 0, max: 20 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(10), fc.nat(10), (steps, cpu, memory) => {
      const asks = new WaitingAsks<number>()
      const all = new Map<number, { cpu: number; memory: number }>()
      for (const one of steps) {
        if (typeof one === 'number') {
          asks.remove(one)
          all.delete(one)
        } else if (!all.has(one.name)) {
          asks.add(one.name, one.cpu, one.memory)
          all.set(one.name, one)
        }
      }
      const expected = [...all].flatMap(([name, one]) =>
        one.cpu <= cpu && one.memory <= memory ? [name] : [],
      )
      expect(new Set(asks.within(cpu, memory))).toEqual(new Set(expected))
    }),
  )
})
