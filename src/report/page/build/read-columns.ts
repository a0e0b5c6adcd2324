import { isAscii } from 'node:buffer'
import path from 'node:path'

import { InputError } from '../../../base/errors.ts'
import { COLUMNS } from '../../columns.ts'
import type { TableName } from '../../columns.ts'
import { CategoryBuilder } from './category-column.ts'
import type { CategoryColumn } from './category-column.ts'
import { readCell } from './csv-cell.ts'
import type { CellPlace } from './csv-cell.ts'
import type { RunTables } from './run-tables.ts'

/** How a column is read: as numbers, as few texts that come often, or as texts that are made when they are asked for. */
export type ColumnKind = 'number' | 'category' | 'text'

/** Texts of a column, made when they are asked for. */
export interface TextColumn {
  at(row: number): string
}

interface ColumnsByKind {
  /** NaN for an empty cell. */
  readonly number: Float64Array
  readonly category: CategoryColumn
  readonly text: TextColumn
}

/** Columns of a table that were asked for. */
export interface ReadColumns<Kinds> {
  readonly rowCount: number
  readonly columns: {
    readonly [Column in keyof Kinds]: Kinds[Column] extends ColumnKind ? ColumnsByKind[Kinds[Column]] : never
  }
}

type Wanted<Name extends TableName> = { readonly [Column in (typeof COLUMNS)[Name][number]]?: ColumnKind }

const LINE_END = 0x0a

/**
 * Reads columns of a table of a run without an object for a row or a cell: in one pass over its bytes. Undefined where the
 * run left no such table; throws `InputError` when it has other columns: the run was of another version. The one place
 * through which a report page reads tables.
 */
export function readColumns<Name extends TableName, const Kinds extends Wanted<Name>>(
  tables: RunTables,
  name: Name,
  wanted: Kinds,
): ReadColumns<Kinds> | undefined {
  const file = path.join(tables.directory, name)
  const bytes = tables.bytes(name)
  if (bytes === undefined) return undefined
  const names: readonly string[] = COLUMNS[name]
  const headerEnd = bytes.indexOf(LINE_END)
  if (bytes.toString('utf8', 0, Math.max(0, headerEnd)) !== names.join()) {
    throw new InputError({ file, line: 1, message: `has other columns than ${names.join()}` })
  }
  const kinds: Readonly<Record<string, ColumnKind | undefined>> = wanted
  const rowsMax = lineCount(bytes, headerEnd + 1)
  const sinks = names.map((column) => sinkOf(kinds[column], bytes, rowsMax))
  const rowCount = readRows(bytes, headerEnd + 1, sinks, file)
  const columns = Object.fromEntries(
    names.flatMap((column, index) => {
      const sink = sinks[index]
      return sink === undefined ? [] : [[column, sink.finish(rowCount)]]
    }),
  )
  return { rowCount, columns: columns as ReadColumns<Kinds>['columns'] }
}

/** Lines from a place on: at least as many as there are rows. */
function lineCount(bytes: Buffer, from: number): number {
  let count = 0
  for (let at = from; at < bytes.length; count += 1) {
    const end = bytes.indexOf(LINE_END, at)
    at = end < 0 ? bytes.length : end + 1
  }
  return count
}

/** Takes the cells of a column, row by row. */
interface Sink {
  take(row: number, cell: CellPlace): void
  finish(rowCount: number): ColumnsByKind[ColumnKind]
}

function sinkOf(kind: ColumnKind | undefined, bytes: Buffer, rows: number): Sink | undefined {
  switch (kind) {
    case undefined:
      return undefined
    case 'number':
      return numberSink(bytes, rows)
    case 'category':
      return new CategoryBuilder(bytes, rows)
    case 'text':
      return textSink(bytes, rows)
  }
}

function readRows(bytes: Buffer, from: number, sinks: readonly (Sink | undefined)[], file: string): number {
  const cell: CellPlace = { start: from, end: from, next: from, isQuoted: false, isLast: false }
  let row = 0
  while (cell.next < bytes.length) {
    for (let index = 0; index < sinks.length; index += 1) {
      readCell(bytes, cell)
      if (cell.isLast !== (index === sinks.length - 1)) {
        throw new InputError({ file, message: `row ${row + 1} has another number of cells than the header` })
      }
      sinks[index]?.take(row, cell)
    }
    row += 1
  }
  return row
}

function numberSink(bytes: Buffer, rows: number): Sink {
  const values = new Float64Array(rows)
  return {
    take(row, { start, end }) {
      values[row] = numberAt(bytes, start, end)
    },
    finish: (rowCount) => values.subarray(0, rowCount),
  }
}

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
/** Integers and powers of ten below are exact, and so is their quotient rounded: it is the number that was spelled. */
const EXACT_MAX = 2 ** 53
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

/** The number that bytes spell as outputs do: digits and a point; NaN for none. */
function numberAt(bytes: Buffer, start: number, end: number): number {
  if (start === end) return Number.NaN
  const isNegative = bytes[start] === MINUS
  let digits = 0
  let decimals = -1
  for (let at = isNegative ? start + 1 : start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (decimals >= 0) decimals += 1
    if (byte === POINT && decimals < 0) decimals = 0
    else digits = digits * 10 + byte - ZERO
  }
  if (digits >= EXACT_MAX || decimals >= POWERS.length) return Number(bytes.toString('latin1', start, end))
  const value = decimals <= 0 ? digits : digits / (POWERS[decimals] ?? 1)
  return isNegative ? -value : value
}

function textSink(bytes: Buffer, rows: number): Sink {
  const starts = new Uint32Array(rows)
  const ends = new Uint32Array(rows)
  const quoted = new Uint8Array(rows)
  /** All bytes as one text, of which others are slices, where a byte is a letter; empty where it may not be. */
  let whole: string | undefined
  return {
    take(row, { start, end, isQuoted }) {
      starts[row] = start
      ends[row] = end
      quoted[row] = isQuoted ? 1 : 0
    },
    finish: () => ({
      at(row) {
        whole ??= isAscii(bytes) ? bytes.toString('latin1') : ''
        const text =
          whole === '' ? bytes.toString('utf8', starts[row], ends[row]) : whole.slice(starts[row], ends[row])
        return quoted[row] === 1 ? text.replaceAll('""', '"') : text
      },
    }),
  }
}
