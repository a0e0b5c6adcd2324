import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { foldCells } from '../../../../../src/report/page/client/heat/fold-cells.ts'
import { cellAt, seenWindow, xOf, yOf } from '../../../../../src/report/page/client/heat/heat-frame.ts'
import { ABSENT, DOWN, OVER, unpackHeat } from '../../../../../src/report/page/client/heat/heat-cells.ts'
import type { HeatCells } from '../../../../../src/report/page/client/heat/heat-cells.ts'
import {
  extremes,
  heatSentence,
  sharesOverTime,
} from '../../../../../src/report/page/client/heat/heat-summary.ts'
import { rowOrder, rowShares } from '../../../../../src/report/page/client/heat/row-order.ts'
import { timeTicks } from '../../../../../src/report/page/client/heat/time-ticks.ts'
import { packColumn } from '../../../../../src/report/page/packed-column.ts'

function made(rows: readonly (readonly number[])[]): HeatCells {
  return {
    rows: rows.length,
    spans: rows[0]?.length ?? 0,
    spanSeconds: 10,
    cells: rows.flat(),
    names: rows.map((_, row) => `node-${row}`),
  }
}

function wholeOf({ rows, spans }: HeatCells) {
  return { firstRow: 0, endRow: rows, firstSpan: 0, endSpan: spans }
}

const HEAT = made([
  [0, 100, 200, 100],
  [50, 50, DOWN, 50],
  [ABSENT, ABSENT, 20, OVER],
  [ABSENT, ABSENT, ABSENT, DOWN],
])
const NAMES = Uint32Array.of(0, 1, 2, 3)

describe('a folded heat map', () => {
  it('is the map itself where each cell has a pixel', () => {
    const folded = foldCells(HEAT, NAMES, wholeOf(HEAT), { linesMax: 99, columnsMax: 99, fold: 'fullest' })
    expect(folded).toEqual({ lines: 4, columns: 4, values: Uint8Array.from(HEAT.cells) })
  })

  it('keeps the extremes of cells that share a pixel', () => {
    const folded = foldCells(HEAT, NAMES, wholeOf(HEAT), { linesMax: 2, columnsMax: 2, fold: 'fullest' })
    expect([...folded.values]).toEqual([100, DOWN, ABSENT, DOWN])
  })

  it('or what most rows are', () => {
    const rows = made([[10], [20], [DOWN], [ABSENT]])
    const folded = foldCells(rows, NAMES, wholeOf(rows), { linesMax: 1, columnsMax: 1, fold: 'middle' })
    expect([...folded.values]).toEqual([20])
  })

  it('shows the greatest value of the window, whatever the size', () => {
    const rows = fc.array(fc.array(fc.nat(DOWN), { minLength: 7, maxLength: 7 }), {
      minLength: 1,
      maxLength: 40,
    })
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 10 }),
        (values, lines, columns) => {
          const heat = made(values)
          const order = Uint32Array.from(values.keys()).toReversed()
          const options = { linesMax: lines, columnsMax: columns, fold: 'fullest' } as const
          const folded = foldCells(heat, order, wholeOf(heat), options)
          expect(folded.lines).toBeLessThanOrEqual(lines)
          expect(folded.columns).toBeLessThanOrEqual(columns)
          expect(Math.max(...folded.values)).toBe(Math.max(...values.flat()))
        },
      ),
    )
  })
})

describe('rows of a heat map', () => {
  it('have a mean and a peak of the time in which their machine was up', () => {
    const { mean, peak } = rowShares(HEAT)
    expect([...mean]).toEqual([0.5, 0.25, (20 + 201) / 400, Number.NaN])
    expect([...peak]).toEqual([1, 0.25, 1.005, Number.NaN])
  })

  it('are sorted from the fullest, those never up last', () => {
    const shares = rowShares(HEAT)
    expect([...rowOrder('name', shares)]).toEqual([0, 1, 2, 3])
    expect([...rowOrder('mean', shares)]).toEqual([2, 0, 1, 3])
    expect([...rowOrder('peak', shares)]).toEqual([2, 0, 1, 3])
  })

  it('have names, of their first and last node where they hold several', () => {
    const heat = {
      nodes: ['a', 'b', 'c', 'd', 'e'],
      nodesPerRow: 2,
      spans: 1,
      spanSeconds: 1,
      resources: [{ name: 'cpu', cells: packColumn('u8', [1, 2, 3]) }],
    } as const
    expect(unpackHeat(heat, heat.resources[0]).names).toEqual(['a … b', 'c … d', 'e'])
  })
})

describe('the text of a heat map', () => {
  it('names fullest and emptiest, and counts what is out of order', () => {
    expect(heatSentence(HEAT, rowShares(HEAT), 'CPU')).toBe(
      "On average 43.4 % of a node's CPU was requested: from 25 % (node-1) to 55.3 % (node-2). " +
        'More was requested than there is on 1 of 4. 2 of 4 had their machine down at some time.',
    )
    expect(extremes(rowShares(HEAT), 2)).toEqual({ fullest: [2, 0], emptiest: [1, 0] })
  })

  it('has percentiles over time', () => {
    expect(sharesOverTime(HEAT, 2)).toEqual([
      { at: 0, low: 0, middle: 0, high: 0.25, greatest: 0.25, down: 0 },
      { at: 30, low: 0.25, middle: 0.5, high: 1.005, greatest: 1.005, down: 1 },
    ])
  })
})

describe('the window onto a heat map', () => {
  const frame = {
    ...{ left: 100, top: 20, width: 400, height: 60, rowHeight: 20, scrolled: 10 },
    range: { from: 10, to: 30 },
  }

  it('sees rows and spans in part', () => {
    expect(seenWindow(frame, HEAT)).toEqual({ firstRow: 0, endRow: 4, firstSpan: 1, endSpan: 3 })
  })

  it('finds the cell at its middle', () => {
    for (const place of [1, 2]) {
      for (const span of [1, 2]) {
        const x = xOf(frame, (span + 0.5) * HEAT.spanSeconds)
        expect(cellAt(frame, HEAT, x, yOf(frame, place) + 10)).toEqual({ place, span })
      }
    }
    expect(cellAt(frame, HEAT, 50, 40)).toBeUndefined()
    expect(cellAt(frame, HEAT, 200, 90)).toBeUndefined()
  })

  it('has round times', () => {
    expect(timeTicks({ from: 0, to: 86_400 }, 8)).toEqual(
      [0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => hour * 3600),
    )
    expect(timeTicks({ from: 7, to: 31 }, 5)).toEqual([10, 15, 20, 25, 30])
  })
})
