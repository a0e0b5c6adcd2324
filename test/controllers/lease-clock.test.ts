import { expect, it } from 'vitest'
import { RandomStreams } from '../../src/base/random.ts'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { LeaseClock } from '../../src/controllers/lease-clock.ts'

const ROW = 0 as NodeRow
const LONGEST = 10.4 * SECOND

function clockOf(seed: number, startedAt: number): LeaseClock {
  const clock = new LeaseClock(new RandomStreams(seed), 10 * SECOND)
  clock.start(ROW, startedAt)
  return clock
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

it('renews 10 to 10.4 s apart from the start of the kubelet on', () => {
  const ages: number[] = []
  for (let seed = 0; seed < 400; seed++) {
    const clock = clockOf(seed, 33 * SECOND)
    expect(clock.lastHeartbeat(ROW, 'n0', 33 * SECOND)).toBe(33 * SECOND)
    const third = clock.lastHeartbeat(ROW, 'n0', 64.3 * SECOND)
    expect(third).toBeGreaterThanOrEqual(63 * SECOND)
    expect(third).toBeLessThanOrEqual(64.3 * SECOND)
    ages.push(third - 63 * SECOND)
  }
  // Three waits with 2 % more on average; now and then a status came after the last of them.
  expect(mean(ages)).toBeGreaterThan(0.5 * SECOND)
  expect(mean(ages)).toBeLessThan(0.7 * SECOND)
})

it('is at any place between two renewals where it has run for long', () => {
  for (const startedAt of [0, 50 * SECOND]) {
    const ages = Array.from({ length: 2000 }, (_, seed) => {
      const at = 100_000 * SECOND
      return at - clockOf(seed, startedAt).lastHeartbeat(ROW, 'n0', at)
    })
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...ages)).toBeLessThan(LONGEST)
    // The mean age of a renewal process: E[wait²] / 2 E[wait], less what statuses take off it.
    expect(Math.abs(mean(ages) / SECOND - 5.05)).toBeLessThan(0.25)
  }
})

it('goes on from the last one that was asked for', () => {
  const clock = clockOf(7, 0)
  const first = clock.lastHeartbeat(ROW, 'n0', 100 * SECOND)
  const later = clock.lastHeartbeat(ROW, 'n0', 100 * SECOND + LONGEST)
  expect(later).toBeGreaterThanOrEqual(first)
  expect(100 * SECOND + LONGEST - later).toBeLessThanOrEqual(LONGEST)
})

it('begins anew when the kubelet starts again', () => {
  const clock = clockOf(7, 0)
  clock.restart(ROW, 68 * SECOND)
  expect(clock.lastHeartbeat(ROW, 'n0', 77.9 * SECOND)).toBeGreaterThanOrEqual(68 * SECOND)
  const second = clock.lastHeartbeat(ROW, 'n0', 89 * SECOND)
  expect(second).toBeGreaterThanOrEqual(88 * SECOND)
})

it('has no heartbeat before the start of the run', () => {
  expect(clockOf(7, 0).lastHeartbeat(ROW, 'n0', 0)).toBe(0)
})

it('gives the same instants for the same seed, and other nodes move nothing', () => {
  const [one, other] = [clockOf(3, 0), clockOf(3, 0)]
  other.start(1 as NodeRow, 0)
  other.lastHeartbeat(1 as NodeRow, 'n1', 40 * SECOND)
  const at = 500 * SECOND
  expect(other.lastHeartbeat(ROW, 'n0', at)).toBe(one.lastHeartbeat(ROW, 'n0', at))
})
