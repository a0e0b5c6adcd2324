/** Values of some rows, in their order. */
export function picked(values: Float64Array, rows: ArrayLike<number>): Float64Array {
  const column = new Float64Array(rows.length)
  for (let place = 0; place < rows.length; place += 1) column[place] = values[rows[place] ?? 0] ?? 0
  return column
}
