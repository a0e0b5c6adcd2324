import type { Box } from './grid.ts'

/** Numbers a pod takes in a layout: x, y, width, height. */
export const BOX_NUMBERS = 4

/** From this size on, in CSS pixels, a box has room for tiles; below, for slices. */
const TILES_FROM = 34

/** What a node's box shows besides its pods. */
export interface NodeLayout {
  /** Sum of the shares. */
  readonly used: number
  /** Top of the pods that take room; what is above is free. */
  readonly top: number
  /** Where 100 % lies; above the box's bottom by its whole height unless more is requested than there is. */
  readonly capacityLine: number
}

/**
 * Fills a node's box from the bottom: a pod's area is its share of what the node has. Where more is requested than there is,
 * the box stands for the sum. Pods that request nothing of the resource take none of that room: they lie side by side on a
 * shelf along the top, all of one width.
 *
 * In a box with room, pods are tiles in strips (Bederson, Shneiderman and Wattenberg, "Ordered and quantum treemaps", 2002: a strip is closed
 * when another pod would make its tiles narrower on the mean); in a small one, slices as wide as the box. Neither changes the order given.
 *
 * @param shares of the node, in order of drawing.
 * @param shelf height along the top; 0 where no pod of the run needs it.
 * @param out x, y, width and height of each pod in turn.
 */
export function layoutNode(
  shares: ArrayLike<number>,
  box: Box,
  shelf: number,
  out: Float64Array,
): NodeLayout {
  let used = 0
  for (let index = 0; index < shares.length; index++) used += shares[index] ?? 0
  const room = box.height - shelf
  const scale = Math.max(1, used)
  const bottom = box.y + box.height
  layoutShelf(shares, box, shelf, out)
  const fill = { x: box.x, bottom, width: box.width, height: room, scale }
  if (Math.min(box.width, room) >= TILES_FROM) layoutStrips(shares, fill, out)
  else layoutSlices(shares, fill, out)
  return { used, top: bottom - (room * used) / scale, capacityLine: bottom - room / scale }
}

/** The pod whose place a point is in, by index into the layout; undefined over free room. */
export function podAt(layout: Float64Array, count: number, x: number, y: number): number | undefined {
  for (let index = 0; index < count; index++) {
    const at = index * BOX_NUMBERS
    const [left = 0, top = 0, width = 0, height = 0] = layout.subarray(at, at + BOX_NUMBERS)
    if (x >= left && x < left + width && y >= top && y < top + height) return index
  }
  return undefined
}

interface Fill {
  readonly x: number
  readonly bottom: number
  readonly width: number
  readonly height: number
  readonly scale: number
}

function layoutShelf(shares: ArrayLike<number>, box: Box, shelf: number, out: Float64Array): void {
  let count = 0
  for (let index = 0; index < shares.length; index++) if (shares[index] === 0) count++
  const width = Math.min(Math.max(shelf, 3), box.width / Math.max(1, count))
  let x = box.x
  for (let index = 0; index < shares.length; index++) {
    if (shares[index] !== 0) continue
    place(out, index, x, box.y, width, shelf)
    x += width
  }
}

function layoutSlices(shares: ArrayLike<number>, fill: Fill, out: Float64Array): void {
  let y = fill.bottom
  for (let index = 0; index < shares.length; index++) {
    const share = shares[index] ?? 0
    if (share === 0) continue
    const height = (share / fill.scale) * fill.height
    y -= height
    place(out, index, fill.x, y, fill.width, height)
  }
}

function layoutStrips(shares: ArrayLike<number>, fill: Fill, out: Float64Array): void {
  const sized: number[] = []
  for (let index = 0; index < shares.length; index++) if ((shares[index] ?? 0) > 0) sized.push(index)
  let bottom = fill.bottom
  let first = 0
  for (const end of stripEnds(shares, sized, fill)) {
    let sum = 0
    for (let at = first; at < end; at++) sum += shares[sized[at] ?? 0] ?? 0
    const height = (sum / fill.scale) * fill.height
    bottom -= height
    let x = fill.x
    for (let at = first; at < end; at++) {
      const index = sized[at] ?? 0
      const width = ((shares[index] ?? 0) / sum) * fill.width
      place(out, index, x, bottom, width, height)
      x += width
    }
    first = end
  }
}

/** Ends of the strips; the last two are one where a single pod would else lie across the whole box. */
function stripEnds(shares: ArrayLike<number>, sized: readonly number[], fill: Fill): readonly number[] {
  const ends: number[] = []
  let first = 0
  while (first < sized.length) {
    first = stripEnd(shares, sized, first, fill)
    ends.push(first)
  }
  const [beforeLast, last] = ends.slice(-2)
  const isAlone = beforeLast !== undefined && last !== undefined && last - beforeLast === 1
  return isAlone ? [...ends.slice(0, -2), last] : ends
}

/** Where the strip that begins with a pod ends. */
function stripEnd(shares: ArrayLike<number>, sized: readonly number[], first: number, fill: Fill): number {
  let sum = 0
  let best = Infinity
  for (let end = first; end < sized.length; end++) {
    sum += shares[sized[end] ?? 0] ?? 0
    const height = (sum / fill.scale) * fill.height
    let aspects = 0
    for (let at = first; at <= end; at++) {
      const width = ((shares[sized[at] ?? 0] ?? 0) / sum) * fill.width
      aspects += Math.max(width / height, height / width)
    }
    const mean = aspects / (end - first + 1)
    if (mean > best) return end
    best = mean
  }
  return sized.length
}

function place(out: Float64Array, index: number, x: number, y: number, width: number, height: number): void {
  const at = index * BOX_NUMBERS
  out[at] = x
  out[at + 1] = y
  out[at + 2] = width
  out[at + 3] = height
}
