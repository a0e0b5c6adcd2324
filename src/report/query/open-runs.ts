import os from 'node:os'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import { nearestWord } from '../../base/nearest-word.ts'
import { COLUMNS } from '../columns.ts'
import { SqlError, openDatabase } from './duckdb.ts'
import type { Database } from './duckdb.ts'
import { findRuns } from './found-runs.ts'
import type { QueryResult } from './plain-value.ts'
import { viewStatements } from './views.ts'

/** Runs whose tables can be asked. */
export interface OpenRuns {
  /** Answers SQL over the views. Throws `InputError` with what DuckDB says of wrong SQL, and the name that may have been meant. */
  query(sql: string): Promise<QueryResult>
  /** The views with their columns: a row a column. */
  tables(): Promise<QueryResult>
  /** Ends the query that is running, which then throws. */
  interrupt(): void
  close(): void
}

const TABLES = `select table_name as "table", column_name as "column", data_type as "type"
from duckdb_columns() where not internal and schema_name = 'main' order by table_oid, column_index`

/** Opens the tables of runs: see `findRuns` for what places may be, and `openDatabase` for threads. Throws `InputError`. */
export async function openRuns(places: readonly string[], threads: number): Promise<OpenRuns> {
  const found = findRuns(places)
  const spill = path.join(os.tmpdir(), `stowage-query-${process.pid}`)
  const database = await openDatabase({ threads, spill })
  const told = async (body: () => Promise<QueryResult>): Promise<QueryResult> => {
    try {
      return await body()
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      throw await inputError(error, database)
    }
  }
  try {
    for (const sql of viewStatements(found)) await database.run(sql)
  } catch (error) {
    database.close()
    if (!(error instanceof SqlError)) throw error
    throw new InputError({ message: error.message.trim(), hint: 'a table may be cut off, or be of no run' })
  }
  return {
    query: (sql) => told(() => database.query(sql)),
    tables: () => told(() => database.query(TABLES)),
    interrupt: () => database.interrupt(),
    close: () => database.close(),
  }
}

const NO_TABLE = /Table with name "?([^"\s]+)"? does not exist/
const NO_COLUMN = /(?:Referenced column "([^"]+)" not found|does not have a column named "([^"]+)")/

async function inputError(error: SqlError, database: Database): Promise<InputError> {
  // DuckDB would have tables of its own meant.
  const message = error.message.replaceAll(/^Did you mean ".*"\?\n/gm, '').trim()
  const lines = message.split('\n').filter((line) => line.trim() !== '')
  return new InputError({ message: [...lines, await hintFor(message, database)].join('\n') })
}

async function hintFor(message: string, database: Database): Promise<string> {
  const list = 'stowage query RUN --tables lists tables and columns'
  const [, table] = NO_TABLE.exec(message) ?? []
  const [, bare, qualified] = NO_COLUMN.exec(message) ?? []
  const column = bare ?? qualified
  if (table === undefined && column === undefined) {
    return message.includes('file system operations are disabled')
      ? 'a query sees the tables of the runs that are named, and no other file'
      : list
  }
  const { rows } = await database.query(TABLES)
  if (table !== undefined) {
    if (`${table}.csv` in COLUMNS && !rows.some(([name]) => name === table)) {
      return `none of these runs has ${table}.csv: docs/outputs.md says what writes it`
    }
    const near = nearestWord(table, new Set(rows.map(([name]) => String(name))))
    return near === undefined ? list : `did you mean ${near}? ${list}`
  }
  const near = nearestWord(column ?? '', new Set(rows.map(([, name]) => String(name))))
  const holders = rows.filter(([, name]) => name === near).map(([name]) => String(name))
  return near === undefined ? list : `did you mean ${near}, of ${holders.slice(0, 3).join(', ')}? ${list}`
}
