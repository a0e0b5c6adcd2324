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

/**
 * Folds rows and spans that would share a pixel. Extremes stay: the fullest cell counts, one that was down counts more, and a
 * missing node counts only where all are missing. So nothing drawn is larger than the canvas, whatever a texture may hold. O(cells of the window).
 */
export function foldCells(
  { cells, spans }: HeatCells,
  order: ArrayLike<number>,
  window: HeatWindow,
  linesMax: number,
  columnsMax: number,
): FoldedCells {
  const rows = Math.max(0, window.endRow - window.firstRow)
  const width = Math.max(0, window.endSpan - window.firstSpan)
  const lines = Math.min(rows, Math.max(1, linesMax))
  const columns = Math.min(width, Math.max(1, columnsMax))
  const values = new Uint8Array(lines * columns).fill(ABSENT)
  for (let row = 0; row < rows; row++) {
    const line = Math.floor((row * lines) / rows) * columns
    const from = (order[window.firstRow + row] ?? 0) * spans + window.firstSpan
    for (let span = 0; span < width; span++) {
      const at = line + Math.floor((span * columns) / width)
      values[at] = stronger(values[at] ?? ABSENT, cells[from + span] ?? ABSENT)
    }
  }
  return { lines, columns, values }
}

/** The cell that is shown for two. */
export function stronger(one: number, other: number): number {
  if (one === ABSENT) return other
  if (other === ABSENT) return one
  return Math.max(one, other)
}
