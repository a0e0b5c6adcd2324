import { closeSync, openSync, readSync } from 'node:fs'

import { InputError } from '../../base/errors.ts'
import { unreadable } from '../../base/unreadable.ts'
import { COLUMNS } from '../columns.ts'
import type { TableName } from '../columns.ts'
import { COLUMN_BUILDERS } from './column-builder.ts'
import type { ColumnBuilder, ColumnKind, ColumnsByKind } from './column-builder.ts'
import { CsvRows, cellText } from './csv-rows.ts'
import type { RowCells } from './csv-rows.ts'
import type { ValueGroup } from './parquet-reader.ts'
import { requireTable, tableFile } from './table-file.ts'
import type { TableFile } from './table-file.ts'

export type { ColumnKind, TextColumn } from './column-builder.ts'

/** Bytes of CSV that are read at a time. */
const CHUNK_BYTES = 1 << 20

/** Columns of a table that were asked for, or of a batch of its rows. */
export interface ReadColumns<Kinds> {
  readonly rowCount: number
  readonly columns: {
    readonly [Column in keyof Kinds]: Kinds[Column] extends ColumnKind ? ColumnsByKind[Kinds[Column]] : never
  }
}

/** How columns of a table are to be read; those that are left out are not. */
export type Wanted<Name extends TableName> = {
  readonly [Column in (typeof COLUMNS)[Name][number]]?: ColumnKind
}

/** Cells of a row by column. */
export type TableRow<Name extends TableName> = Readonly<Record<(typeof COLUMNS)[Name][number], string>>

/**
 * Reads columns of a table that a run has left, CSV or Parquet, batch by batch: more than a batch is never held. Columns are found by
 * their headings, so that tables of other versions can be read as far as they have them. Nothing comes where the run left no
 * such table.
 *
 * Throws `InputError` for a table that cannot be read, lacks a column, has no number where one is asked for, or is cut off.
 */
export async function* tableBatches<Name extends TableName, const Kinds extends Wanted<Name>>(
  directory: string,
  name: Name,
  wanted: Kinds,
): AsyncGenerator<ReadColumns<Kinds>, void, undefined> {
  const found = tableFile(directory, name)
  if (found === undefined) return
  const gathered = new GatheredColumns<Kinds>(wanted)
  for await (const rowCount of piecesOf(found, gathered)) if (rowCount > 0) yield gathered.take()
}

/**
 * Reads columns of a table that a run has left, CSV or Parquet, without an object for a row or a cell. Undefined where the run left
 * no such table. Throws as `tableBatches`.
 */
export async function readColumns<Name extends TableName, const Kinds extends Wanted<Name>>(
  directory: string,
  name: Name,
  wanted: Kinds,
): Promise<ReadColumns<Kinds> | undefined> {
  const found = tableFile(directory, name)
  if (found === undefined) return undefined
  const gathered = new GatheredColumns<Kinds>(wanted)
  const pieces = piecesOf(found, gathered)
  while ((await pieces.next()).done !== true);
  return gathered.take()
}

/** The rows of a table with few of them, as objects; none where the run left no such table. Throws as `tableBatches`. */
export async function readRows<Name extends TableName>(
  directory: string,
  name: Name,
): Promise<readonly TableRow<Name>[]> {
  const names: readonly string[] = COLUMNS[name]
  const wanted = Object.fromEntries(names.map((column) => [column, 'text' as const]))
  const table = await readColumns(
    directory,
    name,
    wanted as { readonly [Column in keyof TableRow<Name>]: 'text' },
  )
  if (table === undefined) return []
  const columns = names.map((column) => table.columns[column as keyof TableRow<Name>])
  return Array.from(
    { length: table.rowCount },
    (_, row) =>
      Object.fromEntries(names.map((column, at) => [column, columns[at]?.at(row)])) as TableRow<Name>,
  )
}

/** As `readRows`, of a table that has to be there: throws `InputError` where it is not. */
export async function requiredRows<Name extends TableName>(
  directory: string,
  name: Name,
): Promise<readonly TableRow<Name>[]> {
  requireTable(directory, name)
  return readRows(directory, name)
}

/** Gathers the columns that are asked for. */
class GatheredColumns<Kinds> {
  readonly #names: readonly string[]
  readonly #builders: readonly ColumnBuilder<ColumnsByKind[ColumnKind]>[]
  #rowCount = 0

  constructor(wanted: Readonly<Record<string, ColumnKind | undefined>>) {
    const kinds = Object.entries(wanted).flatMap(([name, kind]) =>
      kind === undefined ? [] : [{ name, kind }],
    )
    this.#names = kinds.map(({ name }) => name)
    this.#builders = kinds.map(({ kind }) => COLUMN_BUILDERS[kind]())
  }

  get names(): readonly string[] {
    return this.#names
  }

  /** Rows since the last time that they were taken. */
  get rowCount(): number {
    return this.#rowCount
  }

  /** Where the columns stand among those of a file. Throws `InputError` where one does not. */
  placesIn(file: string, header: readonly string[]): Uint32Array {
    return Uint32Array.from(this.#names, (name) => {
      const place = header.indexOf(name)
      if (place >= 0) return place
      const hint = 'it is of another version, or another table'
      throw new InputError({ file, message: `has no column ${name}`, hint })
    })
  }

  /** Adds a row; the column whose cell is not of the kind that it was asked for as, where there is one. */
  addRow(row: RowCells, places: Uint32Array): string | undefined {
    const builders = this.#builders
    let wrong: string | undefined
    for (let at = 0; at < builders.length; at += 1) {
      if (builders[at]?.addCell(row, places[at] as number) === false) wrong ??= this.#names[at]
    }
    this.#rowCount += 1
    return wrong
  }

  addGroup({ rowCount, columns }: ValueGroup): void {
    for (const [at, builder] of this.#builders.entries()) {
      const values = columns[at] ?? []
      for (let row = 0; row < rowCount; row += 1) builder.addValue(values[row])
    }
    this.#rowCount += rowCount
  }

  take(): ReadColumns<Kinds> {
    const columns = Object.fromEntries(this.#names.map((name, at) => [name, this.#builders[at]?.take()]))
    const rowCount = this.#rowCount
    this.#rowCount = 0
    return { rowCount, columns: columns as ReadColumns<Kinds>['columns'] }
  }
}

/** Reads a file into columns, piece by piece; yields how many rows are there to be taken. */
async function* piecesOf(
  { file, isParquet }: TableFile,
  gathered: GatheredColumns<unknown>,
): AsyncGenerator<number, void, undefined> {
  if (!isParquet) {
    yield* csvPieces(file, gathered)
    return
  }
  // Few have Parquet, and what reads it takes time to load.
  const { openParquet } = await import('./parquet-reader.ts')
  const table = await openParquet(file)
  try {
    gathered.placesIn(file, table.columns)
    for await (const group of table.groups(gathered.names)) {
      gathered.addGroup(group)
      yield gathered.rowCount
    }
  } finally {
    table.close()
  }
}

function* csvPieces(file: string, gathered: GatheredColumns<unknown>): Generator<number, void, undefined> {
  let places: Uint32Array | undefined
  let header: readonly string[] = []
  let cellCount = 0
  let rowNumber = 0
  const rows = new CsvRows((row) => {
    if (places === undefined) {
      cellCount = row.count
      header = Array.from({ length: cellCount }, (_, column) => cellText(row, column))
      places = gathered.placesIn(file, header)
      return
    }
    rowNumber += 1
    if (row.count !== cellCount) {
      throw new InputError({ file, message: `row ${rowNumber} has another number of cells than the header` })
    }
    const wrong = gathered.addRow(row, places)
    if (wrong !== undefined) {
      const cell = cellText(row, header.indexOf(wrong))
      throw new InputError({
        file,
        field: wrong,
        message: `row ${rowNumber} has "${cell}"; expected a number`,
      })
    }
  })
  for (const chunk of chunksOf(file)) {
    rows.write(chunk)
    yield gathered.rowCount
  }
  if (!rows.isWhole)
    throw new InputError({ file, message: `is cut off: it ends within row ${rowNumber + 1}` })
  if (places === undefined) gathered.placesIn(file, [])
}

/** The bytes of a file; a piece holds until the next is asked for. */
function* chunksOf(file: string): Generator<Buffer, void, undefined> {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    throw unreadable(file)
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    for (let size = readSync(descriptor, buffer); size > 0; size = readSync(descriptor, buffer)) {
      yield buffer.subarray(0, size)
    }
  } finally {
    closeSync(descriptor)
  }
}
