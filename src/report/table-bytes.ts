import { existsSync, readFileSync, statSync } from 'node:fs'
import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import { parquetName } from './parquet-name.ts'
import { csvOfParquet } from './parquet-reader.ts'

/** Bytes that a table may have: what Node reads into one buffer. */
const TABLE_BYTES_MAX = 2 ** 31 - 1

/** Whether a run left a table, in either form; `csvFile` is where its CSV form would be. */
export function hasTable(csvFile: string): boolean {
  return existsSync(csvFile) || existsSync(parquetName(csvFile))
}

/**
 * The CSV of a table that a run left, made of its Parquet form where there is no other; undefined where there is neither. Throws
 * `InputError` for a file that cannot be read, or is larger than 2 GiB.
 */
export function tableBytes(csvFile: string): Buffer | undefined {
  if (!hasTable(csvFile)) return undefined
  if (!existsSync(csvFile)) return csvOfParquet(parquetName(csvFile))
  if (statSync(csvFile).size > TABLE_BYTES_MAX) {
    throw new InputError({
      file: csvFile,
      message: 'is too large to be read at once',
      hint: 'query it instead',
    })
  }
  try {
    return readFileSync(csvFile)
  } catch {
    throw unreadable(csvFile)
  }
}
