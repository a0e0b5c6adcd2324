const QUOTE = 0x22
const COMMA = 0x2c
const LINE_END = 0x0a
/** Cells of a row that there is room for at first. */
const FIRST_CELLS = 64

/** Where the cells of a row stand; it holds only while the row is handed over. */
export interface RowCells {
  readonly bytes: Buffer
  readonly count: number
  /** By column, without quotes around. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** 1 where quotes within the cell are doubled. */
  readonly doubled: Uint8Array
}

/**
 * Splits CSV as stowage writes it (RFC 4180, `\n` line ends) into rows, chunk by chunk and without an object for a row or a cell:
 * what is kept between two chunks is at most a row.
 */
export class CsvRows {
  readonly #take: (row: RowCells) => void
  readonly #row = {
    bytes: Buffer.alloc(0) as Buffer,
    count: 0,
    starts: new Uint32Array(FIRST_CELLS),
    ends: new Uint32Array(FIRST_CELLS),
    doubled: new Uint8Array(FIRST_CELLS),
  }
  #rest: Buffer = Buffer.alloc(0)

  constructor(take: (row: RowCells) => void) {
    this.#take = take
  }

  /** Whether all that came was whole rows. */
  get isWhole(): boolean {
    return this.#rest.length === 0
  }

  /** Hands over all rows that end in what came so far. */
  write(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#row.bytes = bytes
    let at = 0
    for (let end = this.#find(at); end > 0; end = this.#find(at)) {
      this.#take(this.#row)
      at = end
    }
    this.#rest = Buffer.from(bytes.subarray(at))
  }

  /** Finds the cells of the row that begins there; returns where the next one begins, or 0 where this one goes on in the next chunk. */
  #find(rowStart: number): number {
    const row = this.#row
    const { bytes } = row
    const { length } = bytes
    let at = rowStart
    for (let column = 0; ; column += 1) {
      if (column === row.starts.length) this.#grow()
      if (bytes[at] === QUOTE) at = this.#quoted(column, at)
      else {
        row.starts[column] = at
        row.doubled[column] = 0
        for (; at < length; at += 1) {
          const byte = bytes[at]
          if (byte === COMMA || byte === LINE_END) break
        }
        row.ends[column] = at
      }
      if (at >= length) return 0
      at += 1
      if (bytes[at - 1] !== LINE_END) continue
      row.count = column + 1
      return at
    }
  }

  /** A cell in quotes; returns what is behind it, or the end of the bytes where it may go on. */
  #quoted(column: number, start: number): number {
    const row = this.#row
    const { bytes } = row
    row.starts[column] = start + 1
    row.doubled[column] = 0
    let end = bytes.indexOf(QUOTE, start + 1)
    for (; end >= 0 && bytes[end + 1] === QUOTE; end = bytes.indexOf(QUOTE, end + 2)) row.doubled[column] = 1
    if (end < 0) return bytes.length
    row.ends[column] = end
    return end + 1
  }

  #grow(): void {
    const row = this.#row
    const { starts, ends, doubled } = row
    row.starts = new Uint32Array(starts.length * 2)
    row.starts.set(starts)
    row.ends = new Uint32Array(ends.length * 2)
    row.ends.set(ends)
    row.doubled = new Uint8Array(doubled.length * 2)
    row.doubled.set(doubled)
  }
}

/** The text of a cell. */
export function cellText({ bytes, starts, ends, doubled }: RowCells, column: number): string {
  const text = bytes.toString('utf8', starts[column], ends[column])
  return doubled[column] === 1 ? text.replaceAll('""', '"') : text
}
