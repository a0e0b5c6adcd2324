import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import { unreadable } from '../../base/unreadable.ts'
import type { COLUMNS, TableName } from '../columns.ts'

/** Bytes that are read at a time. */
const CHUNK_BYTES = 1 << 22

/** A row of a table, by column. */
export type RowReader<Name extends TableName> = (column: (typeof COLUMNS)[Name][number]) => string

/** Whether the run has left the table. */
export function hasTable(directory: string, name: TableName): boolean {
  return existsSync(path.join(directory, name))
}

/**
 * The rows of a table that a run has left, one after the other: large tables are never held whole. The reader that is given
 * is of the row of the moment. Columns are found by their headings, so that runs of two versions can be compared.
 *
 * Throws `InputError` for a table that is not there, cannot be read, or is cut off inside a quoted cell.
 */
export function* tableRows<Name extends TableName>(
  directory: string,
  name: Name,
): Generator<RowReader<Name>, void, undefined> {
  const file = path.join(directory, name)
  if (!existsSync(file)) {
    const hint = existsSync(file.replace(/\.csv$/, '.parquet'))
      ? 'the run has left it as Parquet: run it with CSV'
      : 'give the directory of a run'
    throw new InputError({ file, message: 'there is no such table', hint })
  }
  let cells: readonly string[] = []
  let places: ReadonlyMap<string, number> | undefined
  const read: RowReader<Name> = (column) => {
    const place = places?.get(column)
    if (place === undefined) throw new InputError({ file, line: 1, message: `has no column ${column}` })
    return cells[place] ?? ''
  }
  for (const line of lines(file)) {
    cells = cellsOf(line)
    if (places === undefined) places = new Map(cells.map((heading, place) => [heading, place]))
    else yield read
  }
}

/** The lines of a file, each with the breaks that its quoted cells have. */
function* lines(file: string): Generator<string, void, undefined> {
  let rest = ''
  let isOpen = false
  for (const text of chunks(file)) {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    let line = ''
    for (const part of parts) {
      line = line === '' && !isOpen ? part : `${line}\n${part}`
      if (hasOddQuotes(part)) isOpen = !isOpen
      if (isOpen) continue
      yield line
      line = ''
    }
    if (isOpen) {
      rest = `${line}\n${rest}`
      isOpen = false
    }
  }
  if (hasOddQuotes(rest)) throw new InputError({ file, message: 'ends inside a quoted cell' })
  if (rest !== '') yield rest
}

function* chunks(file: string): Generator<string, void, undefined> {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch {
    throw unreadable(file)
  }
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES)
    const decoder = new TextDecoder()
    for (let size = readSync(handle, buffer); size > 0; size = readSync(handle, buffer)) {
      yield decoder.decode(buffer.subarray(0, size), { stream: true })
    }
    yield decoder.decode()
  } finally {
    closeSync(handle)
  }
}

function hasOddQuotes(text: string): boolean {
  let isOdd = false
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOdd = !isOdd
  return isOdd
}

/** A cell of RFC 4180 with what ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/gy

function cellsOf(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',')
  const cells: string[] = []
  CELL.lastIndex = 0
  while (CELL.lastIndex < line.length) {
    const match = CELL.exec(line)
    if (match === null) break
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
  }
  if (line.endsWith(',')) cells.push('')
  return cells
}
