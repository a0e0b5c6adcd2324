import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  boxOf,
  cellOf,
  gridOf,
  nodeAt,
  nodesBetween,
} from '../../../../../src/report/page/client/player/grid.ts'

const sizes = fc.record({
  count: fc.integer({ min: 1, max: 5000 }),
  width: fc.integer({ min: 200, max: 2000 }),
  height: fc.integer({ min: 200, max: 900 }),
})

describe('a grid of nodes', () => {
  it('fits all nodes into the room given', () => {
    fc.assert(
      fc.property(sizes, ({ count, width, height }) => {
        const grid = gridOf({ count, width, height })
        expect(grid.columns * grid.cellWidth).toBeLessThanOrEqual(width + 1e-6)
        expect(grid.contentHeight).toBeLessThanOrEqual(height + 1e-6)
        expect(grid.columns * Math.ceil(count / grid.columns)).toBeGreaterThanOrEqual(count)
      }),
    )
  })

  it('finds each node by any point of its box, and boxes lie apart', () => {
    fc.assert(
      fc.property(sizes, fc.double({ min: 1, max: 8, noNaN: true }), fc.nat(), (size, zoom, seed) => {
        const grid = gridOf({ ...size, zoom })
        const node = seed % size.count
        const box = boxOf(grid, node)
        const cell = cellOf(grid, node)
        for (const [x, y] of [
          [box.x, box.y],
          [box.x + box.width - 0.01, box.y + box.height - 0.01],
          [cell.x, cell.y],
          [cell.x + cell.width - 0.01, cell.y + cell.height - 0.01],
        ] as const) {
          if (cell.width > 0 && cell.height > 0) expect(nodeAt(grid, x, y)).toBe(node)
        }
        expect(nodeAt(grid, -1, 5)).toBeUndefined()
        expect(nodeAt(grid, 5, grid.contentHeight + 5)).toBeUndefined()
      }),
    )
  })

  it('names the nodes that a window shows', () => {
    const grid = gridOf({ count: 1000, width: 1000, height: 500, zoom: 4 })
    const [first, end] = nodesBetween(grid, 300, 700)
    for (let node = 0; node < 1000; node++) {
      const { y, height } = cellOf(grid, node)
      if (y < 699 && y + height > 301) {
        expect(node).toBeGreaterThanOrEqual(first)
        expect(node).toBeLessThan(end)
      }
    }
    expect(end - first).toBeLessThan(1000)
  })

  it('gives a few nodes large boxes with names, and many nodes small ones', () => {
    expect(gridOf({ count: 30, width: 900, height: 500 })).toMatchObject({ header: 16, hasTiles: true })
    expect(gridOf({ count: 5000, width: 900, height: 500 })).toMatchObject({
      header: 0,
      hasTiles: false,
      isSmall: true,
    })
  })
})
