import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NEVER } from '../../src/base/time.ts'
import { EventQueue } from '../../src/engine/event-queue.ts'
import type { TakenEvent } from '../../src/engine/event-queue.ts'

/** The definition: a list in the order of time, then of pushing. */
class SortedList {
  readonly #entries: { readonly time: number; readonly id: number }[] = []

  get length(): number {
    return this.#entries.length
  }

  get first(): { readonly time: number; readonly id: number } | undefined {
    return this.#entries[0]
  }

  add(time: number, id: number): void {
    const after = this.#entries.findIndex((entry) => entry.time > time)
    this.#entries.splice(after === -1 ? this.#entries.length : after, 0, { time, id })
  }

  remove(id: number): boolean {
    const index = this.#entries.findIndex((entry) => entry.id === id)
    if (index !== -1) this.#entries.splice(index, 1)
    return index !== -1
  }
}

/** The queue beside its definition: each step is done to both, and gives their answers. */
class Pair {
  readonly #queue = new EventQueue()
  readonly #list = new SortedList()
  readonly #timers: number[] = []
  now = 0

  push(delay: number): void {
    const id = this.#timers.length
    this.#timers.push(this.#queue.push(this.now + delay, id % 100, id, -0.5 * id))
    this.#list.add(this.now + delay, id)
  }

  cancel(chosen: number): Answers {
    const id = chosen % Math.max(1, this.#timers.length)
    const timer = this.#timers[id]
    if (timer === undefined) return { queue: false, list: false }
    return { queue: this.#queue.cancel(timer), list: this.#list.remove(id) }
  }

  peek(): Answers {
    return { queue: this.#queue.peekTime(), list: this.#list.first?.time ?? NEVER }
  }

  pending(): Answers {
    return { queue: this.#queue.pending, list: this.#list.length }
  }

  /** Takes the first event that is due within the bounds; where none is, time goes on to the nearer bound. */
  pop(until = NEVER, before = NEVER): Answers {
    const { first } = this.#list
    const event = taken()
    const answer = this.#queue.pop(event, until, before) ? event : undefined
    if (first !== undefined && first.time <= until && first.time < before) {
      const { time, id } = first
      this.#list.remove(id)
      this.now = time
      return { queue: answer, list: { time, handler: id % 100, a: id, b: -0.5 * id } }
    }
    if (before <= until && before < NEVER) this.#queue.moveTo(before)
    if (before < NEVER || until < NEVER) this.now = Math.min(before, until)
    return { queue: answer, list: undefined }
  }

  /** Takes all that wait; the answers of each time, and of the time when none waits. */
  popAll(): Answers[] {
    return Array.from({ length: this.#list.length + 1 }, () => this.pop())
  }
}

interface Answers {
  readonly queue: unknown
  readonly list: unknown
}

function agree({ queue, list }: Answers): void {
  expect(queue).toEqual(list)
}

function taken(): TakenEvent {
  return { time: -1, handler: -1, a: -1, b: -1 }
}

/** Few times, so that many are equal; far ones, that differ in high digits; parts of a microsecond. */
const delays = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 }).map((power) => 2 ** power) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 }).map((quarters) => quarters / 4) },
)

describe('EventQueue', () => {
  it('agrees with a sorted list under pushes, cancels, peeks, and pops within bounds', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('push' as const), delay: delays }) },
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('pop' as const) }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('pop' as const), until: delays, before: delays }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), of: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('peek' as const) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const pair = new Pair()
        for (const one of steps) {
          if (one.kind === 'push') pair.push(one.delay)
          else if (one.kind === 'cancel') agree(pair.cancel(one.of))
          else if (one.kind === 'peek') agree(pair.peek())
          else if ('until' in one) agree(pair.pop(pair.now + one.until, pair.now + one.before))
          else agree(pair.pop())
          agree(pair.pending())
        }
        pair.popAll().forEach(agree)
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  it('agrees with a sorted list when thousands wait, and most are cancelled', () => {
    const pair = new Pair()
    let random = 1
    const next = (below: number): number => {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0
      return Math.floor((random / 2 ** 32) * below)
    }
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 2000; i++) {
        pair.push(next(2) === 0 ? next(50) : next(10 ** (3 + round)))
        if (next(4) === 0) agree(pair.pop())
      }
      for (let i = 0; i < 12_000; i++) agree(pair.cancel(next(1e9)))
      agree(pair.peek())
      agree(pair.pending())
      for (let i = 0; i < 300; i++) agree(pair.pop(pair.now + 100, pair.now + next(200)))
    }
    pair.popAll().forEach(agree)
  })

  it('keeps the order of a long line at one instant, that never empties', () => {
    const pair = new Pair()
    for (let i = 0; i < 3000; i++) {
      pair.push(0)
      pair.push(i % 3)
      if (i % 5 === 0) agree(pair.cancel(i))
      if (i < 100 || i > 1000) agree(pair.pop(pair.now))
    }
    agree(pair.pending())
    pair.popAll().forEach(agree)
  })

  it('keeps the order of times that are centuries off', () => {
    const pair = new Pair()
    for (const years of [2000, 700, 3, 560, 700, 562, 1e9]) pair.push(years * 365 * 86_400 * 1e6)
    pair.popAll().forEach(agree)
  })

  it('forgets cancelled events behind which time went on', () => {
    const queue = new EventQueue()
    queue.cancel(queue.push(5, 0, 0, 0))
    expect(queue.pop(taken(), NEVER, 100)).toBe(false)
    queue.moveTo(100)
    queue.push(101, 1, 0, 0)
    const event = taken()
    expect(queue.pop(event, NEVER, NEVER)).toBe(true)
    expect(event.time).toBe(101)
  })

  it('sweeps cancelled events and keeps the order of the rest', () => {
    const queue = new EventQueue()
    const timers = Array.from({ length: 10_000 }, (_, index) =>
      queue.push((index * 7919) % 10_000, 0, index, 0),
    )
    for (let i = 0; i < timers.length; i += 1) if (i % 4 !== 0) queue.cancel(timers[i] ?? -1)
    expect(queue.pending).toBe(2500)
    const event = taken()
    let last = -1
    let count = 0
    while (queue.pop(event, NEVER, NEVER)) {
      expect(event.time).toBeGreaterThanOrEqual(last)
      expect(event.a % 4).toBe(0)
      last = event.time
      count += 1
    }
    expect(count).toBe(2500)
  })

  it('never lets a stale timer cancel the event that has its slot now', () => {
    const queue = new EventQueue()
    const first = queue.push(1, 0, 0, 0)
    queue.pop(taken(), NEVER, NEVER)
    queue.push(2, 0, 0, 0)
    expect(queue.cancel(first)).toBe(false)
    expect(queue.pending).toBe(1)
  })
})
