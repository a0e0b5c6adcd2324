import type { Theme } from '../palette.ts'
import { shareText } from '../format.ts'
import { shortenedName } from '../shortened-name.ts'
import { groupColours } from './colouring.ts'
import type { Colouring } from './colouring.ts'
import { boxOf, cellOf } from './grid.ts'
import type { Box, Grid } from './grid.ts'
import { BOX_NUMBERS, layoutNode } from './node-box.ts'
import type { NodeLayout } from './node-box.ts'
import type { Placement } from './placement.ts'
import type { PodColumns } from './pod-columns.ts'

/** Colours of what is around the pods. */
export interface PaintColours {
  readonly page: string
  readonly free: string
  readonly border: string
  readonly text: string
  readonly muted: string
  readonly bad: string
}

/** What is painted, and how. */
export interface NodePicture {
  readonly grid: Grid
  readonly names: readonly string[]
  readonly placement: Placement
  readonly pods: PodColumns
  readonly requests: ArrayLike<number>
  readonly capacities: ArrayLike<number>
  /** Whether some pod of the run requests nothing of the resource. */
  readonly hasShelf: boolean
  readonly colouring: Colouring
  readonly matches: Uint8Array | undefined
  readonly theme: Theme
  readonly colours: PaintColours
  readonly font: string
  readonly chosenPod: number | undefined
  readonly chosenNode: number | undefined
}

/** A node as it was laid out: rows in order of drawing, and where each lies. */
export interface LaidOutNode extends NodeLayout {
  readonly box: Box
  readonly rows: readonly number[]
  readonly places: Float64Array
}

/** Part of the box that the shelf of pods without a request takes. */
const SHELF_SHARE = 0.1
const SHELF_MAX = 10

/** Opacity of pods that are not looked for. */
export const FADED = 0.16
/** Opacity of small pods that start. */
const STARTING = 0.55

let places = new Float64Array(256 * BOX_NUMBERS)

/** Lays a node out as it is painted. The places are valid until the next call. O(pods · log pods of the node). */
export function layOut(picture: NodePicture, node: number): LaidOutNode {
  const { placement, colouring, requests, capacities } = picture
  const box = boxOf(picture.grid, node)
  const rank = (row: number): number =>
    (colouring.groupOf[row] ?? 0) * 2 + (placement.isStarting(row) ? 1 : 0)
  const rows = placement.podsOn(node).toSorted((one, other) => rank(one) - rank(other) || one - other)
  const capacity = capacities[node] ?? 0
  const shares = rows.map((row) => {
    const request = requests[row] ?? 0
    return request === 0 ? 0 : request / (capacity > 0 ? capacity : request)
  })
  if (places.length < rows.length * BOX_NUMBERS) places = new Float64Array(rows.length * 2 * BOX_NUMBERS)
  const shelf = picture.hasShelf ? Math.min(SHELF_MAX, box.height * SHELF_SHARE) : 0
  const { hasTiles } = picture.grid
  return { ...layoutNode(shares, box, { shelf, hasTiles }, places), box, rows, places }
}

/** A painter of nodes onto a canvas whose unit is a CSS pixel. */
export function nodePainter(pixels: CanvasRenderingContext2D, picture: NodePicture): (node: number) => void {
  const fills = groupColours(picture.colouring, picture.theme)
  const hatch = hatching(pixels, picture.colours.free)
  return (node) => {
    clearCell(pixels, picture, node)
    const state = picture.placement.stateOf(node)
    const laid = layOut(picture, node)
    if (state === 'absent') {
      paintAbsent(pixels, laid.box, picture.colours)
      return
    }
    pixels.fillStyle = picture.colours.free
    pixels.fillRect(laid.box.x, laid.box.y, laid.box.width, laid.box.height)
    paintPods(pixels, picture, laid, fills, hatch)
    if (laid.used > 1.0005) paintOver(pixels, laid, picture.colours)
    if (state === 'down') paintDown(pixels, laid.box, picture)
    if (picture.grid.header > 0) paintHeader(pixels, picture, node, laid.used, state === 'down')
    paintChosen(pixels, picture, laid)
    if (node === picture.chosenNode) ring(pixels, laid.box, picture.colours, 2)
  }
}

function clearCell(pixels: CanvasRenderingContext2D, { grid }: NodePicture, node: number): void {
  const { x, y, width, height } = cellOf(grid, node)
  pixels.clearRect(x, y, width, height)
}

function paintPods(
  pixels: CanvasRenderingContext2D,
  picture: NodePicture,
  laid: LaidOutNode,
  fills: readonly string[],
  hatch: CanvasPattern | string,
): void {
  const { colouring, matches, placement } = picture
  for (let index = 0; index < laid.rows.length; index++) {
    const row = laid.rows[index] ?? 0
    const place = picture.grid.isSmall ? sharp(placeIn(laid, index)) : inset(placeIn(laid, index))
    const isStarting = placement.isStarting(row)
    const isLarge = isStarting && Math.min(place.width, place.height) >= 6
    const isFaded = matches !== undefined && matches[row] === 0
    pixels.globalAlpha = isFaded ? FADED : isStarting && !isLarge ? STARTING : 1
    pixels.fillStyle = fills[colouring.groupOf[row] ?? 0] ?? picture.colours.muted
    pixels.fillRect(place.x, place.y, place.width, place.height)
    if (!isLarge) continue
    pixels.fillStyle = hatch
    pixels.fillRect(place.x, place.y, place.width, place.height)
  }
  pixels.globalAlpha = 1
}

function placeIn({ places: laidOut }: LaidOutNode, index: number): Box {
  const at = index * BOX_NUMBERS
  const [x = 0, y = 0, width = 0, height = 0] = laidOut.subarray(at, at + BOX_NUMBERS)
  return { x, y, width, height }
}

/** Edges on whole pixels: colours stay what they are in slices thinner than a few, and heights still add up. */
function sharp({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.round(x), Math.round(y)]
  return { x: left, y: top, width: Math.round(x + width) - left, height: Math.round(y + height) - top }
}

/** A hair of free room around a pod tells it from its neighbours. */
function inset({ x, y, width, height }: Box): Box {
  const least = Math.min(width, height)
  const by = least >= 8 ? 0.75 : least >= 3 ? 0.35 : 0
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by }
}

/** Rings the chosen pod, and in a small box, where a ring would hide it, the node. */
function paintChosen(pixels: CanvasRenderingContext2D, picture: NodePicture, laid: LaidOutNode): void {
  const index = picture.chosenPod === undefined ? -1 : laid.rows.indexOf(picture.chosenPod)
  if (index < 0) return
  const place = placeIn(laid, index)
  const isTile = Math.min(place.width, place.height) >= 5
  ring(pixels, isTile ? place : laid.box, picture.colours, isTile ? 0 : 1)
}

/** What is requested above what there is lies above a line, under stripes. */
function paintOver(pixels: CanvasRenderingContext2D, laid: LaidOutNode, colours: PaintColours): void {
  pixels.strokeStyle = colours.bad
  pixels.lineWidth = laid.box.height >= 24 ? 2 : 1
  pixels.beginPath()
  pixels.moveTo(laid.box.x, laid.capacityLine)
  pixels.lineTo(laid.box.x + laid.box.width, laid.capacityLine)
  pixels.stroke()
  pixels.strokeRect(laid.box.x, laid.box.y, laid.box.width, laid.box.height)
}

function paintDown(pixels: CanvasRenderingContext2D, box: Box, { colours, grid }: NodePicture): void {
  const { isSmall } = grid
  pixels.globalAlpha = 0.6
  pixels.fillStyle = colours.page
  pixels.fillRect(box.x, box.y, box.width, box.height)
  pixels.globalAlpha = 1
  pixels.strokeStyle = colours.bad
  pixels.lineWidth = isSmall ? 1 : 2
  const inset = pixels.lineWidth / 2
  pixels.beginPath()
  if (!isSmall) pixels.rect(box.x + inset, box.y + inset, box.width - 2 * inset, box.height - 2 * inset)
  pixels.moveTo(box.x, box.y)
  pixels.lineTo(box.x + box.width, box.y + box.height)
  pixels.moveTo(box.x + box.width, box.y)
  pixels.lineTo(box.x, box.y + box.height)
  pixels.stroke()
}

function paintAbsent(pixels: CanvasRenderingContext2D, box: Box, colours: PaintColours): void {
  pixels.strokeStyle = colours.border
  pixels.lineWidth = 1
  pixels.setLineDash([2, 3])
  pixels.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1)
  pixels.setLineDash([])
}

function paintHeader(
  pixels: CanvasRenderingContext2D,
  picture: NodePicture,
  node: number,
  used: number,
  isDown: boolean,
): void {
  const box = boxOf(picture.grid, node)
  const share = isDown ? 'down' : shareText(Math.round(used * 100) / 100)
  pixels.font = picture.font
  pixels.textBaseline = 'alphabetic'
  pixels.textAlign = 'right'
  pixels.fillStyle = isDown || used > 1.0005 ? picture.colours.bad : picture.colours.muted
  pixels.fillText(share, box.x + box.width, box.y - 4)
  const room = box.width - pixels.measureText(share).width - 6
  pixels.textAlign = 'left'
  pixels.fillStyle = picture.colours.text
  pixels.fillText(shortenedName(pixels, picture.names[node] ?? '', room), box.x, box.y - 4)
}

function ring(pixels: CanvasRenderingContext2D, box: Box, colours: PaintColours, outside: number): void {
  const grow = outside + (Math.min(box.width, box.height) < 6 ? 2 : 0)
  pixels.lineWidth = 4
  pixels.strokeStyle = colours.page
  pixels.strokeRect(box.x - grow, box.y - grow, box.width + 2 * grow, box.height + 2 * grow)
  pixels.lineWidth = 2
  pixels.strokeStyle = colours.text
  pixels.strokeRect(box.x - grow, box.y - grow, box.width + 2 * grow, box.height + 2 * grow)
}

/** Diagonal lines in the colour of free room: a pod that does not run yet. */
function hatching(pixels: CanvasRenderingContext2D, colour: string): CanvasPattern | string {
  const size = 6
  const tile = document.createElement('canvas')
  tile.width = size
  tile.height = size
  const lines = tile.getContext('2d')
  if (lines === null) return 'transparent'
  lines.strokeStyle = colour
  lines.lineWidth = 2
  lines.beginPath()
  for (const shift of [-size, 0, size]) {
    lines.moveTo(shift - 1, size + 1)
    lines.lineTo(shift + size + 1, -1)
  }
  lines.stroke()
  return pixels.createPattern(tile, 'repeat') ?? 'transparent'
}
