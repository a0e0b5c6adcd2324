import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { asInt64, heldQuantity, isProductExact, scaledValue } from '../../src/api/held-quantity.ts'
import type { HeldQuantity } from '../../src/api/held-quantity.ts'
import { quantityProblem } from '../../src/api/quantity-text.ts'
import { formatQuantity, parseQuantity, quantityMilli, quantityValue } from '../../src/api/quantity.ts'

function held(text: string): HeldQuantity {
  const quantity = heldQuantity(text)
  if (quantity === undefined) throw new Error(`${text} is no quantity`)
  return quantity
}

describe('a quantity as Kubernetes holds it', () => {
  it('is in an int64 up to 18 digits, or 14 with three for each step of a binary suffix', () => {
    expect(held('999999999999999999').isInt64).toBe(true)
    expect(held('1000000000000000000').isInt64).toBe(false)
    expect(held('0001.5k')).toEqual({ digits: 15n, scale: 2, isInt64: true })
    expect(held('99999999999Ki').isInt64).toBe(true)
    expect(held('999999999999Ki').isInt64).toBe(false)
    expect(held('1.5Ki')).toEqual({ digits: 1536n * 10n ** 9n, scale: -9, isInt64: false })
  })

  it('is 0 or wraps around where an int64 has no room for it', () => {
    expect(scaledValue(held('10E'), 0)).toBe(0n)
    expect(scaledValue(held('91P'), -3)).toBe(0n)
    expect(scaledValue(held('10627283711915360e9'), 0)).toBe(3770586845056712704n)
    expect(scaledValue(held('8Ei'), 0)).toBe(2n ** 63n - 1n)
    expect(scaledValue(held('8Ei'), -3)).toBe(-1000n)
    expect([quantityValue('10E'), quantityMilli('8Ei')]).toEqual([0, -1000])
  })

  it('is given in units only where it has no fraction in its scale', () => {
    expect(asInt64(held('5G'))).toBe(5_000_000_000n)
    expect([asInt64(held('1.0')), asInt64(held('1.5Ki')), asInt64(held('10E'))]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([isProductExact(held('91P'), 5n), isProductExact(held('2'), 3n)]).toEqual([true, true])
    expect(isProductExact(held('1.5'), 3n)).toBe(true)
    expect(isProductExact(held('9223372036854775807'), 2n)).toBe(false)
  })

  it('rounds away from zero what an int64 holds, and up what it does not', () => {
    expect([scaledValue(held('-.5'), 0), scaledValue(held('100m'), 0)]).toEqual([-1n, 1n])
    expect(scaledValue(held('-562.7107Mi'), 0)).toBe(-590044933n)
  })

  it('has the value of the exact quantity where that is within the digits that are sure', () => {
    const text = fc.tuple(
      fc.integer({ min: 0, max: 999_999_999 }),
      fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3', 'e-2'),
    )
    fc.assert(
      fc.property(text, ([digits, suffix]) => {
        const quantity = parseQuantity(`${digits}${suffix}`)
        const nano = quantity?.nano ?? -1n
        expect(scaledValue(held(`${digits}${suffix}`), 0)).toBe((nano + 10n ** 9n - 1n) / 10n ** 9n)
      }),
    )
  })
})

describe('the text of a quantity', () => {
  it('may leave the number out, which is 0 then', () => {
    expect(['.', '+', '-', 'Ki', '-m', '5.', '.5'].map((text) => formatted(text))).toEqual([
      '0',
      '0',
      '0',
      '0',
      '0',
      '5',
      '500m',
    ])
    expect(parseQuantity('')).toBeUndefined()
  })

  it('has an exponent that can be reckoned with', () => {
    expect([formatted('1e-999999999'), formatted('-2e-999999999'), formatted('0e-999999999')]).toEqual([
      '1e-9',
      '-1e-9',
      '0',
    ])
    expect(parseQuantity('1e999999999')).toBeUndefined()
  })

  it('is refused for its form or for its suffix', () => {
    for (const text of ['1e', '1Ki1', '1mm', 'e'])
      expect(quantityProblem(text)).toBe("unable to parse quantity's suffix")
    for (const text of ['', ' 1', '1 ', '1.1.1', '1x', 'NaN', '5e3m'])
      expect(quantityProblem(text)).toContain('quantities must match the regular expression')
  })
})

function formatted(text: string): string | undefined {
  const quantity = parseQuantity(text)
  return quantity === undefined ? undefined : formatQuantity(quantity)
}
