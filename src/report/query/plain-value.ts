/** A value of a result as plain data: undefined is NULL, dates and times are texts, lists and structs are what they hold. */
export type PlainValue =
  | string
  | number
  | bigint
  | boolean
  | undefined
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue }

/** What came of a query. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly PlainValue[])[]
  /** Whether it is a plan of `EXPLAIN`: text with lines of its own. */
  readonly isPlan: boolean
}

/** A column of a result: `numeric` where its values are numbers. */
export interface ResultColumn {
  readonly name: string
  /** The type as DuckDB spells it: `BIGINT`, `VARCHAR`, `DOUBLE[]`. */
  readonly type: string
}

const NUMERIC = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|BIGNUM)$/

/** Whether the values of the column are numbers. */
export function isNumeric({ type }: ResultColumn): boolean {
  return NUMERIC.test(type)
}

/** A value in JSON: integers that a double does not hold exactly, and what is no finite number, are texts. */
export function jsonValue(value: PlainValue): unknown {
  if (value === undefined) return null
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object') return value
  if (isList(value)) return value.map(jsonValue)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonValue(one)]))
}

/** A value as text, to its last digit; empty for NULL. Lists and structs are JSON. */
export function exactText(value: PlainValue): string {
  if (value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(jsonValue(value)) : String(value)
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value)
}
