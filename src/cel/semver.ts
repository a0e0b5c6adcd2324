import { CelFailure } from './declarations.ts'
import type { CelLibrary } from './declarations.ts'

/** A semantic version 2.0.0 as a value of CEL. */
export class CelSemver {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** Identifiers after the hyphen. */
  readonly preRelease: readonly string[]

  constructor(numbers: readonly [bigint, bigint, bigint], preRelease: readonly string[]) {
    ;[this.major, this.minor, this.patch] = numbers
    this.preRelease = preRelease
  }
}

const NUMBER = '(0|[1-9]\\d*)'
const FORM = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
)
const UINT64_MAX = 18_446_744_073_709_551_615n

/** Reads a version; undefined when the text is none. */
export function parseSemver(text: string): CelSemver | undefined {
  const match = FORM.exec(text)
  if (match === null) return undefined
  const [, major = '', minor = '', patch = '', suffix] = match
  const preRelease = suffix?.split('.') ?? []
  if (preRelease.some((part) => /^0\d+$/.test(part))) return undefined
  const numbers: [bigint, bigint, bigint] = [BigInt(major), BigInt(minor), BigInt(patch)]
  return numbers.some((number) => number > UINT64_MAX) ? undefined : new CelSemver(numbers, preRelease)
}

/** Negative, zero or positive as the first goes before, with or after the second; build metadata does not count. */
export function compareSemver(one: CelSemver, other: CelSemver): number {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (one[part] !== other[part]) return one[part] < other[part] ? -1 : 1
  }
  if (one.preRelease.length === 0 || other.preRelease.length === 0) {
    return Math.sign(other.preRelease.length - one.preRelease.length)
  }
  for (let i = 0; i < Math.min(one.preRelease.length, other.preRelease.length); i++) {
    const order = compareIdentifiers(one.preRelease[i] ?? '', other.preRelease[i] ?? '')
    if (order !== 0) return order
  }
  return Math.sign(one.preRelease.length - other.preRelease.length)
}

/**
 * `semver("1.2.3")` and what can be asked of it. With `true` as a second argument a leading `v`, missing parts and
 * leading zeros are put right first.
 *
 * Source: Kubernetes v1.37, apiserver/pkg/cel/library `semverlib.go`.
 */
export const semverLibrary: CelLibrary = {
  types: [{ name: 'kubernetes.Semver', constructedBy: CelSemver, fields: {} }],
  functions: [
    { signature: 'semver(string): kubernetes.Semver', call: (text: string) => read(text, false) },
    { signature: 'semver(string, bool): kubernetes.Semver', call: read },
    { signature: 'isSemver(string): bool', call: (text: string) => parseSemver(text) !== undefined },
    {
      signature: 'isSemver(string, bool): bool',
      call: (text: string, puts: boolean) => parseSemver(puts ? putRight(text) : text) !== undefined,
    },
    { signature: 'kubernetes.Semver.major(): int', call: ({ major }: CelSemver) => major },
    { signature: 'kubernetes.Semver.minor(): int', call: ({ minor }: CelSemver) => minor },
    { signature: 'kubernetes.Semver.patch(): int', call: ({ patch }: CelSemver) => patch },
    {
      signature: 'kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool',
      call: (one: CelSemver, other: CelSemver) => compareSemver(one, other) > 0,
    },
    {
      signature: 'kubernetes.Semver.isLessThan(kubernetes.Semver): bool',
      call: (one: CelSemver, other: CelSemver) => compareSemver(one, other) < 0,
    },
    {
      signature: 'kubernetes.Semver.compareTo(kubernetes.Semver): int',
      call: (one: CelSemver, other: CelSemver) => BigInt(compareSemver(one, other)),
    },
  ],
  operators: [
    {
      signature: 'kubernetes.Semver == kubernetes.Semver',
      apply: (one: CelSemver, other: CelSemver) => compareSemver(one, other) === 0,
    },
  ],
}

/** Numbers go before words, numbers by size, words by their characters. */
function compareIdentifiers(one: string, other: string): number {
  const [isOneNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)]
  if (isOneNumber !== isOtherNumber) return isOneNumber ? -1 : 1
  if (isOneNumber) {
    const [first, second] = [BigInt(one), BigInt(other)]
    return first === second ? 0 : first < second ? -1 : 1
  }
  return one === other ? 0 : one < other ? -1 : 1
}

function read(text: string, puts: boolean): CelSemver {
  const parsed = parseSemver(puts ? putRight(text) : text)
  if (parsed === undefined) throw new CelFailure('invalid_semver', `"${text}" is no semantic version`)
  return parsed
}

function putRight(text: string): string {
  const parts = text.replace(/^v/, '').split(/(?=[-+])/)
  const numbers = (parts[0] ?? '').split('.').map((part) => part.replace(/^0+(?=\d)/, ''))
  while (numbers.length < 3) numbers.push('0')
  return [numbers.join('.'), ...parts.slice(1)].join('')
}
