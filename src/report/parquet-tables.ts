import { closeSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { assert } from '../base/assert.ts'
import { columnCells } from './column-cells.ts'
import type { ColumnCells } from './column-cells.ts'
import { columnType, typeOfColumn } from './column-types.ts'
import type { TypedColumn } from './column-types.ts'
import { OutputFile } from './output-file.ts'
import { ParquetFile } from './parquet-writer.ts'
import { CsvRows, cellText } from './table/csv-rows.ts'
import type { RowCells } from './table/csv-rows.ts'

/** Rows of a group: what is in memory at a time, and what a reader may skip. */
const GROUP_ROWS = 1 << 16
/** Bytes of CSV that are read at a time. */
const CHUNK_SIZE = 1 << 20

/** Gathers the rows of CSV, its header first, into row groups. */
class GroupedRows {
  readonly csv: CsvRows
  readonly #columns: readonly TypedColumn[]
  readonly #file: ParquetFile
  #cells: readonly ColumnCells[]
  /** The header is no row. */
  #rows = -1

  constructor(file: OutputFile, columns: readonly TypedColumn[]) {
    this.#columns = columns
    this.#file = new ParquetFile(file, columns)
    this.#cells = columns.map(columnCells)
    this.csv = new CsvRows((row) => this.#row(row))
  }

  #row(row: RowCells): void {
    assert(row.count === this.#columns.length, 'a row has another number of cells than its table columns')
    if (this.#rows >= 0) this.#add(row)
    this.#rows += 1
    if (this.#rows === GROUP_ROWS) this.#flush()
  }

  #add(row: RowCells): void {
    const cells = this.#cells
    const { bytes, starts, ends, doubled } = row
    for (let column = 0; column < cells.length; column += 1) {
      if (doubled[column] === 1) {
        const unquoted = Buffer.from(cellText(row, column), 'utf8')
        cells[column]?.add(unquoted, 0, unquoted.length)
      } else cells[column]?.add(bytes, starts[column] as number, ends[column] as number)
    }
  }

  /** All has come. */
  end(): void {
    assert(this.csv.isWhole, 'a table ends within a row')
    if (this.#rows > 0) this.#flush()
    this.#file.end()
  }

  #flush(): void {
    this.#file.group(this.#cells.map(({ values }) => values))
    this.#cells = this.#columns.map(columnCells)
    this.#rows = 0
  }
}

/**
 * Writes the Parquet form of a table that is on disk as CSV, in a memory of a row group: the types by the names of its columns, which
 * all have one. Returns the file, which its owner finishes.
 */
export function parquetOfFile(csvFile: string, place: OutputPlace, columns: readonly string[]): OutputFile {
  const file = new OutputFile(place.directory, place.name)
  const descriptor = openSync(csvFile, 'r')
  try {
    const rows = new GroupedRows(file, columns.map(typedColumn))
    const chunk = Buffer.allocUnsafe(CHUNK_SIZE)
    for (;;) {
      const length = readSync(descriptor, chunk, 0, CHUNK_SIZE, null)
      if (length === 0) break
      rows.csv.write(chunk.subarray(0, length))
    }
    rows.end()
    return file
  } catch (error) {
    file.abandon()
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** Where an output goes. */
export interface OutputPlace {
  readonly directory: string
  readonly name: string
}

/**
 * Writes the Parquet form of a small table that is there as CSV text, header first. Columns have the type of their names, or
 * where that is none, or not of all cells, one that takes them.
 */
export function writeParquetOfText(csv: string, file: string): void {
  const bytes = Buffer.from(csv, 'utf8')
  const output = new OutputFile(path.dirname(file), path.basename(file))
  try {
    const rows = new GroupedRows(output, columnsOfText(bytes))
    rows.csv.write(bytes)
    rows.end()
    output.finish()
  } catch (error) {
    output.abandon()
    throw error
  }
}

function columnsOfText(bytes: Buffer): readonly TypedColumn[] {
  const rows: string[][] = []
  const csv = new CsvRows((row) => {
    rows.push(Array.from({ length: row.count }, (_, column) => cellText(row, column)))
  })
  csv.write(bytes)
  const [header = [], ...others] = rows
  return header.map((name, index) => ({
    name,
    type: typeOfColumn(
      name,
      others.map((row) => row[index] ?? ''),
    ),
  }))
}

function typedColumn(name: string): TypedColumn {
  const type = columnType(name)
  assert(type !== undefined, () => `column-types.ts has no type for ${name}`)
  return { name, type }
}
