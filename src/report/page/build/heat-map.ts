import { packColumn } from '../packed-column.ts'
import type { HeatMap, HeatResource } from '../report-data.ts'
import type { RunNodes } from './node-rows.ts'
import { NODE_RESOURCES } from './node-rows.ts'
import type { Placements } from './placements.ts'
import { eachNodeShares } from './requested-shares.ts'
import type { Spans } from './requested-shares.ts'
import type { NodeLife } from './run-events.ts'

/** Rows of a heat map at most; more nodes share rows. */
export const HEAT_ROWS_MAX = 5000
/** Spans at most, where there are few rows. */
export const HEAT_SPANS_MAX = 240
/** Cells of a resource at most. */
export const HEAT_CELLS_MAX = 600_000

const DOWN = 254
const ABSENT = 255

type Resource = HeatResource['name']

/**
 * Who asked for how much of each node over time, from where pods were placed: a cell is the greatest share within its span
 * that stood for some time. A row of several nodes shows the fullest of them.
 */
export function heatMap(nodes: RunNodes, placements: Placements, end: number): HeatMap | undefined {
  const nodeCount = nodes.names.length
  if (nodeCount === 0 || end <= 0) return undefined
  const nodesPerRow = Math.ceil(nodeCount / HEAT_ROWS_MAX)
  const rowCount = Math.ceil(nodeCount / nodesPerRow)
  const spans = Math.min(HEAT_SPANS_MAX, Math.max(1, Math.floor(HEAT_CELLS_MAX / rowCount)))
  const spanSeconds = end / spans
  const resources = NODE_RESOURCES.filter((resource) => nodes.capacity[resource].some((amount) => amount > 0))
  const cells = new Map(
    resources.map((resource) => [resource, new Uint8Array(rowCount * spans).fill(ABSENT)]),
  )
  const setting = { resources, spans, spanSeconds, end }
  eachNodeShares(placements, nodes, setting, (node, resource, shares) => {
    const from = Math.floor(node / nodesPerRow) * spans
    const row = cells.get(resource)?.subarray(from, from + spans) ?? new Uint8Array()
    const { lives } = nodes
    if (lives[node] !== undefined) markStates(shares, lives[node], setting)
    if (nodesPerRow === 1) row.set(shares)
    else for (let span = 0; span < spans; span += 1) row[span] = fuller(row[span] ?? 0, shares[span] ?? 0)
  })
  return {
    nodes: nodes.names,
    nodesPerRow,
    spans,
    spanSeconds,
    resources: [...cells].map(([name, values]) => ({
      name: name as Resource,
      cells: packColumn('u8', values),
    })),
  }
}

/** Of two nodes in a row: a machine that is down shows, then the fuller. */
function fuller(one: number, other: number): number {
  if (one === ABSENT) return other
  return other === ABSENT ? one : Math.max(one, other)
}

/** Marks spans in which the machine was down for some time, or the node was not there at all. */
function markStates(cells: Uint8Array, life: NodeLife, { spans, spanSeconds, end }: Spans): void {
  for (const [from, to] of life.down) {
    cells.fill(DOWN, Math.floor(from / spanSeconds), Math.ceil(to / spanSeconds))
  }
  const { from = 0, to = end } = life
  for (let span = 0; span < spans; span += 1) {
    if ((span + 1) * spanSeconds <= from || span * spanSeconds >= to) cells[span] = ABSENT
  }
}
