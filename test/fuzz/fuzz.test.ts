import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { PASSES } from '../../src/fuzz/check-case.ts'
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
})
