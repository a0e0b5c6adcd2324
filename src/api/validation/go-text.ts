import { entriesOf } from './absent.ts'

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
])
const PRINTABLE = /^[ \p{L}\p{M}\p{N}\p{P}\p{S}]$/u

/** A text in double quotes, as Go's verb `%q` writes it. */
export function quote(value: string): string {
  return `"${Array.from(value, quoteCharacter).join('')}"`
}

function quoteCharacter(character: string): string {
  const known = ESCAPES.get(character)
  if (known !== undefined) return known
  if (PRINTABLE.test(character)) return character
  const point = character.codePointAt(0) ?? 0
  const hexadecimal = point.toString(16)
  if (point < 0x80) return `\\x${hexadecimal.padStart(2, '0')}`
  return point < 0x10000 ? `\\u${hexadecimal.padStart(4, '0')}` : `\\U${hexadecimal.padStart(8, '0')}`
}

/** A map as Go marshals it: keys in order; an absent one is null. */
export function sortedMap<Value>(
  map: Readonly<Record<string, Value>> | undefined,
): Readonly<Record<string, Value>> | null {
  return map === undefined ? null : Object.fromEntries(entriesOf(map))
}
