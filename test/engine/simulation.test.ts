import { describe, expect, it } from 'vitest'

import { NEVER } from '../../src/base/time.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** A source of items at given times. */
function sourceOf(times: readonly number[], seen: (time: number) => void): { nextAt(): number; run(): void } {
  let next = 0
  return {
    nextAt: () => times[next] ?? NEVER,
    run: () => {
      seen(times[next++] ?? NEVER)
    },
  }
}

describe('Simulation', () => {
  it('runs events in the order of time, then of scheduling', () => {
    const sim = new Simulation({ seed: 1 })
    const seen: number[] = []
    const handler = sim.handler('test/see', (a) => seen.push(a))
    sim.at(5, handler, 1)
    sim.at(3, handler, 2)
    sim.at(5, handler, 3)
    sim.at(3, handler, 4)
    expect(sim.run()).toBe('quiet')
    expect(seen).toEqual([2, 4, 1, 3])
    expect(sim.now).toBe(5)
    expect(sim.executed).toBe(4)
  })

  it('stops at a time, and goes on from there', () => {
    const sim = new Simulation({ seed: 1 })
    const seen: number[] = []
    const handler = sim.handler('test/see', (a) => seen.push(a))
    for (const time of [1, 2, 3]) sim.at(time, handler, time)
    expect(sim.run(2)).toBe('until')
    expect(seen).toEqual([1, 2])
    expect(sim.now).toBe(2)
    expect(sim.run()).toBe('quiet')
    expect(seen).toEqual([1, 2, 3])
  })

  it('runs step by step, and pauses after a number of events', () => {
    const sim = new Simulation({ seed: 1 })
    const handler = sim.handler('test/again', (left) => {
      if (left > 0) sim.after(1, handler, left - 1)
    })
    sim.at(0, handler, 9)
    expect(sim.step()).toBe(true)
    expect(sim.run(NEVER, 3)).toBe('paused')
    expect(sim.executed).toBe(4)
    expect(sim.run()).toBe('quiet')
    expect(sim.executed).toBe(10)
    expect(sim.step()).toBe(false)
  })

  it('merges sources with the queue: sources first at one instant, in order of registration', () => {
    const sim = new Simulation({ seed: 1 })
    const seen: string[] = []
    const handler = sim.handler('test/see', () => seen.push(`queue ${sim.now}`))
    sim.at(2, handler)
    sim.at(4, handler)
    sim.source(
      'one',
      sourceOf([2, 3], (time) => seen.push(`one ${time}`)),
    )
    sim.source(
      'other',
      sourceOf([2, 4], (time) => seen.push(`other ${time}`)),
    )
    sim.run()
    expect(seen).toEqual(['one 2', 'other 2', 'queue 2', 'one 3', 'other 4', 'queue 4'])
  })

  it('hands payloads over once, and cancels timers', () => {
    const sim = new Simulation({ seed: 1 })
    const seen: string[] = []
    const handler = sim.payloadHandler<{ readonly word: string }>('test/word', ({ word }) => seen.push(word))
    sim.atWith(1, handler, { word: 'a' })
    const timer = sim.afterWith(2, handler, { word: 'b' })
    sim.afterWith(3, handler, { word: 'c' })
    expect(sim.cancel(timer)).toBe(true)
    expect(sim.cancel(timer)).toBe(false)
    sim.run()
    expect(seen).toEqual(['a', 'c'])
  })

  it('refuses to schedule in the past, and says what replays it', () => {
    const sim = new Simulation({ seed: 71 })
    const handler = sim.handler('test/past', () => sim.at(sim.now - 1, handler))
    sim.at(1_500_000, handler)
    expect(() => sim.run()).toThrow(/^seed 71 · t=00:00:01\.500000 · event 1 · test\/past: /)
  })

  it('hashes equal runs equally and other runs otherwise', () => {
    const hashOf = (seed: number): string => {
      const sim = new Simulation({ seed, log: 'hash' })
      const stream = sim.random.stream('test')
      const handler = sim.handler('test/walk', (left) => {
        if (left > 0) sim.after(1 + stream.integer(100), handler, left - 1)
      })
      sim.at(0, handler, 1000)
      sim.run()
      return sim.log.hash
    }
    expect(hashOf(1)).toBe(hashOf(1))
    expect(hashOf(1)).not.toBe(hashOf(2))
    expect(hashOf(1)).toMatch(/^[0-9a-f]{16}$/)
  })

  it('keeps records of a full log', () => {
    const sim = new Simulation({ seed: 1, log: 'full' })
    const handler = sim.handler('test/see', () => undefined)
    sim.at(7, handler, 1, 2)
    sim.run()
    expect(sim.log.records).toEqual([{ time: 7, name: 'test/see', a: 1, b: 2 }])
  })
})
