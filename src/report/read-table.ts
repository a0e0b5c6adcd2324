import { InputError } from '../base/errors.ts'
import { COLUMNS } from './columns.ts'
import type { TableName } from './columns.ts'
import { tableBytes } from './table-bytes.ts'

/** Cells of a row by column. */
export type TableRow<Name extends TableName> = Readonly<Record<(typeof COLUMNS)[Name][number], string>>

/** A cell of RFC 4180 with what ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\n\r]*))(,|\n|$)/gy

/**
 * Reads a table that a run has left, from its CSV form or else from its Parquet form; `file` is where the CSV is, or would be. Throws
 * `InputError` when it is not there, or has other columns: the run was of another version.
 */
export function readTable<Name extends TableName>(file: string, name: Name): readonly TableRow<Name>[] {
  const bytes = tableBytes(file)
  if (bytes === undefined) {
    throw new InputError({ file, message: 'there is no such table', hint: 'give the directory of a run' })
  }
  const [header = [], ...rows] = parse(bytes.toString('utf8'))
  const columns: readonly string[] = COLUMNS[name]
  if (header.join() !== columns.join()) {
    throw new InputError({ file, line: 1, message: `has other columns than ${columns.join()}` })
  }
  return rows.map(
    (cells) => Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])) as TableRow<Name>,
  )
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
