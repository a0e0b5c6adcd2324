import { readFileSync } from 'node:fs'

import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet'
import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import { numberText } from './number-text.ts'

/** A table as texts: what its CSV form has, and empty for null. */
export interface TextTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * Reads a Parquet table of ours, whole, into the texts that its CSV form has. Throws `InputError` for a file that cannot be read, or
 * is no Parquet.
 */
export async function readParquetTable(file: string): Promise<TextTable> {
  const bytes = read(file)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  try {
    const metadata = parquetMetadata(buffer)
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
    const places = new Map(columns.map((name, index) => [name, index]))
    const rows = Array.from({ length: Number(metadata.num_rows) }, () => columns.map(() => ''))
    await parquetRead({
      file: buffer,
      metadata,
      // By columns: rows as objects take several times as long.
      onChunk: ({ columnName, columnData, rowStart }) => {
        const column = places.get(columnName) ?? 0
        for (let i = 0; i < columnData.length; i++) {
          const row = rows[rowStart + i]
          if (row !== undefined) row[column] = cellText(columnData[i])
        }
      },
    })
    return { columns, rows }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new InputError({ file, message: `is no Parquet table that can be read: ${reason}` })
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    throw unreadable(file)
  }
}

function cellText(value: unknown): string {
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return value
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : ''
}
