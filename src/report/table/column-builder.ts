import type { Cell } from '../csv.ts'
import { numberText } from '../number-text.ts'
import { ByteList } from './byte-list.ts'
import { Categories } from './category-column.ts'
import type { CategoryColumn } from './category-column.ts'
import { cellText } from './csv-rows.ts'
import type { RowCells } from './csv-rows.ts'

/** How a column is read: as numbers, as few texts that come often, or as texts that are made when they are asked for. */
export type ColumnKind = 'number' | 'category' | 'text'

/** Texts of a column, made when they are asked for. */
export interface TextColumn {
  at(row: number): string
}

/** What a column is read into. */
export interface ColumnsByKind {
  /** NaN for an empty cell. */
  readonly number: Float64Array
  readonly category: CategoryColumn
  readonly text: TextColumn
}

/** A value of a table that has types; undefined is an empty cell. */
export type TableValue = Cell | bigint

/** Takes the cells of one column, row by row. */
export interface ColumnBuilder<Column> {
  /** A cell of CSV; false for one that is not of the kind. */
  addCell(row: RowCells, column: number): boolean
  /** A value of Parquet: the same as the cell that it was made of. */
  addValue(value: TableValue): void
  /** The column of what was added since the last time. */
  take(): Column
}

/** What makes a column of a kind. */
export const COLUMN_BUILDERS: {
  readonly [Kind in ColumnKind]: () => ColumnBuilder<ColumnsByKind[Kind]>
} = { number: numberBuilder, category: categoryBuilder, text: textBuilder }

const FIRST_ROWS = 1 << 8

function numberBuilder(): ColumnBuilder<Float64Array> {
  let values = new Float64Array(FIRST_ROWS)
  let count = 0
  const add = (value: number): void => {
    if (count === values.length) {
      const larger = new Float64Array(values.length * 2)
      larger.set(values)
      values = larger
    }
    values[count++] = value
  }
  return {
    addCell({ bytes, starts, ends }, column) {
      const start = starts[column] as number
      const end = ends[column] as number
      const value = numberAt(bytes, start, end)
      add(value)
      return start === end || !Number.isNaN(value)
    },
    addValue: (value) => add(value === undefined ? Number.NaN : Number(value)),
    take() {
      const taken = values.subarray(0, count)
      values = new Float64Array(FIRST_ROWS)
      count = 0
      return taken
    },
  }
}

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/** Integers and powers of ten below are exact, and so is their quotient rounded: it is the number that was spelled. */
const EXACT_MAX = 2 ** 53
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

/** The number that bytes spell, mostly as outputs do: digits and a point; NaN for none. */
function numberAt(bytes: Buffer, start: number, end: number): number {
  if (start === end) return Number.NaN
  if ((bytes[end - 1] as number) < ZERO) return Number(bytes.toString('latin1', start, end))
  const isNegative = bytes[start] === MINUS
  let digits = 0
  let decimals = -1
  for (let at = isNegative ? start + 1 : start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (decimals >= 0) decimals += 1
    if (byte === POINT && decimals < 0) decimals = 0
    else if (byte >= ZERO && byte <= NINE) digits = digits * 10 + byte - ZERO
    else return Number(bytes.toString('latin1', start, end))
  }
  if (digits >= EXACT_MAX || decimals >= POWERS.length) return Number(bytes.toString('latin1', start, end))
  const value = decimals <= 0 ? digits : digits / (POWERS[decimals] ?? 1)
  return isNegative ? -value : value
}

/** Values of batches that are taken one after another are other ones each time. */
function categoryBuilder(): ColumnBuilder<CategoryColumn> {
  let categories = new Categories()
  let indexes = new Uint32Array(FIRST_ROWS)
  let count = 0
  const add = (place: number): void => {
    if (count === indexes.length) {
      const larger = new Uint32Array(indexes.length * 2)
      larger.set(indexes)
      indexes = larger
    }
    indexes[count++] = place
  }
  const addText = (text: string): void => {
    const bytes = Buffer.from(text, 'utf8')
    add(categories.placeOf(bytes, 0, bytes.length))
  }
  return {
    addCell(row, column) {
      if (row.doubled[column] === 1) addText(cellText(row, column))
      else add(categories.placeOf(row.bytes, row.starts[column] as number, row.ends[column] as number))
      return true
    },
    addValue: (value) => addText(textOf(value)),
    take() {
      const taken = { values: categories.values(), indexes: indexes.subarray(0, count) }
      categories = new Categories()
      indexes = new Uint32Array(FIRST_ROWS)
      count = 0
      return taken
    },
  }
}

function textBuilder(): ColumnBuilder<TextColumn> {
  let texts = new ByteList()
  return {
    addCell(row, column) {
      if (row.doubled[column] === 1) texts.addText(cellText(row, column))
      else texts.add(row.bytes, row.starts[column] as number, row.ends[column] as number)
      return true
    },
    addValue: (value) => texts.addText(textOf(value)),
    take() {
      const taken = texts
      texts = new ByteList()
      return taken
    },
  }
}

/** A value as CSV spells it, without the quotes that it may need there. */
function textOf(value: TableValue): string {
  if (typeof value === 'number') return numberText(value)
  return value === undefined ? '' : String(value)
}
