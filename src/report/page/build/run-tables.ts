import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../../base/errors.ts'
import { unreadable } from '../../../base/unreadable.ts'
import { COLUMNS } from '../../columns.ts'
import type { TableName } from '../../columns.ts'
import { parquetName } from '../../parquet-name.ts'

/** The tables that a run left, as CSV. */
export interface RunTables {
  readonly directory: string
  /** Bytes of a table; undefined where the run left no such one. Throws `InputError` where it cannot be read. */
  bytes(name: TableName): Buffer | undefined
  /** Bytes that a table has, without reading it; 0 where there is none. */
  size(name: TableName): number
}

/** A directory whose tables are CSV, or tables of whatever form that were opened. */
export type RunSource = string | RunTables

/** Bytes that a table may have: what Node reads into one buffer. */
const TABLE_BYTES_MAX = 2 ** 31 - 1

/** The tables of a source. */
export function tablesOf(source: RunSource): RunTables {
  return typeof source === 'string' ? csvTables(source) : source
}

/** Opens the tables of a run; those that are there as Parquet only are made into CSV in memory. */
export async function openTables(directory: string): Promise<RunTables> {
  const files = csvTables(directory)
  const names = Object.keys(COLUMNS) as TableName[]
  const isParquet = (name: TableName): boolean =>
    files.size(name) === 0 && existsSync(path.join(directory, parquetName(name)))
  const made = new Map<TableName, Buffer>()
  for (const name of names.filter(isParquet)) {
    const { csvOfParquet } = await import('../../parquet-reader.ts')
    made.set(name, await csvOfParquet(path.join(directory, parquetName(name))))
  }
  return {
    directory,
    bytes: (name) => made.get(name) ?? files.bytes(name),
    size: (name) => made.get(name)?.length ?? files.size(name),
  }
}

function csvTables(directory: string): RunTables {
  const placeOf = (name: TableName): string => path.join(directory, name)
  return {
    directory,
    bytes: (name) => (existsSync(placeOf(name)) ? readBytes(placeOf(name)) : undefined),
    size: (name) => (existsSync(placeOf(name)) ? statSync(placeOf(name)).size : 0),
  }
}

function readBytes(file: string): Buffer {
  if (statSync(file).size > TABLE_BYTES_MAX) {
    throw new InputError({ file, message: 'is too large to make a page of', hint: 'query it instead' })
  }
  try {
    return readFileSync(file)
  } catch {
    throw unreadable(file)
  }
}
