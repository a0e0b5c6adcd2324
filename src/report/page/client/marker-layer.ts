import type { Marker } from '../report-data.ts'
import type { PageContext } from './context.ts'
import type { ColourName } from './palette.ts'

/** The part of a canvas that a chart draws in, in its pixels. */
export interface MarkerFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Pixels of the canvas to one of CSS. */
  readonly ratio: number
  readonly xOf: (seconds: number) => number
}

/** The colour of a kind of marker. */
export const MARKER_COLOURS: Readonly<Record<Marker['kind'], ColourName>> = {
  failure: 'failure',
  scaling: 'scaling',
  action: 'action',
  'control-plane': 'controlPlane',
}

/** No two numbers of markers stand nearer than this, in CSS pixels. */
const NUMBER_ROOM = 14

/**
 * Draws what happened behind the lines of a chart: a shade where it lasted, a line where it was an instant, and above it the
 * number that it has in the list of markers.
 */
export function drawMarkers(
  canvas: CanvasRenderingContext2D,
  frame: MarkerFrame,
  markers: readonly Marker[],
  context: PageContext,
): void {
  const { left, top, width, height, ratio } = frame
  canvas.save()
  canvas.beginPath()
  canvas.rect(left, 0, width, top + height)
  canvas.clip()
  canvas.font = `600 ${10 * ratio}px system-ui, "Liberation Sans", Arial, sans-serif`
  canvas.textAlign = 'center'
  canvas.textBaseline = 'middle'
  const taken: number[] = []
  for (const [index, marker] of markers.entries()) {
    const from = frame.xOf(marker.at)
    const to = frame.xOf(marker.until ?? marker.at)
    if (to < left || from > left + width) continue
    canvas.fillStyle = context.colour(MARKER_COLOURS[marker.kind])
    shade(canvas, frame, from, to)
    const middle = Math.min(Math.max((from + to) / 2, left + 6 * ratio), left + width - 6 * ratio)
    // A long span may have its number behind those of others that began later.
    if (taken.some((other) => Math.abs(other - middle) < NUMBER_ROOM * ratio)) continue
    canvas.fillText(String(index + 1), middle, top - 9 * ratio)
    taken.push(middle)
  }
  canvas.restore()
}

function shade(
  canvas: CanvasRenderingContext2D,
  { top, height, ratio }: MarkerFrame,
  from: number,
  to: number,
): void {
  const line = Math.max(1, Math.round(ratio))
  if (to - from > 2 * line) {
    canvas.globalAlpha = 0.13
    canvas.fillRect(from, top, to - from, height)
    canvas.globalAlpha = 1
    canvas.fillRect(from, top - 3 * ratio, to - from, 2 * ratio)
  } else {
    canvas.globalAlpha = 0.75
    canvas.fillRect(Math.round(from), top - 3 * ratio, line, height + 3 * ratio)
    canvas.globalAlpha = 1
  }
}
