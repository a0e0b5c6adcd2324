import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  configMapKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  environmentName,
  labelKey,
  labelValue,
  pathSegmentName,
  percent,
  portName,
  subdomainName,
  wildcardSubdomain,
} from '../../../src/api/validation/names.ts'

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/)

describe('names', () => {
  it('are subdomains when their parts are labels', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 5 }), (parts) => {
        expect(parts.every((part) => dns1123Label(part).length === 0)).toBe(true)
        expect(dns1123Subdomain(parts.join('.'))).toEqual([])
        expect(dns1123Label(parts.join('.'))).toContain('must not contain dots')
        expect(labelKey(`${parts.join('.')}/Name`)).toEqual([])
        expect(wildcardSubdomain(`*.${parts.join('.')}`)).toEqual([])
      }),
    )
  })

  it('are refused with upper case, whatever else', () => {
    fc.assert(
      fc.property(label, label, (one, other) => {
        expect(dns1123Label(`${one}A${other}`)).toHaveLength(1)
        expect(dns1123Subdomain(`${one}A${other}`)).toHaveLength(1)
        expect(labelValue(`${one}A${other}`)).toEqual([])
      }),
    )
  })

  it('may be longer in subdomains than in labels', () => {
    const long = 'a'.repeat(64)
    expect(dns1123Label(long)).toEqual(['must be no more than 63 characters'])
    expect(dns1123Subdomain(long)).toEqual([])
    expect(dns1123Subdomain('a'.repeat(254))).toEqual(['must be no more than 253 characters'])
    expect(labelValue(long)).toEqual(['must be no more than 63 bytes'])
    expect(labelKey(`${'a'.repeat(254)}/b`)).toEqual(['prefix part must be no more than 253 bytes'])
  })

  it('may end in a hyphen where something follows', () => {
    expect(subdomainName('web-', true)).toEqual([])
    expect(subdomainName('web-', false)).toHaveLength(1)
  })

  it.each([
    [
      'a key with two slashes',
      labelKey('a/b/c'),
      /^a valid label key must consist of .* \(e.g. 'example.com\/MyName'\)$/,
    ],
    ['a key without a prefix', labelKey('/x'), /^prefix part must be non-empty$/],
    ['a label that starts with a number', dns1035Label('1a'), /^a DNS-1035 label must consist .* regex used/],
    ['a percentage', percent('5'), /^a valid percent string must be .* '\[0-9\]\+%'\)$/],
    ['a variable', environmentName('A=B'), /printable ASCII characters other than '='$/],
    ['a segment', pathSegmentName('..', false), /^may not be '\.\.'$/],
    ['a key', configMapKey('..'), /^must not be '\.\.'$/],
  ])('are refused with what was expected: %s', (_name, problems, expected) => {
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  it('of ports have all that is wrong listed', () => {
    expect(portName('-A--1234567890123-')).toEqual([
      'must be no more than 15 characters',
      'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'must contain at least one letter (a-z)',
      'must not contain consecutive hyphens',
      'must not begin or end with a hyphen',
    ])
  })
})
