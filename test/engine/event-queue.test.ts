import fc from 'fast-check'
import FastPriorityQueue from 'fastpriorityqueue'
import { describe, expect, it } from 'vitest'

import { EventQueue } from '../../src/engine/event-queue.ts'
import type { TakenEvent } from '../../src/engine/event-queue.ts'

interface Entry {
  readonly time: number
  readonly sequence: number
  isCancelled: boolean
}

function taken(): TakenEvent {
  return { time: -1, sequence: -1, handler: -1, a: -1, b: -1 }
}

function countCancelled(queue: FastPriorityQueue<Entry>): number {
  let count = 0
  queue.forEach((entry) => {
    if (entry.isCancelled) count += 1
  })
  return count
}

describe('EventQueue', () => {
  it('agrees with a priority queue of objects under pushes, pops and cancels', () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant('push' as const), time: fc.integer({ min: 0, max: 20 }) }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('push-now' as const) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('pop' as const) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), of: fc.nat() }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new EventQueue()
        const oracle = new FastPriorityQueue<Entry>(
          (one, other) => one.time < other.time || (one.time === other.time && one.sequence < other.sequence),
        )
        const timers: { readonly timer: number; readonly entry: Entry; isOver: boolean }[] = []
        let sequence = 0
        let now = 0
        for (const one of steps) {
          if (one.kind === 'push' || one.kind === 'push-now') {
            const time = one.kind === 'push' ? now + one.time : now
            const entry = { time, sequence, isCancelled: false }
            const timer =
              one.kind === 'push'
                ? queue.push(time, sequence, 3, sequence, 2 * sequence)
                : queue.pushNow(time, sequence, 3, sequence, 2 * sequence)
            sequence += 1
            oracle.add(entry)
            timers.push({ timer, entry, isOver: false })
          } else if (one.kind === 'cancel') {
            const chosen = timers[one.of % Math.max(1, timers.length)]
            if (chosen === undefined) continue
            expect(queue.cancel(chosen.timer)).toBe(!chosen.isOver)
            chosen.isOver = true
            chosen.entry.isCancelled = true
          } else {
            let expected = oracle.poll()
            while (expected?.isCancelled === true) expected = oracle.poll()
            const event = taken()
            expect(queue.pop(event)).toBe(expected !== undefined)
            if (expected === undefined) continue
            now = expected.time
            expect(queue.pending).toBe(oracle.size - countCancelled(oracle))
            expect(event).toEqual({
              time: expected.time,
              sequence: expected.sequence,
              handler: 3,
              a: expected.sequence,
              b: 2 * expected.sequence,
            })
            for (const one of timers) if (one.entry === expected) one.isOver = true
          }
          expect(queue.pending).toBe(timers.filter((timer) => !timer.isOver).length)
        }
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('sweeps cancelled events and keeps the order of the rest', () => {
    const queue = new EventQueue()
    const timers = Array.from({ length: 10_000 }, (_, index) =>
      queue.push((index * 7919) % 10_000, index, 0, index, 0),
    )
    for (let i = 0; i < timers.length; i += 1) if (i % 4 !== 0) queue.cancel(timers[i] ?? -1)
    expect(queue.pending).toBe(2500)
    const event = taken()
    let last = -1
    let count = 0
    while (queue.pop(event)) {
      expect(event.time).toBeGreaterThanOrEqual(last)
      expect(event.a % 4).toBe(0)
      last = event.time
      count += 1
    }
    expect(count).toBe(2500)
  })

  it('never lets a stale timer cancel the event that has its slot now', () => {
    const queue = new EventQueue()
    const first = queue.push(1, 0, 0, 0, 0)
    queue.pop(taken())
    queue.push(2, 1, 0, 0, 0)
    expect(queue.cancel(first)).toBe(false)
    expect(queue.pending).toBe(1)
  })
})
