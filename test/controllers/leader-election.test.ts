import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Lease } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import { Controller } from '../../src/cluster/controller.ts'
import { LeaderElection } from '../../src/controllers/leader-election.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** Hears when work rests and goes on. */
class Rests {
  readonly times: string[] = []
  readonly #sim: Simulation

  constructor(sim: Simulation) {
    this.#sim = sim
  }

  setPaused(isPaused: boolean): void {
    this.times.push(`${isPaused ? 'rests' : 'works'} at ${this.#sim.now / SECOND}`)
  }

  /** Seconds at which the work went on last. */
  get resumedAt(): number {
    return Number(this.times.at(-1)?.replace('works at ', ''))
  }
}

function election(candidates: number, seed = 1) {
  const sim = new Simulation({ seed })
  const api = new ApiServer(sim, [])
  const rests = new Rests(sim)
  const elected = new LeaderElection({ sim, api }, [rests], { name: 'kube-controller-manager', candidates })
  const lease = (): Lease['spec'] =>
    api.collection<Lease>('Lease').get('kube-system/kube-controller-manager')?.spec
  return { sim, api, rests, elected, lease }
}

describe('LeaderElection', () => {
  it('gives the lease to the first process, and computes its renewals without events', () => {
    const { sim, elected, lease } = election(1)
    expect(elected.leader).toBe('control-plane-1_1')
    expect(lease()).toEqual({
      holderIdentity: 'control-plane-1_1',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
    })
    sim.run(101 * SECOND)
    expect([elected.renewedAt, sim.executed]).toEqual([100 * SECOND, 0])
  })

  it('lets work rest until the process is back, has seen the lease unchanged for 15 s, and tries again', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 60 }), (seed, downFor) => {
        const { sim, rests, elected, lease } = election(1, seed)
        elected.lose(101 * SECOND, downFor * SECOND)
        sim.run(100.5 * SECOND)
        expect(rests.times).toEqual(['works at 0'])
        sim.run(101 * SECOND)
        expect(rests.times[1]).toBe('rests at 101')
        expect([elected.leader, lease()?.renewTime]).toEqual([undefined, '2026-01-01T00:01:40.000000Z'])
        sim.run(200 * SECOND)
        expect(rests.resumedAt).toBeGreaterThanOrEqual(116 + downFor)
        expect(rests.resumedAt).toBeLessThan(120.4 + downFor)
        expect(lease()).toMatchObject({ holderIdentity: 'control-plane-1_2', leaseTransitions: 1 })
      }),
      { numRuns: 100 },
    )
  })

  it('hands over to another process that has seen no renewal for 15 s', () => {
    const holders = new Set<string>()
    for (let seed = 0; seed < 100; seed++) {
      const { sim, rests, elected, lease } = election(3, seed)
      elected.lose(101 * SECOND, 0)
      sim.run(200 * SECOND)
      // The last renewal was at 100; another one sees it within 4.4 s.
      expect(rests.resumedAt).toBeGreaterThanOrEqual(115)
      expect(rests.resumedAt).toBeLessThan(123.8)
      holders.add(lease()?.holderIdentity ?? '')
      // Those that have been lost come back as candidates.
      elected.lose(300 * SECOND, 0)
      sim.run(400 * SECOND)
      expect(rests.resumedAt).toBeGreaterThanOrEqual(313)
      expect(lease()?.leaseTransitions).toBe(2)
    }
    expect([...holders].sort()).toEqual(['control-plane-1_2', 'control-plane-2_1', 'control-plane-3_1'])
  })

  it('keeps the leader through a cut that is shorter than the renew deadline', () => {
    const { sim, rests, elected, lease } = election(3)
    elected.disconnect(101 * SECOND, 8.5 * SECOND)
    sim.run(109.7 * SECOND)
    expect(elected.renewedAt).toBe(100 * SECOND)
    sim.run(200 * SECOND)
    expect(rests.times).toEqual(['works at 0', 'rests at 101', 'works at 109.5'])
    expect(lease()?.holderIdentity).toBe('control-plane-1_1')
    expect(elected.renewedAt).toBe(200 * SECOND)
  })

  it('has the leader end 12 s after its last renewal when it is cut off for longer', () => {
    const alone = election(1)
    alone.elected.disconnect(101 * SECOND, 11 * SECOND)
    alone.sim.run(200 * SECOND)
    // It gives up at 112, starts again, and waits for the lease that it had itself to run out.
    expect(alone.rests.resumedAt).toBeGreaterThanOrEqual(127)
    expect(alone.rests.resumedAt).toBeLessThan(131.4)
    const others = election(3)
    others.elected.disconnect(101 * SECOND, 1000 * SECOND)
    others.sim.run(1000 * SECOND)
    expect(others.rests.resumedAt).toBeLessThan(123.8)
    expect(others.lease()?.holderIdentity).not.toContain('control-plane-1')
  })

  it('counts a loss during a cut from the last renewal before it', () => {
    const { sim, rests, elected } = election(3)
    elected.disconnect(101 * SECOND, 100 * SECOND)
    elected.lose(109 * SECOND, 1000 * SECOND)
    sim.run(1000 * SECOND)
    expect(rests.resumedAt).toBeGreaterThanOrEqual(115)
    expect(rests.resumedAt).toBeLessThan(123.8)
  })

  it('does nothing to a component without a leader', () => {
    const { sim, rests, elected } = election(1)
    elected.lose(100 * SECOND, 0)
    elected.lose(105 * SECOND, 100 * SECOND)
    sim.run(300 * SECOND)
    expect(rests.times).toHaveLength(3)
    expect(rests.resumedAt).toBeLessThan(121)
  })

  it('has a controller take its keys only while it leads', () => {
    const sim = new Simulation({ seed: 1 })
    const api = new ApiServer(sim, [])
    const times: number[] = []
    const reconcile = (): void => void times.push(sim.now / SECOND)
    const controller = new Controller(sim, { name: 'test', limits: NO_LIMITS, reconcile })
    const elected = new LeaderElection({ sim, api }, [controller], { name: 'kube-controller-manager' })
    elected.lose(10 * SECOND, 0)
    for (const seconds of [5, 12]) controller.queue.addAfter(`at ${seconds}`, seconds * SECOND)
    sim.run(60 * SECOND)
    expect(times[0]).toBe(5)
    expect(times[1]).toBeGreaterThanOrEqual(25)
  })

  it('goes on when all processes have missed their tries in one outage', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { sim, rests, elected } = election(3, seed)
      elected.lose(101 * SECOND, 0)
      sim.run(105 * SECOND)
      elected.setOutage(true)
      sim.run(200 * SECOND)
      elected.setOutage(false)
      sim.run(300 * SECOND)
      expect(elected.leader).toMatch(/^control-plane-[123]_[12]$/)
      expect(rests.resumedAt).toBeGreaterThanOrEqual(200)
      expect(rests.resumedAt).toBeLessThan(205)
    }
  })

  it('gives the lease to nobody during an outage, and afterwards at once to one that had seen it run out', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 20, max: 200 }), (seed, lasts) => {
        const { sim, elected, rests } = election(3, seed)
        sim.run(101 * SECOND)
        elected.setOutage(true)
        sim.run((101 + lasts) * SECOND)
        expect([elected.leader, rests.times.at(-1)]).toEqual([undefined, 'rests at 112'])
        elected.setOutage(false)
        sim.run(1000 * SECOND)
        expect(rests.resumedAt).toBeGreaterThanOrEqual(101 + lasts)
        expect(rests.resumedAt).toBeLessThan(Math.max(101 + lasts, 123.8) + 4.4)
        expect(elected.leader).toMatch(/^control-plane-[23]_1$/)
      }),
      { numRuns: 100 },
    )
  })

  it('lets a single process wait for the lease that it had itself after a long outage', () => {
    const { sim, elected, rests } = election(1)
    sim.run(101 * SECOND)
    elected.setOutage(true)
    sim.run(200 * SECOND)
    elected.setOutage(false)
    sim.run(1000 * SECOND)
    expect(rests.resumedAt).toBeGreaterThanOrEqual(215)
    expect(rests.resumedAt).toBeLessThan(200 + 4.4 + 15 + 4.4)
  })

  it('takes those that cannot reach the server for no candidates', () => {
    const { sim, elected } = election(3)
    sim.run(101 * SECOND)
    elected.setCutOff(1, true)
    elected.setCutOff(0, true)
    sim.run(1000 * SECOND)
    expect(elected.leader).toBe('control-plane-3_1')
    elected.setCutOff(2, true)
    sim.run(2000 * SECOND)
    expect(elected.leader).toBeUndefined()
    elected.setCutOff(1, false)
    sim.run(2010 * SECOND)
    expect(elected.leader).toBe('control-plane-2_1')
  })

  it('stalls what can be stalled, and tells it that another process leads', () => {
    const sim = new Simulation({ seed: 1 })
    const api = new ApiServer(sim, [])
    const calls: string[] = []
    const led = {
      setPaused: (isPaused: boolean) => calls.push(isPaused ? 'paused' : 'works'),
      setStalled: (isStalled: boolean) => calls.push(isStalled ? 'stalled' : 'goes on'),
      restart: () => calls.push('restarted'),
    }
    const elected = new LeaderElection({ sim, api }, [led], { name: 'test', candidates: 1 })
    elected.disconnect(100 * SECOND, 5 * SECOND)
    elected.disconnect(200 * SECOND, 30 * SECOND)
    sim.run(1000 * SECOND)
    expect(calls).toEqual(['works', 'stalled', 'goes on', 'stalled', 'paused', 'restarted', 'works'])
  })
})
