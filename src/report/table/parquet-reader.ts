import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet'
import { InputError } from '../../base/errors.ts'
import { unreadable } from '../../base/unreadable.ts'
import type { TableValue } from './column-builder.ts'

/** Values of columns of so many rows. */
export interface ValueGroup {
  readonly rowCount: number
  /** In the order that was asked for; undefined for an empty cell. */
  readonly columns: readonly (readonly TableValue[])[]
}

/** A Parquet file that is open. */
export interface ParquetTable {
  readonly columns: readonly string[]
  /** The values of columns, a row group at a time: more is never held. Throws `InputError` where it cannot be read. */
  groups(columns: readonly string[]): AsyncGenerator<ValueGroup, void, undefined>
  close(): void
}

/** Opens a Parquet table. Throws `InputError` for a file that cannot be read, or is none. */
export async function openParquet(file: string): Promise<ParquetTable> {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    throw unreadable(file)
  }
  const buffer = fileBuffer(descriptor)
  try {
    const metadata = await parquetMetadataAsync(buffer)
    return {
      columns: parquetSchema(metadata).children.map(({ element }) => element.name),
      groups: (columns) => valueGroups({ file, buffer, metadata }, columns),
      close: () => closeSync(descriptor),
    }
  } catch (error) {
    closeSync(descriptor)
    throw noParquet(file, error)
  }
}

interface OpenFile {
  readonly file: string
  readonly buffer: ReturnType<typeof fileBuffer>
  readonly metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>
}

async function* valueGroups(
  { file, buffer, metadata }: OpenFile,
  columns: readonly string[],
): AsyncGenerator<ValueGroup, void, undefined> {
  let rowStart = 0
  for (const group of metadata.row_groups) {
    const rowCount = Number(group.num_rows)
    const rowEnd = rowStart + rowCount
    const values = new Map(columns.map((name) => [name, [] as TableValue[]]))
    try {
      await parquetRead({
        file: buffer,
        metadata,
        columns: [...columns],
        rowStart,
        rowEnd,
        onChunk: ({ columnName, columnData, rowStart: from }) => {
          const column = values.get(columnName)
          if (column === undefined) return
          for (let i = 0; i < columnData.length; i++) column[from - rowStart + i] = valueOf(columnData[i])
        },
      })
    } catch (error) {
      throw noParquet(file, error)
    }
    yield { rowCount, columns: columns.map((name) => values.get(name) ?? []) }
    rowStart = rowEnd
  }
}

/** The bytes of a file, read where they are asked for. */
function fileBuffer(descriptor: number): {
  readonly byteLength: number
  slice(start: number, end?: number): ArrayBuffer
} {
  const byteLength = fstatSync(descriptor).size
  return {
    byteLength,
    slice(start, end = byteLength) {
      const bytes = new Uint8Array(Math.max(0, end - start))
      let length = 0
      while (length < bytes.length) {
        const read = readSync(descriptor, bytes, length, bytes.length - length, start + length)
        if (read === 0) break
        length += read
      }
      return bytes.buffer
    },
  }
}

function valueOf(value: unknown): TableValue {
  return value === null ? undefined : (value as TableValue)
}

function noParquet(file: string, error: unknown): InputError {
  const reason = error instanceof Error ? error.message : String(error)
  return new InputError({ file, message: `is no Parquet table that can be read: ${reason}` })
}
