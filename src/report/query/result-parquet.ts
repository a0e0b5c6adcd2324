import path from 'node:path'
import type { ColumnType } from '../column-types.ts'
import { OutputFile } from '../output-file.ts'
import { ParquetFile } from '../parquet-writer.ts'
import type { ColumnValue } from '../parquet-writer.ts'
import { exactText } from './plain-value.ts'
import type { PlainValue, QueryResult } from './plain-value.ts'

const GROUP_ROWS = 1 << 16
const INT64_MAX = 2n ** 63n - 1n

/** Types of DuckDB with the type that holds all of their values; all others are written as text. */
const TYPES: readonly (readonly [pattern: RegExp, type: ColumnType])[] = [
  [/^(?:U?TINYINT|U?SMALLINT|INTEGER)$/, 'int32'],
  [/^(?:BIGINT|UINTEGER)$/, 'int64'],
  [/^(?:FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/, 'double'],
  [/^BOOLEAN$/, 'boolean'],
]

/** Writes a result as a Parquet file. Sums of integers, of 128 bits in DuckDB, are of 64 where all fit, else doubles. */
export function writeResultParquet({ columns, rows }: QueryResult, file: string): void {
  const output = new OutputFile(path.dirname(file), path.basename(file))
  try {
    const types = columns.map(({ type }, index) => typeOf(type, rows, index))
    const parquet = new ParquetFile(
      output,
      columns.map(({ name }, index) => ({ name, type: types[index] ?? 'text' })),
    )
    for (let start = 0; start < rows.length; start += GROUP_ROWS) {
      const group = rows.slice(start, start + GROUP_ROWS)
      parquet.group(types.map((type, index) => group.map((row) => columnValue(row[index], type))))
    }
    parquet.end()
    output.finish()
  } catch (error) {
    output.abandon()
    throw error
  }
}

function typeOf(type: string, rows: QueryResult['rows'], index: number): ColumnType {
  if (/^(?:UBIGINT|U?HUGEINT)$/.test(type))
    return rows.every((row) => isInt64(row[index])) ? 'int64' : 'double'
  return TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? 'text'
}

function isInt64(value: PlainValue): boolean {
  return typeof value !== 'bigint' || (value <= INT64_MAX && value >= -INT64_MAX)
}

function columnValue(value: PlainValue, type: ColumnType): ColumnValue {
  if (value === undefined) return undefined
  if (type === 'text') return exactText(value)
  if (type === 'int64') return BigInt(value as number | bigint)
  return type === 'boolean' ? value === true : Number(value)
}
