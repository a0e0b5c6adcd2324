import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/base/assert.ts'
import { NEVER } from '../../src/base/time.ts'
import { numberText, secondsText } from '../../src/report/number-text.ts'

describe('numberText', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [17, '17'],
    [1000, '1000'],
    [-5, '-5'],
    [274877906944, '274877906944'],
    [0.5, '0.5'],
    [0.1 + 0.2, '0.3'],
    [1 / 3, '0.333333'],
    [2.0000001, '2'],
    [1e-9, '0'],
    [-1e-9, '0'],
    [100.25, '100.25'],
  ])('spells %f as %s', (value, text) => {
    expect(numberText(value)).toBe(text)
  })

  it('refuses what is no finite number', () => {
    expect(() => numberText(Number.NaN)).toThrow(InvariantError)
    expect(() => numberText(NEVER)).toThrow(InvariantError)
  })

  it('reads back to the nearest millionth', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
        expect(Math.abs(Number(numberText(value)) - value)).toBeLessThanOrEqual(0.000_000_6)
      }),
    )
  })
})

describe('secondsText', () => {
  it.each([
    [0, '0'],
    [1, '0.000001'],
    [1_500_000, '1.5'],
    [10_000_000, '10'],
    [86_400_000_001, '86400.000001'],
    [-1, ''],
    [undefined, ''],
    [NEVER, ''],
  ])('spells %s microseconds as "%s"', (span, text) => {
    expect(secondsText(span)).toBe(text)
  })
})
