/** How many events a second does the engine take and schedule, as more are pending? The hold model: take one, schedule one. */
import { RandomStreams } from '../src/base/random.ts'
import { Simulation } from '../src/engine/simulation.ts'
import type { Handler } from '../src/engine/simulation.ts'
import type { BenchCase, CaseMaker } from './bench-row.ts'

const EVENTS = 100_000

/** The hold model with 1,000 to 1,000,000 pending events. */
export function engineCases(): CaseMaker[] {
  return [1_000, 100_000, 1_000_000].map((pending) => () => engineCase(pending))
}

/** The hold model with so many pending events. */
export function engineCase(pending: number): BenchCase {
  const sim = new Simulation({ seed: 1 })
  const stream = new RandomStreams(1).stream('bench')
  const delays = Float64Array.from({ length: 4096 }, () => 1 + stream.integer(1_000_000))
  let next = 0
  const handler: Handler = sim.handler('bench/hold', () => {
    next = (next + 1) & 4095
    sim.after(delays[next] ?? 1, handler)
  })
  for (let i = 0; i < pending; i++) sim.at(delays[i & 4095] ?? 1, handler)
  return {
    name: `engine, ${pending.toLocaleString('en')} pending`,
    unit: 'events',
    units: EVENTS,
    run: () => {
      const before = sim.executed
      for (let i = 0; i < EVENTS; i++) sim.step()
      if (sim.executed - before !== EVENTS || sim.pending !== pending) throw new Error('events were lost')
    },
  }
}
