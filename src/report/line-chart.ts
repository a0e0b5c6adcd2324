import { axisOf, placeOn, tickText } from './chart-axis.ts'
import type { AxisKind } from './chart-axis.ts'

/** One line of a chart. */
export interface ChartLine {
  readonly name: string
  /** A `y` that is NaN leaves a gap. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** What happened at a place of the x axis, or from there to another. */
export interface ChartMarker {
  readonly at: number
  readonly until?: number
  readonly label: string
}

/** What a chart shows. */
export interface LineChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  /** Whether both axes are logarithmic: then all numbers are above 0. Else the y axis starts at 0. */
  readonly isLogarithmic: boolean
  /** Whether the points are marked. */
  readonly hasMarks: boolean
  readonly lines: readonly ChartLine[]
  /** What the x axis is in: plain numbers, or times in seconds, whose axis ends with the last one. */
  readonly x?: Extract<AxisKind, 'linear' | 'time'>
  /** What the y axis is in: plain numbers, or shares that are shown as percentages. */
  readonly y?: Extract<AxisKind, 'linear' | 'share'>
  /** Whether what is below the lines is shaded. */
  readonly isArea?: boolean
  readonly markers?: readonly ChartMarker[]
}

const WIDTH = 760
const HEIGHT = 420
const PLOT = { left: 78, right: WIDTH - 34, top: 62, bottom: HEIGHT - 52 } as const
/** About the width of a letter of a name, and the space after it. */
const LETTER = 7.2
const GAP = 18
/** Names are written in them: each has 4.5:1 to white (WCAG 2.2). */
const COLOURS = ['#1f77b4', '#c4520a', '#00796b', '#d62728', '#86409c', '#8c564b']
/** Draws lines over two axes as SVG; the same chart gives the same bytes. */
export function lineChart(chart: LineChart): string {
  const points = chart.lines.flatMap((line) => line.points).filter(([, value]) => !Number.isNaN(value))
  const kindOf = (kind: AxisKind | undefined): AxisKind =>
    chart.isLogarithmic ? 'logarithmic' : (kind ?? 'linear')
  const x = axisOf(
    points.map(([value]) => value),
    kindOf(chart.x),
  )
  const y = axisOf(
    points.map(([, value]) => value),
    kindOf(chart.y),
  )
  const atX = (value: number): number => PLOT.left + placeOn(x, value) * (PLOT.right - PLOT.left)
  const atY = (value: number): number => PLOT.bottom - placeOn(y, value) * (PLOT.bottom - PLOT.top)
  const grid = [
    ...y.ticks.map((tick) => horizontal(atY(tick), tickText(tick, y.kind))),
    ...x.ticks.map((tick) => vertical(atX(tick), tickText(tick, x.kind))),
  ]
  const curves = chart.lines.map((line, index) => curve(line, colourOf(index), { atX, atY }, chart))
  const marks = (chart.markers ?? []).map((marker) => markerShape(marker, atX))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${PLOT.left}" y="20" font-size="14" font-weight="bold">${escaped(chart.title)}</text>
${legend(chart.lines).join('\n')}
${[...grid, ...marks].join('\n')}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(chart.xLabel)}</text>
<text transform="translate(16 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(chart.yLabel)}</text>
${curves.join('\n')}
</svg>
`
}

function horizontal(y: number, text: string): string {
  const line = `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#ddd"/>`
  return `${line}<text x="${PLOT.left - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end">${text}</text>`
}

function vertical(x: number, text: string): string {
  const line = `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="#eee"/>`
  return `${line}<text x="${x.toFixed(1)}" y="${PLOT.bottom + 18}" text-anchor="middle">${text}</text>`
}

/** The line in pieces between its gaps, what is below them, and marks at its points, as the chart wants. */
function curve(
  { points }: ChartLine,
  colour: string,
  { atX, atY }: { readonly atX: (value: number) => number; readonly atY: (value: number) => number },
  { hasMarks, isArea = false }: LineChart,
): string {
  const places = points.map(([x, y]) =>
    Number.isNaN(y) ? undefined : ([atX(x).toFixed(1), atY(y).toFixed(1)] as const),
  )
  const pieces = piecesOf(places)
  const shape = pieces.map((piece) => `M${piece.map(([x, y]) => `${x},${y}`).join('L')}`).join('')
  const line = `<path d="${shape}" fill="none" stroke="${colour}" stroke-width="1.8"/>`
  const area = isArea
    ? `<path d="${pieces.map(areaBelow).join('')}" fill="${colour}" fill-opacity="0.1"/>`
    : ''
  if (!hasMarks) return area + line
  const marks = pieces.flat().map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`)
  return area + line + marks.join('')
}

type Place = readonly [x: string, y: string]

function piecesOf(places: readonly (Place | undefined)[]): readonly (readonly Place[])[] {
  const pieces: Place[][] = [[]]
  for (const place of places) {
    if (place !== undefined) pieces.at(-1)?.push(place)
    else if (pieces.at(-1)?.length !== 0) pieces.push([])
  }
  return pieces.filter((piece) => piece.length > 0)
}

function areaBelow(piece: readonly Place[]): string {
  const bottom = PLOT.bottom.toFixed(1)
  const top = piece.map(([x, y]) => `${x},${y}`).join('L')
  return `M${piece[0]?.[0]},${bottom}L${top}L${piece.at(-1)?.[0]},${bottom}Z`
}

/** A line across the plot, or a band, with words that a pointer shows. */
function markerShape({ at, until = at, label }: ChartMarker, atX: (value: number) => number): string {
  const left = clampedX(atX(at))
  const width = Math.max(1, clampedX(atX(until)) - left)
  const place = `x="${left.toFixed(1)}" y="${PLOT.top}" width="${width.toFixed(1)}" height="${PLOT.bottom - PLOT.top}"`
  return `<rect ${place} fill="#d62728" fill-opacity="0.15"><title>${escaped(label)}</title></rect>`
}

function clampedX(x: number): number {
  return Math.min(PLOT.right, Math.max(PLOT.left, x))
}

/** Names side by side, and below where a line has no room. */
function legend(lines: readonly ChartLine[]): string[] {
  let x: number = PLOT.left
  let row = 0
  return lines.map(({ name }, index) => {
    const width = name.length * LETTER
    if (x > PLOT.left && x + width > PLOT.right) {
      x = PLOT.left
      row += 1
    }
    const text = `<text x="${x.toFixed(1)}" y="${38 + row * 15}" fill="${colourOf(index)}" font-weight="bold">${escaped(name)}</text>`
    x += width + GAP
    return text
  })
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#000'
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
