import { COLUMNS } from '../../columns.ts'
import type { TableName } from '../../columns.ts'
import type { TableRow } from '../../read-table.ts'
import { readColumns } from './read-columns.ts'
import type { ColumnKind, TextColumn } from './read-columns.ts'
import type { RunTables } from './run-tables.ts'

/** The rows of a table with few of them, as objects; none where the run left no such table. */
export function tableRows<Name extends TableName>(tables: RunTables, name: Name): readonly TableRow<Name>[] {
  const names: readonly string[] = COLUMNS[name]
  const wanted = Object.fromEntries(names.map((column) => [column, 'text' as ColumnKind]))
  const table = readColumns(
    tables,
    name,
    wanted as { readonly [Column in (typeof COLUMNS)[Name][number]]: 'text' },
  )
  if (table === undefined) return []
  const columns = table.columns as Readonly<Record<string, TextColumn>>
  return Array.from(
    { length: table.rowCount },
    (_, row) =>
      Object.fromEntries(names.map((column) => [column, columns[column]?.at(row) ?? ''])) as TableRow<Name>,
  )
}
