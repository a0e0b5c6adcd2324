/** Where a cell of a table stands in its bytes. */
export interface CellPlace {
  start: number
  end: number
  /** Where the next cell begins. */
  next: number
  /** Whether quotes within it are doubled. */
  isQuoted: boolean
  /** Whether its row ends with it. */
  isLast: boolean
}

const COMMA = 0x2c
const LINE_END = 0x0a
const QUOTE = 0x22

/** Moves the place to the cell that begins at `next`, of RFC 4180 with `\n` line ends. */
export function readCell(bytes: Uint8Array, place: CellPlace): void {
  const { length } = bytes
  let at = place.next
  place.isQuoted = bytes[at] === QUOTE
  if (place.isQuoted) {
    place.start = at + 1
    at = closingQuote(bytes, at + 1)
    place.end = at
    at += 1
  } else {
    place.start = at
    while (at < length && bytes[at] !== COMMA && bytes[at] !== LINE_END) at += 1
    place.end = at
  }
  place.isLast = at >= length || bytes[at] === LINE_END
  place.next = at + 1
}

/** The quote that is not doubled. */
function closingQuote(bytes: Uint8Array, from: number): number {
  let at = from
  for (; at < bytes.length; at += 1) {
    if (bytes[at] !== QUOTE) continue
    if (bytes[at + 1] !== QUOTE) return at
    at += 1
  }
  return at
}
