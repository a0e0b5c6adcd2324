import { stringify } from 'csv-stringify/sync'
import { numberText } from './number-text.ts'
import type { OutputFile } from './output-file.ts'

/** A cell of a table; undefined is empty. Times come as text from `secondsText`. */
export type Cell = string | number | boolean | undefined

const ROWS_A_CALL = 1000

/**
 * Rows as RFC 4180 text with `\n` line ends: what needs quotes has them, `true` and `false` are words,
 * numbers are spelled by `numberText`, or as the second argument does.
 *
 * A text that a spreadsheet would run as a formula (it starts with `=`, `+`, `-`, `@`, a tab or a carriage
 * return) gets a `'` before it.
 */
export function csvText(
  rows: readonly (readonly (Cell | bigint)[])[],
  spell: (value: number) => string = numberText,
): string {
  return stringify([...rows], {
    record_delimiter: '\n',
    // Left out, a given record delimiter would leave a lone carriage return without quotes.
    quote_record_delimiter: true,
    escape_formulas: true,
    cast: { boolean: (value) => (value ? 'true' : 'false'), number: spell },
  })
}

/** Writes a table of few rows, its header first; rows go out a thousand at a time. */
export class CsvTable {
  readonly #file: OutputFile
  #rows: (readonly Cell[])[]
  #rowCount = 0

  constructor(file: OutputFile, columns: readonly string[]) {
    this.#file = file
    this.#rows = [columns]
  }

  /** Rows written so far, without the header. */
  get rowCount(): number {
    return this.#rowCount
  }

  /** Takes the cells in the order of the columns. */
  row(cells: readonly Cell[]): void {
    this.#rowCount += 1
    if (this.#rows.push(cells) === ROWS_A_CALL) this.#flush()
  }

  /** Hands all rows to the file, which is finished by its owner. */
  flush(): void {
    if (this.#rows.length > 0) this.#flush()
  }

  #flush(): void {
    this.#file.writeText(csvText(this.#rows))
    this.#rows = []
  }
}
