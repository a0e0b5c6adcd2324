import { readFileSync } from 'node:fs'

import { parquetMetadata, parquetSchema } from 'hyparquet'
import type { FileMetaData, SchemaTree } from 'hyparquet'
// Of the package's own modules: what it exports at its top reads by promises, where a file in memory needs none.
import { readColumn } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
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

/**
 * Reads a Parquet table of ours, whole: flat columns, not compressed or by Snappy. Throws `InputError` for a file that cannot be read,
 * or is none.
 */
export function readParquet(file: string): ValueTable {
  const bytes = read(file)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  try {
    return tableOf(buffer, parquetMetadata(buffer))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new InputError({ file, message: `is no Parquet table that can be read: ${reason}` })
  }
}

/** The CSV that a Parquet table of ours was made of, byte for byte. Throws as `readParquet`. */
export function csvOfParquet(file: string): Buffer {
  const { columns, rows } = readParquet(file)
  const parts = [Buffer.from(csvText([columns]), 'utf8')]
  for (let start = 0; start < rows.length; start += ROWS_A_CALL) {
    parts.push(Buffer.from(csvText(rows.slice(start, start + ROWS_A_CALL)), 'utf8'))
  }
  return Buffer.concat(parts)
}

function tableOf(buffer: ArrayBuffer, metadata: FileMetaData): ValueTable {
  const root = parquetSchema(metadata)
  const columns = root.children.map(({ element }) => element.name)
  const rows = Array.from({ length: Number(metadata.num_rows) }, () => {
    return columns.map((): Cell | bigint => undefined)
  })
  let groupStart = 0
  for (const group of metadata.row_groups) {
    group.columns.forEach(({ meta_data: chunk }, column) => {
      const leaf = root.children[column]
      if (chunk === undefined || leaf === undefined) throw new Error('a column has no description')
      const values = chunkValues(buffer, chunk, [root, leaf], Number(group.num_rows))
      values.forEach((value, index) => {
        const row = rows[groupStart + index]
        if (row !== undefined) row[column] = cellOf(value)
      })
    })
    groupStart += Number(group.num_rows)
  }
  return { columns, rows }
}

type ColumnChunk = NonNullable<FileMetaData['row_groups'][number]['columns'][number]['meta_data']>

/** The values of a column in a row group. */
function chunkValues(
  buffer: ArrayBuffer,
  chunk: ColumnChunk,
  schemaPath: SchemaTree[],
  rowCount: number,
): readonly unknown[] {
  const [, leaf] = schemaPath
  if (leaf === undefined) return []
  const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset)
  const view = new DataView(buffer, start, Number(chunk.total_compressed_size))
  const place = { groupStart: 0, selectStart: 0, selectEnd: rowCount, groupRows: rowCount }
  const { data } = readColumn({ view, offset: 0 }, place, {
    ...chunk,
    pathInSchema: chunk.path_in_schema,
    element: leaf.element,
    schemaPath,
    parsers: DEFAULT_PARSERS,
  })
  return data.flatMap((part) => [...part] as unknown[])
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
