/** One line of a chart. */
export interface ChartLine {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
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
}

const WIDTH = 760
const HEIGHT = 420
const PLOT = { left: 78, right: WIDTH - 34, top: 62, bottom: HEIGHT - 52 } as const
/** About the width of a letter of a name, and the space after it. */
const LETTER = 7.2
const GAP = 18
const COLOURS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b']
/** Steps between the marks of a linear axis, times a power of ten. */
const STEPS = [1, 2, 5, 10]
const TICKS_MAX = 8

interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
  readonly isLogarithmic: boolean
}

/** Draws lines over two axes as SVG; the same chart gives the same bytes. */
export function lineChart(chart: LineChart): string {
  const points = chart.lines.flatMap((line) => line.points)
  const x = axisOf(
    points.map(([value]) => value),
    chart.isLogarithmic,
  )
  const y = axisOf(
    points.map(([, value]) => value),
    chart.isLogarithmic,
  )
  const atX = (value: number): number => PLOT.left + place(value, x) * (PLOT.right - PLOT.left)
  const atY = (value: number): number => PLOT.bottom - place(value, y) * (PLOT.bottom - PLOT.top)
  const grid = [
    ...y.ticks.map((tick) => horizontal(atY(tick), tickText(tick))),
    ...x.ticks.map((tick) => vertical(atX(tick), tickText(tick))),
  ]
  const curves = chart.lines.map((line, index) => curve(line, colourOf(index), { atX, atY }, chart.hasMarks))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${PLOT.left}" y="20" font-size="14" font-weight="bold">${escaped(chart.title)}</text>
${legend(chart.lines).join('\n')}
${grid.join('\n')}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(chart.xLabel)}</text>
<text transform="translate(16 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(chart.yLabel)}</text>
${curves.join('\n')}
</svg>
`
}

function axisOf(values: readonly number[], isLogarithmic: boolean): Axis {
  const least = values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY)
  const most = values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY)
  if (values.length === 0) return { low: 0, high: 1, ticks: [0, 1], isLogarithmic: false }
  return isLogarithmic ? logarithmicAxis(least, most) : linearAxis(most)
}

/** From one power of ten to another. */
function logarithmicAxis(least: number, most: number): Axis {
  const first = Math.floor(Math.log10(least))
  const last = Math.max(first + 1, Math.ceil(Math.log10(most)))
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
  return { low: first, high: last, ticks, isLogarithmic: true }
}

function linearAxis(most: number): Axis {
  const range = most <= 0 ? 1 : most
  const power = 10 ** Math.floor(Math.log10(range / TICKS_MAX))
  const step = power * (STEPS.find((factor) => range / (power * factor) <= TICKS_MAX) ?? 10)
  const count = Math.ceil(range / step - 1e-9)
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step)
  return { low: 0, high: count * step, ticks, isLogarithmic: false }
}

function place(value: number, { low, high, isLogarithmic }: Axis): number {
  return ((isLogarithmic ? Math.log10(value) : value) - low) / (high - low)
}

function tickText(value: number): string {
  const rounded = Number(value.toPrecision(6))
  return rounded >= 1 || rounded === 0 ? rounded.toLocaleString('en') : String(rounded)
}

function horizontal(y: number, text: string): string {
  const line = `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#ddd"/>`
  return `${line}<text x="${PLOT.left - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end">${text}</text>`
}

function vertical(x: number, text: string): string {
  const line = `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="#eee"/>`
  return `${line}<text x="${x.toFixed(1)}" y="${PLOT.bottom + 18}" text-anchor="middle">${text}</text>`
}

function curve(
  { points }: ChartLine,
  colour: string,
  { atX, atY }: { readonly atX: (value: number) => number; readonly atY: (value: number) => number },
  hasMarks: boolean,
): string {
  const places = points.map(([x, y]) => [atX(x).toFixed(1), atY(y).toFixed(1)] as const)
  const shape = places.map(([x, y]) => `${x},${y}`).join('L')
  const line = `<path d="M${shape}" fill="none" stroke="${colour}" stroke-width="1.8"/>`
  if (!hasMarks) return line
  return line + places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`).join('')
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
