import { expect, it } from 'vitest'
import { RandomStreams } from '../../src/base/random.ts'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { LeaseClock } from '../../src/controllers/lease-clock.ts'

const ROW = 0 as NodeRow

it('renews whole intervals apart, at a phase that is drawn once for each node', () => {
  const clock = new LeaseClock(new RandomStreams(7), 10 * SECOND)
  clock.start(ROW, 0)
  const first = clock.lastRenewal(ROW, 'n0', 100 * SECOND)
  expect(first).toBeGreaterThan(90 * SECOND)
  expect(first).toBeLessThanOrEqual(100 * SECOND)
  expect(clock.lastRenewal(ROW, 'n0', first)).toBe(first)
  expect(clock.lastRenewal(ROW, 'n0', first + 10 * SECOND - 1)).toBe(first)
  expect(clock.lastRenewal(ROW, 'n0', first + 20 * SECOND)).toBe(first + 20 * SECOND)
  const same = new LeaseClock(new RandomStreams(7), 10 * SECOND)
  same.start(ROW, 0)
  expect(same.lastRenewal(ROW, 'n0', 500 * SECOND) % (10 * SECOND)).toBe(first % (10 * SECOND))
})

it('renews from the start of the kubelet on', () => {
  const clock = new LeaseClock(new RandomStreams(7), 10 * SECOND)
  clock.start(ROW, 33 * SECOND)
  expect(clock.lastRenewal(ROW, 'n0', 60 * SECOND)).toBe(53 * SECOND)
  clock.restart(ROW, 68 * SECOND)
  expect(clock.lastRenewal(ROW, 'n0', 90 * SECOND)).toBe(88 * SECOND)
})

it('has no renewal before the start of the run', () => {
  const clock = new LeaseClock(new RandomStreams(7), 10 * SECOND)
  clock.start(ROW, 0)
  expect(clock.lastRenewal(ROW, 'n0', 0)).toBe(0)
})
