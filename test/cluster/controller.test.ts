import { describe, expect, it } from 'vitest'

import { MILLISECOND, SECOND } from '../../src/base/time.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import { Controller } from '../../src/cluster/controller.ts'
import { Simulation } from '../../src/engine/simulation.ts'

describe('Controller', () => {
  it('reconciles a key once for many additions, and again for one that comes meanwhile', () => {
    const sim = new Simulation({ seed: 1 })
    const seen: string[] = []
    const controller = new Controller(sim, {
      name: 'test',
      limits: NO_LIMITS,
      reconcile: (key) => {
        seen.push(key)
        if (seen.length === 1) controller.queue.add(key)
      },
    })
    for (const key of ['a', 'b', 'a']) controller.queue.add(key)
    sim.run()
    expect(seen).toEqual(['a', 'b', 'a'])
  })

  it('backs off from a key that fails, doubling from 5 ms, and starts anew once it succeeded', () => {
    const sim = new Simulation({ seed: 1 })
    const times: number[] = []
    const controller = new Controller(sim, {
      name: 'test',
      limits: NO_LIMITS,
      reconcile: () => {
        times.push(sim.now)
        return { isFailed: times.length !== 4 && times.length < 6 }
      },
    })
    controller.queue.add('a')
    sim.run()
    expect(times).toEqual([0, 5 * MILLISECOND, 15 * MILLISECOND, 35 * MILLISECOND])
    controller.queue.add('a')
    sim.run()
    expect(times.slice(4)).toEqual([35 * MILLISECOND, 40 * MILLISECOND])
  })

  it('holds a key until its writes are done, which wait for the limit of the client', () => {
    const sim = new Simulation({ seed: 1 })
    const writes: string[] = []
    const rounds: number[] = []
    const controller = new Controller(sim, {
      name: 'test',
      limits: { qps: 2, burst: 3 },
      reconcile: (_, calls) => {
        rounds.push(sim.now)
        if (rounds.length > 1) return
        for (let i = 0; i < 5; i++) {
          calls.do(() => {
            writes.push(`${i} at ${sim.now / SECOND}`)
            return true
          })
        }
        controller.queue.add('a')
      },
    })
    controller.queue.add('a')
    sim.run()
    expect(writes).toEqual(['0 at 0', '1 at 0', '2 at 0', '3 at 0.5', '4 at 1'])
    expect(rounds).toEqual([0, SECOND])
  })

  it('takes a delayed key at the earliest of its times', () => {
    const sim = new Simulation({ seed: 1 })
    const times: number[] = []
    const controller = new Controller(sim, { name: 'test', reconcile: () => void times.push(sim.now) })
    controller.queue.addAfter('a', 5 * SECOND)
    controller.queue.addAfter('a', 2 * SECOND)
    controller.queue.addAfter('a', 9 * SECOND)
    sim.run()
    expect(times).toEqual([2 * SECOND])
  })
})
