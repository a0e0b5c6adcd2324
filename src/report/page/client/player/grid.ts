/** A rectangle in CSS pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Cells of equal size, row by row, a cell a node. */
export interface Grid {
  readonly count: number
  readonly columns: number
  readonly cellWidth: number
  readonly cellHeight: number
  /** Between the boxes of two cells. */
  readonly gap: number
  /** Height for the node's name above its box; 0 where there is no room for it. */
  readonly header: number
  readonly contentHeight: number
}

const TALLEST = 170

/** From these sizes on, in CSS pixels, there is room for a name. */
const NAMED_WIDTH = 64
const NAMED_HEIGHT = 44

/** Width of a cell to its height where it has a name; square where it has none. */
const WIDE = 2.2

/**
 * The largest cells with which all nodes fit into the width and height given, then magnified. Magnified cells wrap: they need
 * more height and never more width. O(columns).
 */
export function gridOf({
  count,
  width,
  height,
  zoom = 1,
}: {
  readonly count: number
  readonly width: number
  readonly height: number
  readonly zoom?: number
}): Grid {
  const fitting = fittingColumns(count, width, height)
  const columns = Math.max(1, Math.round(fitting / zoom))
  const cellWidth = width / columns
  const rows = Math.ceil(count / columns)
  const asWide = cellWidth / 1.4
  const cellHeight = Math.min(
    TALLEST * Math.max(1, zoom / 2),
    zoom > 1 ? asWide : Math.min(cellWidth, height / rows),
  )
  const small = Math.min(cellWidth, cellHeight)
  const hasNames = cellWidth >= NAMED_WIDTH && cellHeight >= NAMED_HEIGHT
  return {
    count,
    columns,
    cellWidth,
    cellHeight,
    gap: small >= 60 ? 8 : small >= 24 ? 4 : small >= 12 ? 2 : small >= 5 ? 1 : 0,
    header: hasNames ? 16 : 0,
    contentHeight: rows * cellHeight,
  }
}

/** All of a node's cell, its header and the gap around it included; edges are whole pixels, so that they are sharp. */
export function cellOf({ columns, cellWidth, cellHeight }: Grid, node: number): Box {
  const [column, row] = [node % columns, Math.floor(node / columns)]
  const [left, top] = [edge(column, cellWidth), edge(row, cellHeight)]
  return {
    x: left,
    y: top,
    width: edge(column + 1, cellWidth) - left,
    height: edge(row + 1, cellHeight) - top,
  }
}

/** The box of a node, its header left out. */
export function boxOf(grid: Grid, node: number): Box {
  const { gap, header } = grid
  const cell = cellOf(grid, node)
  return {
    x: cell.x + Math.floor(gap / 2),
    y: cell.y + Math.floor(gap / 2) + header,
    width: cell.width - gap,
    height: cell.height - gap - header,
  }
}

/** The node whose cell a point is in. */
export function nodeAt(grid: Grid, x: number, y: number): number | undefined {
  const column = placeOf(x, grid.cellWidth)
  const row = placeOf(y, grid.cellHeight)
  if (column < 0 || column >= grid.columns || row < 0) return undefined
  const node = row * grid.columns + column
  return node < grid.count ? node : undefined
}

/** Nodes with a part between two heights: first and the one after the last. */
export function nodesBetween(grid: Grid, top: number, bottom: number): readonly [first: number, end: number] {
  const first = Math.max(0, Math.floor(top / grid.cellHeight)) * grid.columns
  const end = Math.max(0, Math.ceil(bottom / grid.cellHeight)) * grid.columns
  return [Math.min(first, grid.count), Math.min(end, grid.count)]
}

function edge(place: number, size: number): number {
  return Math.round(place * size)
}

/** The place whose edges a coordinate lies between. */
function placeOf(at: number, size: number): number {
  const near = Math.floor(at / size)
  if (at < edge(near, size)) return near - 1
  return at >= edge(near + 1, size) ? near + 1 : near
}

function fittingColumns(count: number, width: number, height: number): number {
  let best = 1
  let bestSize = 0
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const cellWidth = width / columns
    const cellHeight = Math.min(height / Math.ceil(count / columns), TALLEST)
    const wide = cellHeight >= NAMED_HEIGHT ? WIDE : 1
    const size = Math.min(cellWidth / wide, cellHeight) * Math.min(1, cellWidth / cellHeight)
    if (size > bestSize) [best, bestSize] = [columns, size]
    if (cellWidth < 1) break
  }
  return best
}
