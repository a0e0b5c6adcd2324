import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import { COLUMNS } from './columns.ts'
import type { TableName } from './columns.ts'
import { parquetName } from './parquet-name.ts'

/** Cells of a row by column. */
export type TableRow<Name extends TableName> = Readonly<Record<(typeof COLUMNS)[Name][number], string>>

/** A cell of RFC 4180 with what ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\n\r]*))(,|\n|$)/gy

/**
 * Reads a table that a run has left. Throws `InputError` when it is not there, or has other columns: the run was of another version.
 */
export function readTable<Name extends TableName>(file: string, name: Name): readonly TableRow<Name>[] {
  if (!existsSync(file)) {
    throw new InputError({
      file,
      message: 'there is no such table',
      hint: 'give the directory of one run: it holds manifest.json; a comparison or a sweep holds those of its runs',
    })
  }
  return typedRows(parse(readText(file)), file, name)
}

/**
 * Reads a table from the directory of a run, from its CSV form, or where there is none from its Parquet form. Throws as `readTable`.
 */
export async function readRunTable<Name extends TableName>(
  directory: string,
  name: Name,
): Promise<readonly TableRow<Name>[]> {
  const csv = path.join(directory, name)
  const parquet = path.join(directory, parquetName(name))
  if (existsSync(csv) || !existsSync(parquet)) return readTable(csv, name)
  const { csvOfParquet } = await import('./parquet-reader.ts')
  return typedRows(parse((await csvOfParquet(parquet)).toString('utf8')), parquet, name)
}

/** Rows by column, of cells with the header first. */
function typedRows<Name extends TableName>(
  [header = [], ...rows]: readonly (readonly string[])[],
  file: string,
  name: Name,
): readonly TableRow<Name>[] {
  const columns: readonly string[] = COLUMNS[name]
  if (header.join() !== columns.join()) {
    throw new InputError({ file, line: 1, message: `has other columns than ${columns.join()}` })
  }
  return rows.map(
    (cells) => Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])) as TableRow<Name>,
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw unreadable(file)
  }
}

function parse(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  CELL.lastIndex = 0
  while (CELL.lastIndex < text.length) {
    const match = CELL.exec(text)
    if (match === null) break
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}
