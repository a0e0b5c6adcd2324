import { existsSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import type { TableName } from '../columns.ts'
import { parquetName } from '../parquet-name.ts'

/** The file of a table, in the form that a run has left it in. */
export interface TableFile {
  readonly file: string
  readonly isParquet: boolean
}

/** The file of a table of a run: CSV, or where there is none Parquet; undefined where the run left neither. */
export function tableFile(directory: string, name: TableName): TableFile | undefined {
  const csv = path.join(directory, name)
  if (existsSync(csv)) return { file: csv, isParquet: false }
  const parquet = path.join(directory, parquetName(name))
  return existsSync(parquet) ? { file: parquet, isParquet: true } : undefined
}

/** Whether the run has left the table, in whatever form. */
export function hasTable(directory: string, name: TableName): boolean {
  return tableFile(directory, name) !== undefined
}

/** Throws `InputError` where the run has not left the table. */
export function requireTable(directory: string, name: TableName): void {
  if (hasTable(directory, name)) return
  throw new InputError({
    file: path.join(directory, name),
    message: 'there is no such table',
    hint: existsSync(path.join(directory, 'manifest.json'))
      ? `the run has left none: see spec.report, and whether ${name} or ${parquetName(name)} was taken away`
      : 'give the directory of one run: it holds manifest.json; a comparison or a sweep holds those of its runs',
  })
}
