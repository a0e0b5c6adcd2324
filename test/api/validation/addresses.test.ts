import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  parseAddress,
  rangeContains,
  rangeVersion,
  validateAddress,
  validateCommonAddress,
  validateRange,
} from '../../../src/api/validation/addresses.ts'

const details = (errors: readonly { readonly detail: string }[]): readonly string[] =>
  errors.map(({ detail }) => detail)

describe('addresses', () => {
  it('are read in both versions', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => parseAddress(address)?.version === 4))
    fc.assert(fc.property(fc.ipV6(), (address) => parseAddress(address) !== undefined))
    expect(parseAddress('10.0.0.1')?.value).toBe(0x0a000001n)
    expect(parseAddress('2001:db8::1')?.value).toBe(0x20010db8000000000000000000000001n)
    expect(parseAddress('::ffff:1.2.3.4')).toEqual({ version: 4, value: 0x01020304n })
  })

  it.each(['', '1.2.3', '1.2.3.256', '1:2', ':::', '1::2::3', 'g::', '1.2.3.4.5', '::1.2.3'])(
    'are none: %s',
    (text) => {
      expect(parseAddress(text)).toBeUndefined()
      expect(details(validateAddress(text, 'ip'))).toEqual([
        'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ])
    },
  )

  it('are in a form that all read alike', () => {
    expect(details(validateAddress('010.0.0.1', 'ip'))).toEqual(['must not have leading 0s'])
    expect(details(validateAddress('::ffff:1.2.3.4', 'ip'))).toEqual([
      'must not be an IPv4-mapped IPv6 address',
    ])
    expect(details(validateRange('10.0.0.1/24', 'cidr'))).toEqual([
      'must not have bits set beyond the prefix length',
    ])
    expect(details(validateRange('10.0.0.0/024', 'cidr'))).toEqual([
      'must not have leading 0s in IP or prefix length',
    ])
    expect(validateRange('2001:db8::/64', 'cidr')).toEqual([])
  })

  it('of other machines are not special', () => {
    const special = ['0.0.0.0', '127.0.0.1', '169.254.1.1', '224.0.0.5', '::', '::1', 'fe80::1', 'ff02::1']
    expect(special.filter((address) => validateCommonAddress(address, 'ip').length !== 1)).toEqual([])
    expect(validateCommonAddress('10.0.0.1', 'ip')).toEqual([])
  })

  it('lie in ranges as their first bits say', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 1, max: 31 }), (address, length) => {
        expect(rangeVersion(`${address}/${length}`)).toBe(4)
        expect(rangeContains(`${address}/${length}`, `${address}/32`)).toBe(true)
        expect(rangeContains(`${address}/${length}`, `${address}/${length}`)).toBe(false)
        expect(rangeContains(`${address}/${length + 1}`, `${address}/${length}`)).toBe(false)
      }),
    )
    expect(rangeContains('10.0.0.0/8', '11.0.0.0/16')).toBe(false)
    expect(rangeContains('10.0.0.0/8', '::/16')).toBe(false)
  })
})
