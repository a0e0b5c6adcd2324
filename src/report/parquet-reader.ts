import { readFileSync } from 'node:fs'

import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet'
import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import { csvText } from './csv.ts'
import type { Cell } from './csv.ts'

/** A table with the values of its cells: undefined for null, bigint where a column is int64. */
export interface ValueTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (Cell | bigint)[])[]
}

/** Rows that are made text at a time. */
const ROWS_A_CALL = 1000

/** Reads a Parquet table, whole. Throws `InputError` for a file that cannot be read, or is none. */
export async function readParquet(file: string): Promise<ValueTable> {
  const bytes = read(file)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  try {
    const metadata = parquetMetadata(buffer)
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
    const places = new Map(columns.map((name, index) => [name, index]))
    const rows = Array.from({ length: Number(metadata.num_rows) }, () =>
      columns.map((): Cell | bigint => undefined),
    )
    await parquetRead({
      file: buffer,
      metadata,
      // By columns: rows as objects take several times as long.
      onChunk: ({ columnName, columnData, rowStart }) => {
        const column = places.get(columnName) ?? 0
        for (let i = 0; i < columnData.length; i++) {
          const row = rows[rowStart + i]
          if (row !== undefined) row[column] = cellOf(columnData[i])
        }
      },
    })
    return { columns, rows }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new InputError({ file, message: `is no Parquet table that can be read: ${reason}` })
  }
}

/** The CSV that a Parquet table of ours was made of, byte for byte. Throws as `readParquet`. */
export async function csvOfParquet(file: string): Promise<Buffer> {
  const { columns, rows } = await readParquet(file)
  const parts = [Buffer.from(csvText([columns]), 'utf8')]
  for (let start = 0; start < rows.length; start += ROWS_A_CALL) {
    parts.push(Buffer.from(csvText(rows.slice(start, start + ROWS_A_CALL)), 'utf8'))
  }
  return Buffer.concat(parts)
}

function cellOf(value: unknown): Cell | bigint {
  return value === null ? undefined : (value as Cell | bigint)
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    throw unreadable(file)
  }
}
