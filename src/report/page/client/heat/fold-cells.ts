import { ABSENT } from './heat-cells.ts'
import type { HeatCells } from './heat-cells.ts'

/** A part of a heat map, in rows of the order shown and in spans; ends are left out. */
export interface HeatWindow {
  readonly firstRow: number
  readonly endRow: number
  readonly firstSpan: number
  readonly endSpan: number
}

/** A heat map made small enough to draw: as many lines and columns as there are pixels, or fewer. */
export interface FoldedCells {
  readonly lines: number
  readonly columns: number
  readonly values: Uint8Array
}

/** What stands for rows that share a pixel: the fullest, or the middle one. */
export type HeatFold = 'fullest' | 'middle'

/**
 * Folds rows and spans that would share a pixel, so that nothing drawn is larger than the canvas, whatever a texture may hold.
 * By the fullest, extremes stay: more than full counts more than full, down more than both. By the middle, what most of them
 * are stays; in a row still the fullest span. A missing node counts only where all are missing. O(cells of the window).
 */
export function foldCells(
  { cells, spans }: HeatCells,
  order: ArrayLike<number>,
  window: HeatWindow,
  {
    linesMax,
    columnsMax,
    fold,
  }: { readonly linesMax: number; readonly columnsMax: number; readonly fold: HeatFold },
): FoldedCells {
  const rows = Math.max(0, window.endRow - window.firstRow)
  const width = Math.max(0, window.endSpan - window.firstSpan)
  const lines = Math.min(rows, Math.max(1, linesMax))
  const columns = Math.min(width, Math.max(1, columnsMax))
  const values = new Uint8Array(lines * columns).fill(ABSENT)
  const rowsEach = Math.ceil(rows / Math.max(1, lines))
  const block = new Uint8Array(rowsEach * columns)
  for (let line = 0; line < lines; line++) {
    const first = Math.ceil((line * rows) / lines)
    const end = Math.ceil(((line + 1) * rows) / lines)
    block.fill(ABSENT)
    for (let row = first; row < end; row++) {
      const from = (order[window.firstRow + row] ?? 0) * spans + window.firstSpan
      const to = (row - first) * columns
      for (let span = 0; span < width; span++) {
        const at = to + Math.floor((span * columns) / width)
        block[at] = stronger(block[at] ?? ABSENT, cells[from + span] ?? ABSENT)
      }
    }
    for (let column = 0; column < columns; column++) {
      values[line * columns + column] = foldColumn(block, columns, column, end - first, fold)
    }
  }
  return { lines, columns, values }
}

/** The cell that is shown for two of which the fuller counts. */
export function stronger(one: number, other: number): number {
  if (one === ABSENT) return other
  if (other === ABSENT) return one
  return Math.max(one, other)
}

function foldColumn(
  block: Uint8Array,
  columns: number,
  column: number,
  rows: number,
  fold: HeatFold,
): number {
  if (rows === 1) return block[column] ?? ABSENT
  if (fold === 'fullest') {
    let value = ABSENT
    for (let row = 0; row < rows; row++) value = stronger(value, block[row * columns + column] ?? ABSENT)
    return value
  }
  const there: number[] = []
  for (let row = 0; row < rows; row++) {
    const value = block[row * columns + column] ?? ABSENT
    if (value !== ABSENT) there.push(value)
  }
  there.sort((one, other) => one - other)
  return there[Math.floor((there.length - 1) / 2)] ?? ABSENT
}
