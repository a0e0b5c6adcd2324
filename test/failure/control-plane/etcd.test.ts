import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { MILLISECOND, SECOND } from '../../../src/base/time.ts'
import { ApiAvailability } from '../../../src/cluster/api-availability.ts'
import { Simulation } from '../../../src/engine/simulation.ts'
import { ETCD_DEFAULTS, Etcd } from '../../../src/failure/control-plane/etcd.ts'

function quorum(members = 3, seed = 1) {
  const sim = new Simulation({ seed })
  const availability = new ApiAvailability(sim)
  const etcd = new Etcd(sim, availability, { ...ETCD_DEFAULTS, members })
  const changes: string[] = []
  availability.watch('test', (takesWrites) =>
    changes.push(`${takesWrites ? 'writes' : 'none'} ${sim.now / SECOND}`),
  )
  return { sim, availability, etcd, changes }
}

describe('etcd', () => {
  it('elects another leader 1 to 2 s after its last heartbeat', () => {
    const waits: number[] = []
    for (let seed = 0; seed < 300; seed++) {
      const { sim, availability, etcd } = quorum(3, seed)
      sim.run(10.05 * SECOND)
      etcd.stop([0])
      expect([availability.takesWrites, etcd.leader]).toEqual([false, undefined])
      const elected: number[] = []
      etcd.onLeader(() => elected.push(sim.now))
      sim.run(30 * SECOND)
      expect(availability.takesWrites).toBe(true)
      expect([1, 2]).toContain(etcd.leader)
      waits.push(((elected[0] ?? 0) - 10 * SECOND) / SECOND)
    }
    // The first of two time-outs, each between 1 and 2 s: 1.33 s in the mean; then the votes.
    expect(Math.min(...waits)).toBeGreaterThan(1)
    expect(waits.reduce((sum, wait) => sum + wait, 0) / waits.length).toBeCloseTo(1.34, 1)
    expect(waits.filter((wait) => wait > 2.05).length).toBeLessThan(5)
  })

  it('goes on without those that do not lead, as long as they are fewer than half', () => {
    const { sim, availability, etcd } = quorum(5)
    etcd.stop([3, 4])
    expect([availability.takesWrites, etcd.leader]).toEqual([true, 0])
    etcd.stop([2])
    expect(availability.takesWrites).toBe(false)
    sim.run(SECOND / 2)
    etcd.start([3])
    expect([availability.takesWrites, etcd.leader]).toEqual([true, 0])
  })

  it('has no leader while too few members run, and elects one when there are enough again', () => {
    const { sim, etcd, changes } = quorum(3)
    sim.run(10 * SECOND)
    etcd.stop([1, 2])
    expect(etcd.leader).toBe(0)
    sim.run(11 * SECOND)
    expect(etcd.leader).toBeUndefined()
    sim.run(100 * SECOND)
    expect(changes).toEqual(['none 10'])
    etcd.start([1])
    sim.run(110 * SECOND)
    const [, back = ''] = changes
    expect(Number(back.replace('writes ', ''))).toBeGreaterThan(100)
    expect(Number(back.replace('writes ', ''))).toBeLessThan(102.2)
  })

  it('takes writes in the end whenever most members run, and never while they do not', () => {
    const step = fc.record({
      isStop: fc.boolean(),
      member: fc.integer({ min: 0, max: 4 }),
      wait: fc.integer({ min: 1, max: 4000 }),
    })
    fc.assert(
      fc.property(fc.nat(), fc.array(step, { maxLength: 30 }), (seed, steps) => {
        const { sim, availability, etcd } = quorum(5, seed)
        const down = new Set<number>()
        for (const { isStop, member, wait } of steps) {
          if (isStop === down.has(member)) continue
          if (isStop) etcd.stop([member])
          else etcd.start([member])
          if (isStop) down.add(member)
          else down.delete(member)
          sim.run(sim.now + wait * MILLISECOND)
          if (down.size > 2) expect(availability.takesWrites).toBe(false)
          if (etcd.leader !== undefined) expect(down.has(etcd.leader)).toBe(false)
        }
        sim.run(sim.now + 30 * SECOND)
        expect(availability.takesWrites).toBe(down.size <= 2)
      }),
      { numRuns: 200 },
    )
  })

  it('of one member takes no writes while that is down', () => {
    const { sim, availability, etcd } = quorum(1)
    etcd.stop([0])
    sim.run(100 * SECOND)
    expect(availability.takesWrites).toBe(false)
    etcd.start([0])
    sim.run(103 * SECOND)
    expect([availability.takesWrites, etcd.leader]).toEqual([true, 0])
  })
})
