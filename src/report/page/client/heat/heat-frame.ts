import type { TimeRange } from '../context.ts'
import type { HeatWindow } from './fold-cells.ts'
import type { HeatCells } from './heat-cells.ts'

/** A cell, by place in the order shown and by span. */
export interface HeatCursor {
  readonly place: number
  readonly span: number
}

/** Where cells lie in the window onto a heat map, in CSS pixels. */
export interface HeatFrame {
  /** Room for names at the left, for numbers of incidents at the top, for times at the bottom. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly rowHeight: number
  /** How far the rows are scrolled. */
  readonly scrolled: number
  readonly range: TimeRange
}

/** Rows and spans of which some part is seen. */
export function seenWindow(frame: HeatFrame, { rows, spans, spanSeconds }: HeatCells): HeatWindow {
  const { range, rowHeight, scrolled, height } = frame
  const clampRow = (row: number): number => Math.min(Math.max(row, 0), rows)
  const clampSpan = (span: number): number => Math.min(Math.max(span, 0), spans)
  return {
    firstRow: clampRow(Math.floor(scrolled / rowHeight + 1e-9)),
    endRow: clampRow(Math.ceil((scrolled + height) / rowHeight - 1e-9)),
    firstSpan: clampSpan(Math.floor(range.from / spanSeconds + 1e-9)),
    endSpan: clampSpan(Math.ceil(range.to / spanSeconds - 1e-9)),
  }
}

/** Where a time lies. */
export function xOf({ left, width, range }: HeatFrame, at: number): number {
  return left + ((at - range.from) / (range.to - range.from)) * width
}

/** The time at a place. */
export function timeAt({ left, width, range }: HeatFrame, x: number): number {
  return range.from + ((x - left) / width) * (range.to - range.from)
}

/** Top of a row by its place in the order shown. */
export function yOf({ top, rowHeight, scrolled }: HeatFrame, place: number): number {
  return top + place * rowHeight - scrolled
}

/** The cell under a point; undefined beside the map. */
export function cellAt(frame: HeatFrame, heat: HeatCells, x: number, y: number): HeatCursor | undefined {
  const { left, top, width, height, scrolled, rowHeight } = frame
  if (x < left || x >= left + width || y < top || y >= top + height) return undefined
  const place = Math.floor((y - top + scrolled) / rowHeight)
  const span = Math.floor(timeAt(frame, x) / heat.spanSeconds)
  return place < heat.rows && span < heat.spans ? { place, span } : undefined
}
