import { unpackColumn } from '../../packed-column.ts'
import type { HeatMap, HeatResource } from '../../report-data.ts'

/** Cell value for a share of 1. */
export const FULL = 200
/** More is requested than there is. */
export const OVER = 201
/** The machine was down. */
export const DOWN = 254
/** There was no such node. */
export const ABSENT = 255

/** One resource of a heat map as bytes, row by row. */
export interface HeatCells {
  readonly rows: number
  readonly spans: number
  readonly spanSeconds: number
  readonly cells: ArrayLike<number>
  /** Name of each row: of its node, or of its first and last. */
  readonly names: readonly string[]
}

/** Unpacks one resource. */
export function unpackHeat(heat: HeatMap, resource: HeatResource): HeatCells {
  const cells = unpackColumn(resource.cells)
  const rows = heat.spans === 0 ? 0 : Math.floor(cells.length / heat.spans)
  return {
    rows,
    spans: heat.spans,
    spanSeconds: heat.spanSeconds,
    cells,
    names: rowNames(heat, rows),
  }
}

/** What a cell's byte means, in words. */
export function cellWords(value: number): string {
  if (value === ABSENT) return 'no such node'
  if (value === DOWN) return 'machine down'
  if (value === OVER) return 'more than 100 % requested'
  return `${Math.round((value / FULL) * 1000) / 10} % requested`
}

/** Share that a cell stands for; undefined where there was nothing to request from. */
export function shareOf(value: number): number | undefined {
  return value > OVER ? undefined : value / FULL
}

function rowNames({ nodes, nodesPerRow }: HeatMap, rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => {
    if (nodes.length <= rows) return nodes[row] ?? ''
    const first = nodes[row * nodesPerRow] ?? ''
    const last = nodes[Math.min((row + 1) * nodesPerRow, nodes.length) - 1] ?? first
    return first === last ? first : `${first} … ${last}`
  })
}
