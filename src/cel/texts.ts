import { CelFailure } from './declarations.ts'
import type { CelLibrary } from './declarations.ts'

/**
 * Functions on texts that Kubernetes has and the interpreter lacks.
 *
 * Source: cel-go v0.26, ext `strings.go`, version 2.
 */
export const textLibrary: CelLibrary = {
  functions: [
    { signature: 'string.charAt(int): string', call: charAt },
    {
      signature: 'string.replace(string, string): string',
      call: (text: string, old: string, by: string) => text.split(old).join(by),
    },
    { signature: 'string.replace(string, string, int): string', call: replace },
  ],
}

/** The character at a place; nothing at the end of the text. */
function charAt(text: string, place: bigint): string {
  const characters = Array.from(text)
  if (place < 0n || place > BigInt(characters.length)) {
    throw new CelFailure('index_out_of_bounds', `index out of range: ${place}`)
  }
  return characters[Number(place)] ?? ''
}

/** Replaces at most `limit` times from the left; a negative limit is none. */
function replace(text: string, old: string, by: string, limit: bigint): string {
  const parts = text.split(old)
  const count = limit < 0n ? parts.length - 1 : Math.min(parts.length - 1, Number(limit))
  return [parts.slice(0, count + 1).join(by), ...parts.slice(count + 1)].join(old)
}
