import { assert } from '../base/assert.ts'
import type { TypedColumn } from './column-types.ts'
import type { ColumnValue } from './parquet-writer.ts'

/** Texts of a column that are kept to be used again; a power of two. */
const KEPT_TEXTS = 1 << 10
/** Bytes of a text above which it is not kept. */
const KEPT_LENGTH_MAX = 64
const ZERO = 0x30
const MINUS = 0x2d
const POINT = 0x2e
/** Digits of which a number is exact in 53 bits. */
const EXACT_DIGITS = 15
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power)

/** Makes values of the bytes of cells of one column, and gathers them. */
export interface ColumnCells {
  readonly values: ColumnValue[]
  add(bytes: Buffer, start: number, end: number): void
}

/** The gatherer for a column of this type. A cell that does not fit is a defect of what wrote it: it throws `InvariantError`. */
export function columnCells(column: TypedColumn): ColumnCells {
  const values: ColumnValue[] = []
  const read = cellReader(column)
  return {
    values,
    add: (bytes, start, end) => void values.push(start === end ? undefined : read(bytes, start, end)),
  }
}

type CellReader = (bytes: Buffer, start: number, end: number) => ColumnValue

function cellReader({ name, type }: TypedColumn): CellReader {
  const number: CellReader = (bytes, start, end) => {
    const value = numberOf(bytes, start, end)
    assert(!Number.isNaN(value), () => `${name} holds "${bytes.toString('utf8', start, end)}"`)
    return value
  }
  const integer = (bytes: Buffer, start: number, end: number): number => {
    const value = number(bytes, start, end) as number
    assert(Number.isSafeInteger(value), () => `${name} is to hold integers, and holds ${value}`)
    return value
  }
  if (type === 'text') return textReader()
  if (type === 'double') return number
  if (type === 'int32') return integer
  if (type === 'int64') return (bytes, start, end) => BigInt(integer(bytes, start, end))
  return (bytes, start, end) => {
    const text = bytes.toString('latin1', start, end)
    assert(text === 'true' || text === 'false', () => `${name} is to hold true or false, and holds "${text}"`)
    return text === 'true'
  }
}

/**
 * A number in decimal digits, as `Number` reads it: up to 15 digits are an integer over a power of ten, both exact, so that one
 * division rounds as it has to; NaN for what is no number.
 */
function numberOf(bytes: Buffer, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS
  let digits = 0
  let pointAt = end
  let count = 0
  for (let at = isNegative ? start + 1 : start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === POINT && pointAt === end) pointAt = at
    else if (byte < ZERO || byte > ZERO + 9) return Number.NaN
    else {
      digits = digits * 10 + (byte - ZERO)
      count += 1
    }
  }
  if (count > EXACT_DIGITS || count === 0) return Number(bytes.toString('latin1', start, end))
  const decimals = pointAt === end ? 0 : end - pointAt - 1
  const value = digits / (POWERS_OF_TEN[decimals] as number)
  return isNegative ? -value : value
}

/** Reads texts; those that come again are the same string, without decoding. */
function textReader(): CellReader {
  const kept: (string | undefined)[] = Array.from({ length: KEPT_TEXTS }, () => undefined)
  return (bytes, start, end) => {
    if (end - start > KEPT_LENGTH_MAX) return bytes.toString('utf8', start, end)
    let hash = 0
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0
    const slot = (hash ^ (hash >>> 15)) & (KEPT_TEXTS - 1)
    const known = kept[slot]
    if (known !== undefined && isSame(known, bytes, start, end)) return known
    const text = bytes.toString('utf8', start, end)
    kept[slot] = text
    return text
  }
}

/** Whether the bytes are those of the text; false for texts that are not ASCII, whose bytes are more. */
function isSame(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
