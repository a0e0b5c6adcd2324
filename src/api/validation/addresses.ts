import { invalid } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'

/** An address of IP: its version and its bytes as one number. */
export interface Address {
  readonly version: 4 | 6
  readonly value: bigint
}

const NO_ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NO_RANGE = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/**
 * Reads an address; leading zeros of decimal parts are ignored.
 *
 * Source: Kubernetes v1.37, k8s.io/utils/net `ParseIPSloppy`.
 */
export function parseAddress(value: string): Address | undefined {
  if (!value.includes(':')) {
    const four = parseFour(value)
    return four === undefined ? undefined : { version: 4, value: four }
  }
  const six = parseSix(value)
  if (six === undefined) return undefined
  const isMapped = six >> 32n === 0xffffn
  return isMapped ? { version: 4, value: six & 0xffffffffn } : { version: 6, value: six }
}

function parseFour(value: string): bigint | undefined {
  const parts = value.split('.')
  if (parts.length !== 4) return undefined
  if (!parts.every((part) => /^\d+$/.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

function parseSix(value: string): bigint | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(value)
  const four = tail === null ? undefined : parseFour(tail[2] ?? '')
  if (tail !== null && four === undefined) return undefined
  const plain =
    four === undefined
      ? value
      : `${tail?.[1] ?? ''}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`
  const halves = plain.split('::')
  if (halves.length > 2) return undefined
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - rest.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...rest]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

/** Version of the addresses of a range in CIDR notation; undefined when it is none. */
export function rangeVersion(value: string): 4 | 6 | undefined {
  const [base = '', length = '', ...rest] = value.split('/')
  const address = parseAddress(base)
  if (address === undefined || rest.length > 0 || !/^\d+$/.test(length)) return undefined
  const version = base.includes(':') ? 6 : 4
  return Number(length) <= (version === 4 ? 32 : 128) ? version : undefined
}

/**
 * An address in a form that all read alike.
 *
 * Source: apimachinery util/validation `IsValidIPForLegacyField`; feature gate StrictIPCIDRValidation, on
 * since 1.36.
 */
export function validateAddress(value: string, path: string): FieldErrors {
  const address = parseAddress(value)
  if (address === undefined) return [invalid(path, value, NO_ADDRESS)]
  if (hasLeadingZeros(value)) return [invalid(path, value, 'must not have leading 0s')]
  if (!isMapped(address, value)) return []
  return [invalid(path, value, 'must not be an IPv4-mapped IPv6 address')]
}

/**
 * A range in a form that all read alike.
 *
 * Source: apimachinery util/validation `IsValidCIDRForLegacyField`.
 */
export function validateRange(value: string, path: string): FieldErrors {
  const [base = '', length = ''] = value.split('/')
  const address = parseAddress(base)
  if (address === undefined || rangeVersion(value) === undefined) return [invalid(path, value, NO_RANGE)]
  if (hasLeadingZeros(base) || /^0\d/.test(length)) {
    return [invalid(path, value, 'must not have leading 0s in IP or prefix length')]
  }
  if (isMapped(address, base)) return [invalid(path, value, 'must not have an IPv4-mapped IPv6 address')]
  const bits = BigInt((address.version === 4 ? 32 : 128) - Number(length))
  const isMasked = (address.value >> bits) << bits === address.value
  return isMasked ? [] : [invalid(path, value, 'must not have bits set beyond the prefix length')]
}

/** Zeros before decimal parts, which some read as octal. */
function hasLeadingZeros(address: string): boolean {
  const decimals = address.slice(address.lastIndexOf(':') + 1)
  return decimals.includes('.') && decimals.split('.').some((part) => /^0\d/.test(part))
}

function isMapped({ version }: Address, written: string): boolean {
  return version === 4 && written.includes(':')
}

/** An address that some other machine can have. Source: core/validation `ValidateNonSpecialIP`. */
export function validateCommonAddress(value: string, path: string): FieldErrors {
  const address = parseAddress(value)
  if (address === undefined) return [invalid(path, value, 'must be a valid IP address')]
  return specialRanges(address, value).map((detail) => invalid(path, value, detail))
}

function specialRanges({ version, value }: Address, given: string): readonly string[] {
  const isFour = version === 4
  const top = isFour ? value >> 24n : value >> 118n
  const tests: readonly (readonly [boolean, string])[] = [
    [value === 0n, `may not be unspecified (${given})`],
    [isFour ? top === 127n : value === 1n, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    [
      isFour ? value >> 16n === 0xa9fen : top === 0x3fan,
      'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
    [
      isFour ? value >> 8n === 0xe00000n : value >> 112n === 0xff02n,
      'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  ]
  return tests.filter(([holds]) => holds).map(([, detail]) => detail)
}

/** Whether there is an address of each version; undefined when one is no address. */
export function areDualStack(versions: readonly (4 | 6 | undefined)[]): boolean | undefined {
  if (versions.includes(undefined)) return undefined
  return versions.includes(4) && versions.includes(6)
}

/** Whether a range holds all of another, and more. Both are valid. */
export function rangeContains(range: string, other: string): boolean {
  const [outer, inner] = [range, other].map((cidr) => {
    const [base = '', length = ''] = cidr.split('/')
    return { address: parseAddress(base), length: Number(length) }
  })
  if (outer?.address === undefined || inner?.address === undefined) return false
  if (outer.address.version !== inner.address.version || outer.length >= inner.length) return false
  const bits = BigInt((outer.address.version === 4 ? 32 : 128) - outer.length)
  return outer.address.value >> bits === inner.address.value >> bits
}
