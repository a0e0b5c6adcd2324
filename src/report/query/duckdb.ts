import type * as DuckDbApi from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'

import { InputError } from '../../base/errors.ts'
import type { PlainValue, QueryResult } from './plain-value.ts'

/** A database in memory. */
export interface Database {
  /** Runs statements of ours. */
  run(sql: string): Promise<void>
  /**
   * Runs statements of a user, one after another, and returns what came of the last one. Throws `SqlError` for what is wrong with them,
   * and for any that is neither a query nor makes something in memory.
   */
  query(sql: string): Promise<QueryResult>
  /** Ends the query that is running: it throws `SqlError`. */
  interrupt(): void
  close(): void
}

/** What DuckDB says of a statement, in several lines: what is wrong, and where. */
export class SqlError extends Error {
  override name = 'SqlError'
}

type Api = typeof DuckDbApi

/** Kinds of statements that change nothing but the database in memory, as DuckDB names them. */
const HARMLESS: ReadonlySet<string> = new Set([
  'SELECT',
  'EXPLAIN',
  'CREATE',
  'INSERT',
  'UPDATE',
  'DELETE',
  'DROP',
])
const EXPLAIN = /^\s*explain\s+(?:analyze\s+)?(?:\([^)]*\)\s*)?/i

/**
 * Opens a database in memory. One thread sums and groups in the order of the rows, so that the same query on the same tables gives the
 * same bytes; more are faster. `spill` is where it may put what memory does not hold. Throws `InputError` when DuckDB is not installed.
 */
export async function openDatabase(setting: {
  readonly threads: number
  readonly spill: string
}): Promise<Database> {
  const api = await loadApi()
  const instance = await api.DuckDBInstance.create(':memory:', {
    threads: String(setting.threads),
    temp_directory: setting.spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  return {
    run: (sql) => telling(async () => void (await connection.run(sql))),
    query: (sql) => telling(() => queryAll(api, connection, sql)),
    interrupt: () => connection.interrupt(),
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function loadApi(): Promise<Api> {
  try {
    return await import('@duckdb/node-api')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const isMissing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(code)
    throw new InputError({
      message: isMissing
        ? 'DuckDB, which answers queries, is not installed'
        : `DuckDB, which answers queries, does not load: ${String(error)}`,
      hint: 'npm install @duckdb/node-api; it is an optional dependency with a binary for each platform',
    })
  }
}

async function queryAll(api: Api, connection: DuckDBConnection, sql: string): Promise<QueryResult> {
  const statements = await connection.extractStatements(sql)
  let result: QueryResult = { columns: [], rows: [], isPlan: false }
  for (let index = 0; index < statements.count; index++) {
    const statement = await statements.prepare(index)
    const kind = api.StatementType[statement.statementType] ?? ''
    if (!HARMLESS.has(kind)) throw refused(kind)
    if (kind === 'EXPLAIN') await refuseExplained(api, connection, sql)
    const reader = await statement.runAndReadAll()
    const types = reader.columnTypes()
    result = {
      columns: reader.columnNames().map((name, column) => ({ name, type: String(types[column]) })),
      rows: reader.getRows().map((row) => row.map((value) => plainValue(api, value))),
      isPlan: kind === 'EXPLAIN',
    }
  }
  return result
}

/** `EXPLAIN ANALYZE` runs what it explains. */
async function refuseExplained(api: Api, connection: DuckDBConnection, sql: string): Promise<void> {
  const inner = await connection.extractStatements(sql.replace(EXPLAIN, ''))
  for (let index = 0; index < inner.count; index++) {
    const kind = api.StatementType[(await inner.prepare(index)).statementType] ?? ''
    if (!HARMLESS.has(kind) || kind === 'EXPLAIN') throw refused(kind)
  }
}

function refused(kind: string): SqlError {
  return new SqlError(`${kind} is not allowed: a query reads the tables of the runs, and writes nothing`)
}

async function telling<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    if (error instanceof SqlError || !(error instanceof Error)) throw error
    throw new SqlError(error.message)
  }
}

function plainValue(api: Api, value: DuckDBValue): PlainValue {
  if (value === null) return undefined
  if (typeof value !== 'object') return value
  if (value instanceof api.DuckDBDecimalValue) return Number(value.toString())
  if (value instanceof api.DuckDBListValue || value instanceof api.DuckDBArrayValue) {
    return value.items.map((item) => plainValue(api, item))
  }
  if (value instanceof api.DuckDBStructValue) return plainEntries(api, Object.entries(value.entries))
  if (value instanceof api.DuckDBMapValue) {
    return plainEntries(
      api,
      value.entries.map((entry) => [String(entry.key), entry.value]),
    )
  }
  return String(value)
}

function plainEntries(api: Api, entries: readonly (readonly [string, DuckDBValue])[]): PlainValue {
  return Object.fromEntries(entries.map(([name, value]) => [name, plainValue(api, value)]))
}
