import { describe, expect, it } from 'vitest'

import { MILLISECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import type { ApiWait } from '../../src/cluster/api-load.ts'
import { PRIORITY_LEVELS, seatsOf } from '../../src/cluster/priority-levels.ts'
import type { PriorityLevelName } from '../../src/cluster/priority-levels.ts'
import { RequestServer } from '../../src/cluster/request-server.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** A server whose writes take 10 ms; `made` tells whose writes were made when, in ms. */
function served(seats: number) {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  const server = new RequestServer(api, { seats, latency: () => 10 * MILLISECOND })
  const made: string[] = []
  const waits: ApiWait[] = []
  api.load.onThrottled((wait) => waits.push(wait))
  const ask = (level: PriorityLevelName, flow: string, count = 1): void => {
    for (let i = 0; i < count; i++) {
      server.request({ level, flow, write: () => made.push(`${flow} ${sim.now / MILLISECOND}`) })
    }
  }
  return { sim, api, server, made, waits, ask }
}

/** The whole level but what it lends is used by nobody else. */
const count = (made: readonly string[], flow: string, at: number): number =>
  made.filter((line) => line === `${flow} ${at}`).length

describe('seats of an API server', () => {
  it('are shared out as the suggested configuration has it', () => {
    expect(seatsOf(600).map(({ name, nominal }) => [name, nominal])).toEqual([
      ['system', 74],
      ['node-high', 98],
      ['leader-election', 25],
      ['workload-high', 98],
      ['workload-low', 245],
      ['global-default', 49],
      ['catch-all', 13],
    ])
    expect(PRIORITY_LEVELS.reduce((sum, { nominalShares }) => sum + nominalShares, 0)).toBe(245)
  })

  it('are occupied until a write is done; others wait for them', () => {
    const { sim, made, waits, ask } = served(245)
    // 40 of its own, and of what others lend: 10 + 10 + 90 + 10.
    ask('workload-high', 'deployment-controller', 200)
    sim.run(1000 * MILLISECOND)
    expect([10, 20].map((at) => count(made, 'deployment-controller', at))).toEqual([160, 40])
    const noSeat = waits.filter(({ reason }) => reason === 'no seat')
    expect(noSeat).toHaveLength(40)
    expect(noSeat.every(({ from, until }) => until - from === 10 * MILLISECOND)).toBe(true)
    expect(waits.filter(({ reason }) => reason === 'etcd')).toHaveLength(200)
  })

  it('of one level are not taken by another for good', () => {
    const { sim, made, ask } = served(245)
    ask('workload-low', 'tasks', 1000)
    ask('leader-election', 'kube-scheduler', 5)
    sim.run(10 * MILLISECOND)
    expect(count(made, 'kube-scheduler', 10)).toBe(5)
  })

  it('go to flows of a level by turns', () => {
    const { sim, made, ask } = served(7)
    ask('catch-all', 'many', 50)
    ask('catch-all', 'one')
    sim.run(1000 * MILLISECOND)
    const place = made.findIndex((line) => line.startsWith('one'))
    expect(place).toBeLessThan(10)
    expect(made).toHaveLength(51)
  })
})

describe('writes under way', () => {
  it('are made when the server takes writes again', () => {
    const { sim, api, server, made, ask } = served(245)
    ask('workload-high', 'a', 3)
    api.availability.stop('test')
    sim.run(50 * MILLISECOND)
    expect([made.length, server.inUse]).toEqual([0, 3])
    api.availability.resume('test')
    sim.run(60 * MILLISECOND)
    expect([made, server.inUse]).toEqual([['a 50', 'a 50', 'a 50'], 0])
  })
})
