import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { Calendar } from '../../src/base/calendar.ts'
import { PASSES } from '../../src/fuzz/check-case.ts'
import type { Value } from '../../src/fuzz/draws.ts'
import { FAULT_KINDS, faultsEndAt } from '../../src/fuzz/fault-kinds.ts'
import { fuzzSeed } from '../../src/fuzz/fuzz-seed.ts'
import { SETTLE_SECONDS, randomCase, withoutFaults } from '../../src/fuzz/random-case.ts'
import { testFolder } from '../cli/command.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1)

describe('random clusters', () => {
  it.each(SEEDS)('break no law: seed %i', async (seed) => {
    const { signal } = new AbortController()
    const { failures, events, runs } = await fuzzSeed(seed, { folder, signal, passes: PASSES })
    expect(failures).toEqual([])
    expect(runs).toBeGreaterThanOrEqual(2)
    expect(events).toBeGreaterThan(0)
  })

  it('are the same for the same seed, and lose nothing but their faults without them', () => {
    for (const seed of SEEDS) {
      const one = randomCase(seed)
      expect(randomCase(seed)).toEqual(one)
      expect(withoutFaults(one)).toEqual({ ...one, failures: [] })
    }
  })

  it('have all kinds of faults, and an hour of quiet after those that end', () => {
    const cases = Array.from({ length: 400 }, (_, index) => randomCase(index))
    const drawn = new Set(
      cases.flatMap(({ failures }) => failures.flatMap((failure) => Object.keys(failure))),
    )
    expect([...drawn].toSorted()).toEqual([...new Set(FAULT_KINDS.map(({ field }) => field))].toSorted())
    const ends = cases.flatMap(({ failures }) => faultsEndAt(failures) ?? [])
    expect(ends.length).toBeGreaterThan(200)
    expect(Math.max(...ends) + SETTLE_SECONDS).toBeLessThanOrEqual(cases[0]?.until ?? 0)
  })

  it('have rollouts of Deployments that they have', () => {
    const cases = Array.from({ length: 400 }, (_, index) => randomCase(index))
    const rollouts = cases.flatMap(({ failures, objects }) =>
      failures.flatMap(({ badRollout }) => (badRollout === undefined ? [] : [{ badRollout, objects }])),
    )
    expect(rollouts.length).toBeGreaterThan(10)
    for (const { badRollout, objects } of rollouts) {
      const { namespace, name } = badRollout as Value
      const metadata = expect.objectContaining({ name, ...(namespace === 'default' ? {} : { namespace }) })
      expect(objects).toContainEqual(expect.objectContaining({ kind: 'Deployment', metadata }))
    }
  })

  it('have faults whose end is known when it is said, by the clock, too', () => {
    const calendar = new Calendar('2026-03-01T09:30:00Z')
    const outage = { zoneOutage: { zone: 'a', at: '10:00', for: '10m' } }
    const incident = { incident: { at: '2026-03-01T11:00:00Z', for: '1m' } }
    expect(faultsEndAt([outage], calendar)).toBe(40 * 60)
    expect(faultsEndAt([outage, incident], calendar)).toBe(91 * 60)
    const spot = { spotInterruption: { at: '1m', notice: '30s', replacement: '5s' } }
    expect(faultsEndAt([spot])).toBe(95)
    const endless = [
      { kubeletHang: { timeBetweenFailures: '1d', for: '1m' } },
      { kubeletHang: { at: '1m', for: { exponential: { mean: '1m' } } } },
      { swarm: { timeBetweenFailures: '1h', for: '1m' } },
      { maintenance: { schedule: '0 3 * * *', for: '5m' } },
      { maintenance: { at: '1h', every: '7d', for: '5m' } },
    ]
    expect(endless.map((fault) => faultsEndAt([fault]))).toEqual(endless.map(() => undefined))
  })
})
