/** A typed array that serves as a column. */
export type Column =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>

/** A longer copy of a column, of the same type; what is new holds `filling`. */
export function widened<Kind extends Column>(column: Kind, capacity: number, filling = 0): Kind {
  const Type = column.constructor as new (length: number) => Kind
  const wide = new Type(capacity)
  wide.set(column)
  if (filling !== 0) wide.fill(filling, column.length)
  return wide
}
