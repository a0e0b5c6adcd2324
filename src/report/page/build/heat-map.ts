import { packColumn } from '../packed-column.ts'
import type { HeatMap, HeatResource } from '../report-data.ts'
import type { RunNodes } from './node-rows.ts'
import { NODE_RESOURCES } from './node-rows.ts'
import type { Placements } from './placements.ts'
import { nodeShares } from './requested-shares.ts'

/** Rows of a heat map at most; more nodes share rows. */
export const HEAT_ROWS_MAX = 5000
/** Spans at most, where there are few rows. */
export const HEAT_SPANS_MAX = 240
/** Cells of a resource at most. */
export const HEAT_CELLS_MAX = 600_000

/** A cell for a share of 1; shares below are parts of it. */
const FULL = 200
const OVERFULL = 201
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
  const shares = nodeShares(placements, nodes, { resources, spans, spanSeconds, end })
  for (const { node, ofResource } of shares) {
    const from = Math.floor(node / nodesPerRow) * spans
    const state = statesOf(nodes, node, { spans, spanSeconds, end })
    for (const [index, resource] of resources.entries()) {
      if ((nodes.capacity[resource][node] ?? 0) <= 0) continue
      const greatest = ofResource[index] ?? new Float64Array(spans)
      const row = cells.get(resource)?.subarray(from, from + spans) ?? new Uint8Array()
      for (let span = 0; span < spans; span += 1) {
        const cell = state[span] === 0 ? cellOf(greatest[span] ?? 0) : (state[span] ?? 0)
        row[span] = fuller(row[span] ?? ABSENT, cell)
      }
    }
  }
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

function cellOf(share: number): number {
  return share > 1 ? OVERFULL : Math.round(share * FULL)
}

/** Of two nodes in a row: a machine that is down shows, then the fuller. */
function fuller(one: number, other: number): number {
  if (one === ABSENT) return other
  return other === ABSENT ? one : Math.max(one, other)
}

/** By span: whether the machine was down for a part of it, or the node was not there for any of it; else 0. */
function statesOf(
  { lives }: RunNodes,
  node: number,
  { spans, spanSeconds, end }: { readonly spans: number; readonly spanSeconds: number; readonly end: number },
): Uint8Array {
  const states = new Uint8Array(spans)
  const life = lives[node]
  if (life === undefined) return states
  for (const [from, to] of life.down) {
    for (let span = Math.floor(from / spanSeconds); span < spans && span * spanSeconds < to; span += 1) {
      states[span] = DOWN
    }
  }
  const { from = 0, to = end } = life
  for (let span = 0; span < spans; span += 1) {
    if ((span + 1) * spanSeconds <= from || span * spanSeconds >= to) states[span] = ABSENT
  }
  return states
}
