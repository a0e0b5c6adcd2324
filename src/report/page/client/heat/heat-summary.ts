import { shareText } from '../format.ts'
import { DOWN, OVER } from './heat-cells.ts'
import type { HeatCells } from './heat-cells.ts'
import type { RowShares } from './row-order.ts'

/** How full nodes were at one time. */
export interface SharesAt {
  /** Start of the span, in seconds. */
  readonly at: number
  /** Tenth, fiftieth and ninetieth percentile and the greatest share; undefined where no machine was up. */
  readonly low: number | undefined
  readonly middle: number | undefined
  readonly high: number | undefined
  readonly greatest: number | undefined
  readonly down: number
}

/** Percentiles over the nodes at a number of times, evenly over the run. */
export function sharesOverTime(heat: HeatCells, times: number): SharesAt[] {
  const count = Math.min(times, heat.spans)
  return Array.from({ length: count }, (_, index) => {
    const span = count < 2 ? 0 : Math.round((index * (heat.spans - 1)) / (count - 1))
    return sharesIn(heat, span)
  })
}

/** The rows with the greatest and the least mean share, of those that were ever up. */
export function extremes(
  shares: RowShares,
  count: number,
): { readonly fullest: readonly number[]; readonly emptiest: readonly number[] } {
  const rows = [...shares.mean.keys()].filter((row) => !Number.isNaN(shares.mean[row]))
  rows.sort((one, other) => (shares.mean[other] ?? 0) - (shares.mean[one] ?? 0) || one - other)
  return { fullest: rows.slice(0, count), emptiest: rows.toReversed().slice(0, count) }
}

/** What the map shows, in a sentence or three. */
export function heatSentence(heat: HeatCells, shares: RowShares, resourceWord: string): string {
  const { fullest, emptiest } = extremes(shares, 1)
  const [first, last] = [fullest[0], emptiest[0]]
  if (first === undefined || last === undefined) return `No node was up at any time.`
  const means = shares.mean.filter((value) => !Number.isNaN(value))
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length
  const over = [...shares.peak].filter((value) => value > 1).length
  const down = rowsDown(heat)
  return [
    `On average ${shareText(mean)} of a node's ${resourceWord} was requested: from ${shareText(shares.mean[last] ?? 0)}`,
    ` (${heat.names[last]}) to ${shareText(shares.mean[first] ?? 0)} (${heat.names[first]}).`,
    over > 0 ? ` More was requested than there is on ${over} of ${heat.rows}.` : '',
    down > 0 ? ` ${down} of ${heat.rows} had their machine down at some time.` : '',
  ].join('')
}

function rowsDown({ rows, spans, cells }: HeatCells): number {
  let count = 0
  for (let row = 0; row < rows; row++) {
    for (let span = 0; span < spans; span++) {
      if (cells[row * spans + span] !== DOWN) continue
      count++
      break
    }
  }
  return count
}

function sharesIn({ rows, spans, spanSeconds, cells }: HeatCells, span: number): SharesAt {
  const values: number[] = []
  let down = 0
  for (let row = 0; row < rows; row++) {
    const value = cells[row * spans + span] ?? OVER + 1
    if (value <= OVER) values.push(value / 200)
    else if (value === DOWN) down++
  }
  values.sort((one, other) => one - other)
  const rank = (part: number): number | undefined => values[Math.ceil(part * values.length) - 1]
  return {
    at: span * spanSeconds,
    low: rank(0.1),
    middle: rank(0.5),
    high: rank(0.9),
    greatest: values.at(-1),
    down,
  }
}
