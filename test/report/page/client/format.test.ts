import { describe, expect, it } from 'vitest'

import {
  countText,
  instantText,
  numberText,
  shareText,
  tickText,
  timeText,
} from '../../../../src/report/page/client/format.ts'

describe('lengths of time', () => {
  it.each([
    [0, '0s'],
    [0.25, '0.25s'],
    [12.4, '12s'],
    [60, '1m'],
    [245, '4m 05s'],
    [7980, '2h 13m'],
    [86_400, '1d'],
    [90_000, '1d 01h'],
    [-90, '−1m 30s'],
    [Infinity, '–'],
  ])('%f s are %s', (seconds, text) => {
    expect(timeText(seconds)).toBe(text)
  })
})

describe('instants', () => {
  it.each([
    [0, '0'],
    [59, '59s'],
    [3600, '1h'],
    [93_785, '1d 02h 03m 05s'],
    [86_405, '1d 05s'],
  ])('%f s is %s', (seconds, text) => {
    expect(instantText(seconds)).toBe(text)
  })

  it('of ticks stop at the step', () => {
    expect(tickText(90_000, 3600)).toBe('1d 01h')
    expect(tickText(172_800, 86_400)).toBe('2d')
    expect(tickText(0.3, 0.1)).toBe('0.3s')
  })
})

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1_234_567, '1,234,567'],
    [1234.6, '1,235'],
    [-1234, '-1,234'],
    [123.456, '123'],
    [12.345, '12.35'],
    [0.004_21, '0.00421'],
    [Number.NaN, '–'],
  ])('%f is %s', (value, text) => {
    expect(numberText(value)).toBe(text)
  })

  it('are shares and counts', () => {
    expect(shareText(0.625)).toBe('62.5 %')
    expect(shareText(0.0123)).toBe('1.23 %')
    expect(countText(1, 'pod')).toBe('1 pod')
    expect(countText(1200, 'pod')).toBe('1,200 pods')
  })
})
