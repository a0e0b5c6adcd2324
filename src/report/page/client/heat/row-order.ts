import { OVER } from './heat-cells.ts'
import type { HeatCells } from './heat-cells.ts'

/** What rows are sorted by. */
export type HeatSort = 'name' | 'mean' | 'peak'

/** Mean and peak share of each row over the spans in which its machine was up; NaN where it never was. */
export interface RowShares {
  readonly mean: Float64Array
  readonly peak: Float64Array
}

/** Reads each row once: O(cells). */
export function rowShares({ rows, spans, cells }: HeatCells): RowShares {
  const mean = new Float64Array(rows).fill(Number.NaN)
  const peak = new Float64Array(rows).fill(Number.NaN)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    let count = 0
    let top = 0
    for (let span = 0; span < spans; span++) {
      const value = cells[row * spans + span] ?? OVER + 1
      if (value > OVER) continue
      sum += value
      count++
      top = Math.max(top, value)
    }
    if (count === 0) continue
    mean[row] = sum / count / 200
    peak[row] = top / 200
  }
  return { mean, peak }
}

/** Rows in the order shown: by name as they are, by mean or peak from the fullest, rows that never were up last. */
export function rowOrder(sort: HeatSort, shares: RowShares): Uint32Array {
  const order = Uint32Array.from(shares.mean, (_, row) => row)
  if (sort === 'name') return order
  const [first, second] = sort === 'mean' ? [shares.mean, shares.peak] : [shares.peak, shares.mean]
  const key = (column: Float64Array, row: number): number => {
    const value = column[row] ?? Number.NaN
    return Number.isNaN(value) ? -1 : value
  }
  return order.sort(
    (one, other) =>
      key(first, other) - key(first, one) || key(second, other) - key(second, one) || one - other,
  )
}
