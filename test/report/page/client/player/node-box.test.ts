import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BOX_NUMBERS, layoutNode, podAt } from '../../../../../src/report/page/client/player/node-box.ts'

const BOX = { x: 10, y: 20, width: 160, height: 80 }

const sharesArbitrary = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 0.3, noNaN: true })), {
  maxLength: 60,
})
const options = fc.record({ shelf: fc.constantFrom(0, 8), hasTiles: fc.boolean() })

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function placesOf(out: Float64Array, count: number): Place[] {
  return Array.from({ length: count }, (_, index) => {
    const [x = 0, y = 0, width = 0, height = 0] = out.subarray(index * BOX_NUMBERS)
    return { x, y, width, height }
  })
}

describe("a node's box", () => {
  it('gives each pod the area of its share, within the box, over no other', () => {
    fc.assert(
      fc.property(sharesArbitrary, options, (shares, { shelf, hasTiles }) => {
        const out = new Float64Array(shares.length * BOX_NUMBERS)
        const { used, top, capacityLine } = layoutNode(shares, BOX, { shelf, hasTiles }, out)
        const places = placesOf(out, shares.length)
        const room = BOX.height - shelf
        const scale = Math.max(1, used)
        expect(used).toBeCloseTo(shares.reduce((sum, share) => sum + share, 0))
        expect(BOX.y + BOX.height - top).toBeCloseTo((used / scale) * room)
        expect(BOX.y + BOX.height - capacityLine).toBeCloseTo(room / scale)
        for (const [index, { x, y, width, height }] of places.entries()) {
          const share = shares[index] ?? 0
          if (share > 0) expect(width * height).toBeCloseTo((share / scale) * BOX.width * room)
          expect(x).toBeGreaterThanOrEqual(BOX.x - 1e-6)
          expect(x + width).toBeLessThanOrEqual(BOX.x + BOX.width + 1e-6)
          expect(y).toBeGreaterThanOrEqual(BOX.y - 1e-6)
          expect(y + height).toBeLessThanOrEqual(BOX.y + BOX.height + 1e-6)
        }
        for (const [index, one] of places.entries()) {
          for (const other of places.slice(index + 1)) {
            const wide = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x)
            const high = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y)
            expect(Math.min(wide, high)).toBeLessThan(1e-6)
          }
        }
      }),
    )
  })

  it('finds each pod by the middle of its place, and none over free room', () => {
    fc.assert(
      fc.property(sharesArbitrary, options, (shares, { shelf, hasTiles }) => {
        const out = new Float64Array(shares.length * BOX_NUMBERS)
        const { top, used } = layoutNode(shares, BOX, { shelf, hasTiles }, out)
        for (const [index, { x, y, width, height }] of placesOf(out, shares.length).entries()) {
          if (height === 0) continue
          expect(podAt(out, shares.length, x + width / 2, y + height / 2)).toBe(index)
        }
        if (used < 0.9)
          expect(podAt(out, shares.length, BOX.x + 80, (top + BOX.y + shelf) / 2)).toBeUndefined()
      }),
    )
  })

  it('draws pods that request nothing on the shelf, all of one width', () => {
    const out = new Float64Array(4 * BOX_NUMBERS)
    layoutNode([0, 0.5, 0, 0], BOX, { shelf: 8, hasTiles: true }, out)
    const [first, second, third, fourth] = placesOf(out, 4)
    expect(first).toEqual({ x: 10, y: 20, width: 8, height: 8 })
    expect(third).toEqual({ x: 18, y: 20, width: 8, height: 8 })
    expect(fourth).toEqual({ x: 26, y: 20, width: 8, height: 8 })
    expect(second).toEqual({ x: 10, y: 64, width: 160, height: 36 })
  })

  it('stands for what is requested where that is more than there is', () => {
    const out = new Float64Array(2 * BOX_NUMBERS)
    const layout = layoutNode([1, 1], BOX, { shelf: 0, hasTiles: false }, out)
    expect(layout).toEqual({ used: 2, top: 20, capacityLine: 60 })
    expect(placesOf(out, 2)).toEqual([
      { x: 10, y: 60, width: 160, height: 40 },
      { x: 10, y: 20, width: 160, height: 40 },
    ])
  })
})
