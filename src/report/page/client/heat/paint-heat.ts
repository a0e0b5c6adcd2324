import type { Marker } from '../../report-data.ts'
import type { PageContext } from '../context.ts'
import { timeText } from '../format.ts'
import { MARKER_COLOURS, drawMarkers } from '../marker-layer.ts'
import { shortenedName } from '../shortened-name.ts'
import { foldCells } from './fold-cells.ts'
import type { HeatFold, HeatWindow } from './fold-cells.ts'
import type { HeatCells } from './heat-cells.ts'
import { seenWindow, xOf, yOf } from './heat-frame.ts'
import type { HeatCursor, HeatFrame } from './heat-frame.ts'
import { heatRamp } from './heat-ramp.ts'
import { timeTicks } from './time-ticks.ts'

/** What is painted of a heat map. */
export interface HeatPicture {
  readonly frame: HeatFrame
  readonly heat: HeatCells
  readonly order: ArrayLike<number>
  readonly fold: HeatFold
  readonly markers: readonly Marker[]
  readonly cursor: HeatCursor | undefined
  /** Times between which the pointer is dragged. */
  readonly dragged: readonly [from: number, to: number] | undefined
  readonly instant: number | undefined
  readonly isFocused: boolean
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif'

/** From this height on a row has its name beside it, in CSS pixels. */
const NAMED_FROM = 12

/** Markers with lines of their own; more would hide the cells. */
const LINES_MAX = 60

/** Cells as a picture with a pixel for each that is shown, and what it was made from. */
interface Tile {
  readonly canvas: HTMLCanvasElement
  readonly seen: HeatWindow
  readonly made: readonly unknown[]
}

/**
 * A painter of heat maps onto a canvas whose unit is a CSS pixel, `ratio` device pixels. It keeps the cells until others are
 * seen, so that a cursor or an instant that moves costs no look at them; else O(cells seen + pixels).
 */
export function heatPainter(
  pixels: () => CanvasRenderingContext2D,
  context: PageContext,
): (picture: HeatPicture, ratio: number) => void {
  let tile: Tile | undefined
  return (picture, ratio) => {
    const { frame, markers } = picture
    const canvas = pixels()
    tile = tileOf(picture, ratio, context, tile)
    canvas.clearRect(0, 0, frame.left + frame.width + 40, frame.top + frame.height + 40)
    canvas.fillStyle = context.colour('panel')
    canvas.fillRect(frame.left, frame.top, frame.width, frame.height)
    canvas.save()
    canvas.beginPath()
    canvas.rect(frame.left, frame.top, frame.width, frame.height)
    canvas.clip()
    paintTile(canvas, picture, tile)
    if (frame.rowHeight >= 6) paintRules(canvas, frame, tile.seen, context)
    canvas.restore()
    // Above the cells only: a shade over them would change what they say.
    drawMarkers(canvas, { ...frame, height: 0, ratio: 1, xOf: (at) => xOf(frame, at) }, markers, context)
    paintMarkerLines(canvas, frame, markers, context)
    paintNames(canvas, picture, context)
    paintTimes(canvas, frame, context)
    paintCursors(canvas, picture, context)
  }
}

function tileOf(
  { frame, heat, order, fold }: HeatPicture,
  ratio: number,
  context: PageContext,
  before: Tile | undefined,
): Tile {
  const seen = seenWindow(frame, heat)
  const { firstRow, endRow, firstSpan, endSpan } = seen
  const lines = Math.round((endRow - firstRow) * frame.rowHeight * ratio)
  const columns = Math.round(frame.width * ratio)
  const made = [heat, order, fold, context.theme.value, firstRow, endRow, firstSpan, endSpan, lines, columns]
  if (before !== undefined && made.every((value, index) => value === before.made[index])) return before
  const folded = foldCells(heat, order, seen, { linesMax: lines, columnsMax: columns, fold })
  const canvas = document.createElement('canvas')
  canvas.width = folded.columns
  canvas.height = folded.lines
  if (folded.values.length > 0) {
    const image = new ImageData(folded.columns, folded.lines)
    const colours = new Uint32Array(heatRamp(context.theme.value).bytes.buffer)
    const out = new Uint32Array(image.data.buffer)
    for (let at = 0; at < out.length; at++) out[at] = colours[folded.values[at] ?? 0] ?? 0
    canvas.getContext('2d')?.putImageData(image, 0, 0)
  }
  return { canvas, seen, made }
}

function paintTile(
  pixels: CanvasRenderingContext2D,
  { frame, heat }: HeatPicture,
  { canvas, seen }: Tile,
): void {
  if (canvas.width === 0 || canvas.height === 0) return
  const left = xOf(frame, seen.firstSpan * heat.spanSeconds)
  const right = xOf(frame, seen.endSpan * heat.spanSeconds)
  const height = (seen.endRow - seen.firstRow) * frame.rowHeight
  pixels.imageSmoothingEnabled = false
  pixels.drawImage(canvas, left, yOf(frame, seen.firstRow), right - left, height)
}

/** Lines across the map where something began and ended, with an edge that parts them from any cell. */
function paintMarkerLines(
  pixels: CanvasRenderingContext2D,
  frame: HeatFrame,
  markers: readonly Marker[],
  context: PageContext,
): void {
  for (const { at, until, kind } of markers.slice(0, LINES_MAX)) {
    for (const time of until === undefined ? [at] : [at, until]) {
      if (time < frame.range.from || time > frame.range.to) continue
      const x = Math.round(xOf(frame, time))
      pixels.fillStyle = context.colour('page')
      pixels.fillRect(x - 1, frame.top, 3, frame.height)
      pixels.fillStyle = context.colour(MARKER_COLOURS[kind])
      pixels.fillRect(x, frame.top, 1, frame.height)
    }
  }
}

/** A hair between rows, where they are high enough to lose one. */
function paintRules(
  pixels: CanvasRenderingContext2D,
  frame: HeatFrame,
  { firstRow, endRow }: HeatWindow,
  context: PageContext,
): void {
  pixels.fillStyle = context.colour('page')
  for (let place = firstRow; place <= endRow; place++) {
    pixels.fillRect(frame.left, yOf(frame, place) - 0.5, frame.width, 1)
  }
}

function paintNames(pixels: CanvasRenderingContext2D, picture: HeatPicture, context: PageContext): void {
  const { frame, heat, order } = picture
  pixels.font = FONT
  pixels.textAlign = 'right'
  pixels.textBaseline = 'middle'
  pixels.fillStyle = context.colour('muted')
  const every = frame.rowHeight >= NAMED_FROM ? 1 : Math.ceil(40 / frame.rowHeight)
  const seen = seenWindow(frame, heat)
  const first = Math.ceil(seen.firstRow / every) * every
  for (let place = first; place < seen.endRow; place += every) {
    const y = yOf(frame, place) + frame.rowHeight / 2
    if (y < frame.top + 4 || y > frame.top + frame.height - 4) continue
    const text = shortenedName(pixels, heat.names[order[place] ?? 0] ?? '', frame.left - 8)
    pixels.fillText(text, frame.left - 6, y)
  }
}

function paintTimes(pixels: CanvasRenderingContext2D, frame: HeatFrame, context: PageContext): void {
  pixels.font = FONT
  pixels.textBaseline = 'top'
  pixels.textAlign = 'center'
  const y = frame.top + frame.height
  for (const at of timeTicks(frame.range, frame.width / 90)) {
    const x = xOf(frame, at)
    pixels.fillStyle = context.colour('control')
    pixels.fillRect(Math.round(x), y, 1, 4)
    pixels.fillStyle = context.colour('muted')
    const half = pixels.measureText(timeText(at)).width / 2
    pixels.fillText(timeText(at), Math.min(Math.max(x, half), frame.left + frame.width - half), y + 7)
  }
}

function paintCursors(pixels: CanvasRenderingContext2D, picture: HeatPicture, context: PageContext): void {
  const { frame, heat, cursor, dragged, instant, isFocused } = picture
  if (instant !== undefined && instant >= frame.range.from && instant <= frame.range.to) {
    haloLine(pixels, xOf(frame, instant), frame, context)
  }
  if (dragged !== undefined) {
    const [from, to] = dragged.map((at) => xOf(frame, at)) as [number, number]
    pixels.globalAlpha = 0.25
    pixels.fillStyle = context.colour('accent')
    pixels.fillRect(from, frame.top, to - from, frame.height)
    pixels.globalAlpha = 1
  }
  if (cursor === undefined) return
  const y = yOf(frame, cursor.place)
  if (y + frame.rowHeight < frame.top || y > frame.top + frame.height) return
  const left = Math.max(xOf(frame, cursor.span * heat.spanSeconds), frame.left)
  const right = Math.min(xOf(frame, (cursor.span + 1) * heat.spanSeconds), frame.left + frame.width)
  const grow = Math.max(0, 4 - Math.min(right - left, frame.rowHeight) / 2)
  const box = [left - grow, y - grow, right - left + 2 * grow, frame.rowHeight + 2 * grow] as const
  pixels.lineWidth = 3.5
  pixels.strokeStyle = context.colour('page')
  pixels.strokeRect(...box)
  pixels.lineWidth = 1.5
  pixels.strokeStyle = isFocused ? context.colour('accent') : context.colour('text')
  pixels.strokeRect(...box)
}

function haloLine(pixels: CanvasRenderingContext2D, x: number, frame: HeatFrame, context: PageContext): void {
  const middle = Math.round(x)
  pixels.fillStyle = context.colour('page')
  pixels.fillRect(middle - 1.5, frame.top, 4, frame.height)
  pixels.fillStyle = context.colour('text')
  pixels.fillRect(middle - 0.25, frame.top - 4, 1.5, frame.height + 8)
}
