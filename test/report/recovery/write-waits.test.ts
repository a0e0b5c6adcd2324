import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { WriteWaits } from '../../../src/report/recovery/write-waits.ts'

const step = fc.record({
  after: fc.integer({ min: 0, max: 5 }),
  what: fc.constantFrom('begin', 'end', 'wait'),
  /** Which failure ends, or for how long a write has waited. */
  number: fc.nat(12),
})

interface Failure {
  readonly from: number
  until: number
}

describe('waits of writes', () => {
  it('are summed for each failure as if all of them had been kept', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const waits = new WriteWaits()
        const failures: Failure[] = []
        const told: { readonly from: number; readonly until: number }[] = []
        let now = 0
        for (const { after, what, number } of steps) {
          now += after
          if (what === 'begin') {
            waits.began(failures.push({ from: now, until: Number.POSITIVE_INFINITY }), now)
          } else if (what === 'end') {
            const failure = failures[number]
            if (failure === undefined || failure.until <= now) continue
            failure.until = now
            waits.ended(number + 1, now)
          } else if (number > 0 && number <= now) {
            const wait = { client: 'tasks', reason: 'etcd', from: now - number, until: now } as const
            told.push(wait)
            waits.waited(wait)
          }
        }
        failures.forEach((failure, place) => {
          const parts = told
            .map(({ from, until }) => Math.min(until, failure.until) - Math.max(from, failure.from))
            .filter((part) => part > 0)
          const time = parts.reduce((sum, part) => sum + part, 0)
          expect(waits.of(place + 1)).toEqual({ writes: parts.length, time })
        })
      }),
      { numRuns: 500 },
    )
  })

  it('are none of a failure that never began', () => {
    expect(new WriteWaits().of(7)).toEqual({ writes: 0, time: 0 })
  })
})
