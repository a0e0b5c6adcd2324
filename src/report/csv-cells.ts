import { assert } from '../base/assert.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const LINE_END = 0x0a

/** Takes the cells of a table in order; the bytes hold only during the call. */
export interface CellSink {
  /** `column` counts from 0. A quoted cell comes without its quotes. */
  cell(column: number, bytes: Buffer, start: number, end: number): void
  endRow(): void
}

/**
 * Splits CSV as stowage writes it (RFC 4180, `\n` line ends, a whole number of rows) into its cells, chunk by chunk: what is kept
 * between two chunks is at most a row.
 */
export class CsvCells {
  readonly #sink: CellSink
  #rest: Buffer = Buffer.alloc(0)

  constructor(sink: CellSink) {
    this.#sink = sink
  }

  /** Hands over all rows that end in what came so far. */
  write(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const used = this.#rows(bytes, lastRowEnd(bytes))
    this.#rest = Buffer.from(bytes.subarray(used))
  }

  /** All has come. */
  end(): void {
    assert(this.#rest.length === 0, 'a table ends within a row')
  }

  /** Hands over the rows before `end`, which may lie in a cell with line ends; returns where the last whole row ends. */
  #rows(bytes: Buffer, end: number): number {
    const sink = this.#sink
    let rowStart = 0
    while (rowStart < end) {
      if (!isWholeRow(bytes, rowStart, end)) break
      let at = rowStart
      for (let column = 0; ; column++) {
        at = bytes[at] === QUOTE ? this.#quoted(column, bytes, at) : plainCell(sink, column, bytes, at)
        if (bytes[at++] === LINE_END) break
      }
      sink.endRow()
      rowStart = at
    }
    return rowStart
  }

  /** A cell in quotes; returns where it ends. */
  #quoted(column: number, bytes: Buffer, start: number): number {
    let end = start + 1
    let hasQuotes = false
    for (; ; end++) {
      if (bytes[end] !== QUOTE) continue
      if (bytes[end + 1] !== QUOTE) break
      hasQuotes = true
      end += 1
    }
    if (hasQuotes) {
      const text = bytes.toString('utf8', start + 1, end).replaceAll('""', '"')
      const unquoted = Buffer.from(text, 'utf8')
      this.#sink.cell(column, unquoted, 0, unquoted.length)
    } else this.#sink.cell(column, bytes, start + 1, end)
    return end + 1
  }
}

function plainCell(sink: CellSink, column: number, bytes: Buffer, start: number): number {
  let end = start
  for (let byte = bytes[end]; byte !== COMMA && byte !== LINE_END; byte = bytes[end]) end += 1
  sink.cell(column, bytes, start, end)
  return end
}

/** Behind the last line end. */
function lastRowEnd(bytes: Buffer): number {
  return bytes.lastIndexOf(LINE_END) + 1
}

/** Whether a line end outside quotes follows: only a row with a quote can lack one before `end`. */
function isWholeRow(bytes: Buffer, start: number, end: number): boolean {
  let isQuoted = false
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) isQuoted = !isQuoted
    else if (byte === LINE_END && !isQuoted) return true
  }
  return false
}
