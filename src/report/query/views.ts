import { closeSync, openSync, readSync } from 'node:fs'

import { InputError } from '../../base/errors.ts'
import { columnType } from '../column-types.ts'
import type { ColumnType } from '../column-types.ts'
import { COLUMNS } from '../columns.ts'
import type { FoundRun, FoundRuns, TableFile } from './found-runs.ts'

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  int32: 'INTEGER',
  int64: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
}

/** Bytes of a CSV file within which its header ends. */
const HEADER_MAX = 1 << 16
/** Columns before those of a table: which run a row is of. */
const RUN_COLUMNS = ['run', 'scenario', 'policy', 'seed'] as const
/** Name of the view that has a row a run. */
const RUNS_VIEW = 'runs'
/** What runs.csv, the metrics of many runs, is called beside it. */
const RUN_METRICS_VIEW = 'run_metrics'
/** Where the files of each view are listed, out of the way of the views. */
const FILES_TABLE = 'stowage_files.files'

/**
 * Statements that make a view of each table, over the files of all runs, read when they are asked for: CSV with the types of its
 * columns, Parquet with its own. The last ones shut the database off from all other files, from writing and from its own settings.
 */
export function viewStatements({ runs, files }: FoundRuns): readonly string[] {
  const views = grouped(files)
  const seedType = runs.every(({ seed }) => seed === undefined || /^-?\d{1,15}$/.test(seed))
    ? 'BIGINT'
    : 'VARCHAR'
  return [
    'create schema stowage_files',
    `create table ${FILES_TABLE} (file varchar, run varchar, scenario varchar, policy varchar, seed ${seedType})`,
    ...inserted(
      FILES_TABLE,
      files.map(({ file, run }) => [file, run?.run, run?.scenario, run?.policy, run?.seed]),
    ),
    `create table ${RUNS_VIEW} (run varchar, scenario varchar, policy varchar, seed ${seedType}, interrupted boolean, stowage varchar, kubernetes varchar, event_digest varchar, command varchar, directory varchar)`,
    ...inserted(RUNS_VIEW, runs.map(runCells)),
    ...[...views].map(([name, ofView]) => `create view ${identifier(name)} as ${viewQuery(ofView)}`),
    `set allowed_paths = ${list(files.map(({ file }) => file))}`,
    'set enable_external_access = false',
    'set lock_configuration = true',
  ]
}

function runCells(run: FoundRun): readonly (string | undefined)[] {
  const { stowage, kubernetes } = run.versions
  return [
    ...[run.run, run.scenario, run.policy, run.seed, String(run.interrupted), stowage, kubernetes],
    ...[run.eventDigest, run.command, run.directory],
  ]
}

/** Rows a statement: one of a hundred thousand takes long to parse. */
const ROWS_A_STATEMENT = 1000

function inserted(table: string, rows: readonly (readonly (string | undefined)[])[]): readonly string[] {
  const parts = Array.from({ length: Math.ceil(rows.length / ROWS_A_STATEMENT) }, (_, index) =>
    rows.slice(index * ROWS_A_STATEMENT, (index + 1) * ROWS_A_STATEMENT),
  )
  return parts.map((part) => {
    const values = part.map((cells) => `(${cells.map(literal).join(', ')})`)
    return `insert into ${table} values ${values.join(', ')}`
  })
}

function grouped(files: readonly TableFile[]): ReadonlyMap<string, readonly TableFile[]> {
  const views = new Map<string, TableFile[]>()
  for (const file of files) {
    const name = file.table === RUNS_VIEW ? RUN_METRICS_VIEW : file.table
    views.set(name, [...(views.get(name) ?? []), file])
  }
  return views
}

/** One reader for all files with the same columns, joined to the runs that they are of. */
function viewQuery(files: readonly TableFile[]): string {
  const alike = new Map<string, { readonly columns: readonly string[]; readonly files: TableFile[] }>()
  for (const file of files) {
    const columns = file.format === 'csv' ? headerOf(file.file) : []
    const key = `${file.format}:${columns.join()}`
    const known = alike.get(key)
    if (known === undefined) alike.set(key, { columns, files: [file] })
    else known.files.push(file)
  }
  return [...alike.values()]
    .map((group) => readerQuery(group.files, group.columns))
    .join(' union all by name ')
}

function readerQuery(files: readonly TableFile[], columns: readonly string[]): string {
  const names = list(files.map(({ file }) => file))
  const reader =
    files[0]?.format === 'parquet'
      ? `read_parquet(${names}, union_by_name = true, filename = '__file')`
      : `read_csv(${names}, ${csvOptions(files[0]?.table ?? '', columns)}, filename = '__file')`
  if (files.every(({ run }) => run === undefined)) return `select * exclude (__file) from ${reader}`
  const own = new Set(columns)
  const leading = RUN_COLUMNS.filter((name) => !own.has(name)).map((name) => `f.${name}`)
  return `select ${leading.join(', ')}, t.* exclude (__file) from ${reader} t join ${FILES_TABLE} f on f.file = t.__file`
}

/** Tables over several runs whose columns have the types of their names, as those of runs. */
const TYPED_TABLES: ReadonlySet<string> = new Set([
  ...Object.keys(COLUMNS),
  'seeds.csv',
  'compare.csv',
  'runs.csv',
])

/** Declared types where the table has them; of tables with columns of a user's, all cells are looked at. */
function csvOptions(table: string, columns: readonly string[]): string {
  const form = `header = true, delim = ',', quote = '"', escape = '"'`
  const types = columns.map(columnType)
  if (TYPED_TABLES.has(`${table}.csv`) && types.every((type) => type !== undefined)) {
    const typed = columns.map(
      (name, index) => `${literal(name)}: ${literal(SQL_TYPES[types[index] ?? 'text'])}`,
    )
    return `auto_detect = false, ${form}, columns = {${typed.join(', ')}}`
  }
  return `${form}, union_by_name = true, sample_size = -1, auto_type_candidates = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'VARCHAR']`
}

function headerOf(file: string): readonly string[] {
  const bytes = Buffer.alloc(HEADER_MAX)
  const descriptor = openSync(file, 'r')
  try {
    const length = readSync(descriptor, bytes, 0, HEADER_MAX, 0)
    const end = bytes.indexOf(0x0a)
    if (end >= 0 && end < length) return bytes.toString('utf8', 0, end).replaceAll('"', '').split(',')
  } finally {
    closeSync(descriptor)
  }
  throw new InputError({
    file,
    line: 1,
    message: 'has no header',
    hint: 'the file is cut off, or is no table',
  })
}

function list(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`
}

function literal(text: string | undefined): string {
  return text === undefined ? 'null' : `'${text.replaceAll("'", "''")}'`
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
