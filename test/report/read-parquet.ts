import { csvText } from '../../src/report/csv.ts'
import type { TableValue } from '../../src/report/table/column-builder.ts'
import { openParquet } from '../../src/report/table/parquet-reader.ts'

/** All of a Parquet table, row by row. */
export async function readParquet(file: string): Promise<{
  readonly columns: readonly string[]
  readonly rows: readonly (readonly TableValue[])[]
}> {
  const table = await openParquet(file)
  try {
    const { columns } = table
    const rows: TableValue[][] = []
    for await (const group of table.groups(columns)) {
      for (let row = 0; row < group.rowCount; row++) rows.push(group.columns.map((values) => values[row]))
    }
    return { columns, rows }
  } finally {
    table.close()
  }
}

/** The CSV that a Parquet table of ours was made of, byte for byte. */
export async function csvOfParquet(file: string): Promise<Buffer> {
  const { columns, rows } = await readParquet(file)
  return Buffer.from(csvText([columns, ...rows]), 'utf8')
}
