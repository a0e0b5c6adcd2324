import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NEVER, SECOND } from '../../src/base/time.ts'
import { TokenBucket } from '../../src/base/token-bucket.ts'

it('starts with one token and earns one an interval, never two', () => {
  const bucket = new TokenBucket(0.1)
  expect([bucket.take(0), bucket.take(0), bucket.nextAt(0)]).toEqual([true, false, 10 * SECOND])
  expect([bucket.take(10 * SECOND - 1), bucket.take(10 * SECOND)]).toEqual([false, true])
  expect([bucket.take(1000 * SECOND), bucket.take(1000 * SECOND)]).toEqual([true, false])
})

it('never has a token at rate 0', () => {
  const bucket = new TokenBucket(0)
  expect([bucket.nextAt(5), bucket.take(5)]).toEqual([NEVER, false])
})

it('carries over at a change of rate whether there was a token', () => {
  const full = new TokenBucket(0.1)
  full.setRate(0.01, 0)
  expect([full.take(0), full.nextAt(0)]).toEqual([true, 100 * SECOND])
  const empty = new TokenBucket(0.1)
  empty.take(0)
  empty.setRate(0.5, SECOND)
  expect(empty.nextAt(SECOND)).toBe(3 * SECOND)
  empty.setRate(0, 2 * SECOND)
  empty.setRate(0.1, 50 * SECOND)
  expect(empty.nextAt(50 * SECOND)).toBe(60 * SECOND)
})

it('gives a token at the instant that it names, and not more than its rate allows', () => {
  const rates = fc.double({ min: 0.001, max: 5, noNaN: true })
  fc.assert(
    fc.property(
      rates,
      fc.array(fc.integer({ min: 0, max: 20 * SECOND }), { maxLength: 30 }),
      (rate, waits) => {
        const bucket = new TokenBucket(rate)
        let now = 0
        let taken = 0
        for (const wait of waits) {
          now += wait
          const at = bucket.nextAt(now)
          if (at > now) expect(bucket.take(now)).toBe(false)
          now = Math.max(now, at)
          expect(bucket.take(now)).toBe(true)
          taken += 1
        }
        expect(taken).toBeLessThanOrEqual(1 + (now / SECOND) * rate + 1e-6)
      },
    ),
  )
})
