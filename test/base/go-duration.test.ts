import { describe, expect, it } from 'vitest'

import { formatGoDuration, goDuration } from '../../src/base/go-duration.ts'
import { HOUR, MILLISECOND, MINUTE, SECOND } from '../../src/base/time.ts'

describe('durations as Go prints them', () => {
  it.each([
    [0, '0s'],
    [1, '1µs'],
    [250 * MILLISECOND, '250ms'],
    [1.5 * SECOND, '1.5s'],
    [MINUTE, '1m0s'],
    [90 * SECOND, '1m30s'],
    [HOUR, '1h0m0s'],
    [25 * HOUR + 61 * SECOND, '25h1m1s'],
  ])('%i microseconds are %s, and read back as they were', (span, text) => {
    expect(formatGoDuration(span)).toBe(text)
    expect(goDuration(text)).toBe(span / MILLISECOND)
  })
})
