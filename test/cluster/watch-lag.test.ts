import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** Two watchers of namespaces: each hears `name at`, in seconds. */
function watched(latency = 0) {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  const heard: Record<string, string[]> = { late: [], other: [] }
  for (const name of ['late', 'other']) {
    const own = name === 'late' ? latency : 0
    api.watch({
      name,
      latency: own,
      kinds: ['Namespace'],
      onObject: ({ key }) => heard[name]?.push(`${key} ${sim.now / SECOND}`),
    })
  }
  const step = sim.payloadHandler<() => void>('test/step', (body) => body())
  const at = (second: number, body: () => void): void => void sim.atWith(second * SECOND, step, body)
  const create = (name: string): void => void api.namespaces.create({ metadata: { name } })
  const lag = (seconds: number): void =>
    api.addWatchLag((name) => name === 'late', Math.round(seconds * SECOND))
  return { sim, at, create, lag, heard }
}

describe('watches that fall behind', () => {
  it('hear later, and catch up when that is over', () => {
    const { sim, at, create, lag, heard } = watched()
    at(1, () => create('a'))
    at(2, () => lag(10))
    at(3, () => create('b'))
    at(5, () => create('c'))
    at(14, () => create('d'))
    at(16, () => create('e'))
    at(18, () => lag(-10))
    at(19, () => create('f'))
    sim.run(100 * SECOND)
    expect(heard['late']).toEqual(['a 1', 'b 13', 'c 15', 'd 18', 'e 18', 'f 19'])
    expect(heard['other']).toEqual(['a 1', 'b 3', 'c 5', 'd 14', 'e 16', 'f 19'])
  })

  it('have what they were about to hear later too', () => {
    const { sim, at, create, lag, heard } = watched(2 * SECOND)
    at(1, () => create('a'))
    at(2, () => lag(10))
    sim.run(100 * SECOND)
    expect(heard['late']).toEqual(['a 13'])
  })

  it('hear everything once and in order, whenever they fall behind and catch up', () => {
    const steps = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 50 }), lag: fc.integer({ min: 0, max: 20 }) }),
      { maxLength: 5 },
    )
    const writes = fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 30 })
    fc.assert(
      fc.property(steps, writes, fc.constantFrom(0, 3 * SECOND), (lags, times, latency) => {
        const { sim, at, create, lag, heard } = watched(latency)
        for (const one of lags) {
          at(one.at, () => lag(one.lag))
          at(one.at + 25, () => lag(-one.lag))
        }
        const sorted = [...times].sort((one, other) => one - other)
        sorted.forEach((time, index) => at(time, () => create(`n${index}`)))
        sim.run(1000 * SECOND)
        const names = (lines: readonly string[] = []): string[] =>
          lines.map((line) => line.split(' ')[0] ?? '')
        expect(names(heard['late'])).toEqual(sorted.map((_, index) => `n${index}`))
        heard['late']?.forEach((line, index) => {
          expect(Number(line.split(' ')[1])).toBeGreaterThanOrEqual((sorted[index] ?? 0) + latency / SECOND)
        })
      }),
    )
  })
})
