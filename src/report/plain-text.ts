/** Characters that go out as they are wherever they stand in a cell: ASCII letters, digits and `._/: `. */
const PLAIN = plainCharacters()
/** Plain everywhere but at the start of a cell. */
const HYPHEN = 0x2d

/**
 * Writes a cell's text from a place on, if it goes out as it is, one byte a character. Returns false if it needs quotes,
 * a mark or another encoding; then what stands at the place is of no use.
 */
export function writePlain(text: string, bytes: Uint8Array, place: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f || (PLAIN[code] === 0 && (code !== HYPHEN || i === 0))) return false
    bytes[place + i] = code
  }
  return true
}

function plainCharacters(): Uint8Array {
  const plain = new Uint8Array(128)
  for (let code = 0; code < 128; code++) {
    plain[code] = /[\w./: ]/.test(String.fromCharCode(code)) ? 1 : 0
  }
  return plain
}
