import { unpackColumn } from '../packed-column.ts'
import type { Chart, ChartLines, ChartPart, Marker } from '../report-data.ts'
import { chartLegend } from './chart-legend.ts'
import type { Legend } from './chart-legend.ts'
import { valueTable } from './chart-table.ts'
import { choice } from './choice.ts'
import type { PageContext } from './context.ts'
import { element } from './element.ts'
import { instantText, numberText, shareText } from './format.ts'
import { hearChart } from './chart-keys.ts'
import { followShown } from './make-context.ts'
import { observable } from './observable.ts'
import type { Observable } from './observable.ts'
import { drawTimeChart } from './time-chart.ts'
import type { TimeChart } from './time-chart.ts'

const HEIGHT = 190
/** Width of a chart on paper, in CSS pixels: A4 within its margins. */
const PAPER_WIDTH = 690

/** A chart's numbers, unpacked. */
export interface ChartColumns {
  readonly times: readonly number[]
  /** By line; undefined where there is no value. */
  readonly lines: readonly (readonly (number | undefined)[])[]
}

/**
 * A chart with its title, a legend whose lines can be hidden, the sentence that says what it shows, and its values as a table; a
 * choice of what it shows, where it has parts. The columns are unpacked when it comes near the window.
 */
export function chartFigure(chart: Chart, markers: readonly Marker[], context: PageContext): HTMLElement {
  const { parts = [] } = chart
  const shown = observable<ChartLines>(chart)
  const words = element('p', { class: 'words', id: `${chart.id}-${nextNumber()}` }, chart.summary)
  const plot = element('div', { class: 'plot' })
  plot.style.minHeight = `${HEIGHT}px`
  const legend = chartLegend(chart)
  const partName = element('span', { class: 'part-name' })
  const figure = element(
    'figure',
    { class: 'chart', 'data-chart': chart.id },
    element(
      'figcaption',
      {},
      element('h3', {}, chart.title, partName),
      parts.length === 0
        ? undefined
        : partChoice(parts, (part) => {
            partName.textContent = part === undefined ? '' : ` of ${part.name}`
            shown.set(part ?? chart)
          }),
      legend.root,
    ),
    plot,
    words,
  )
  shown.follow(({ summary }) => {
    words.textContent = summary
  })
  context.whenNear(figure, () => {
    drawFigure({ chart, shown, figure, plot, words, legend, markers }, context)
  })
  return figure
}

/** A choice of a part of what a chart shows, or of all. */
function partChoice(parts: readonly ChartPart[], choose: (part: ChartPart | undefined) => void): HTMLElement {
  const options = parts.map(({ name }, index) => [String(index), name] as const)
  return choice('Workload', [['', 'all'], ...options], (value) => {
    choose(value === '' ? undefined : parts[Number(value)])
  })
}

interface FigureParts {
  readonly chart: Chart
  readonly shown: Observable<ChartLines>
  readonly figure: HTMLElement
  readonly plot: HTMLElement
  readonly words: HTMLElement
  readonly legend: Legend
  readonly markers: readonly Marker[]
}

function drawFigure(
  { chart, shown, figure, plot, words, legend, markers }: FigureParts,
  context: PageContext,
): void {
  const isStepped = chart.isStepped === true
  const valueText = valueTextOf(chart.unit)
  const textOr = (value: number | undefined): string => (value === undefined ? '–' : valueText(value))
  let columns = unpackChart(shown.value)
  const valuesAt = (at: number): readonly (number | undefined)[] => {
    const index = isStepped ? standing(columns.times, at) : nearest(columns.times, at)
    return columns.lines.map((line) => line[index])
  }
  const textAt = (at: number): string => {
    const values = valuesAt(at)
    return `${instantText(at)}: ${chart.lines.map(({ name }, index) => `${name} ${textOr(values[index])}`).join(', ')}`
  }
  const topAtLeast = chart.id === 'utilisation' ? 1 : 0
  const drawn = drawTimeChart(
    plot,
    { ...columns, isStepped, markers, topAtLeast, valueText, height: HEIGHT },
    context,
  )
  keepDrawn(plot, drawn, context)
  legend.connect(drawn)
  const keys = { title: chart.title, describedBy: words.id, times: () => columns.times, textAt }
  hearChart(plot, keys, context)
  const showValues = (at: number | undefined): void => {
    legend.show(at === undefined ? [] : valuesAt(at).map(textOr))
  }
  followShown(context, showValues)
  let table = valueTable(chart, columns, textOr)
  figure.append(table)
  shown.follow((lines) => {
    columns = unpackChart(lines)
    drawn.replace(columns)
    showValues(context.pointed.value ?? context.instant.value)
    const fresh = valueTable(chart, columns, textOr)
    table.replaceWith(fresh)
    table = fresh
  })
}

let figures = 0

/** Makes ids different. */
function nextNumber(): number {
  figures += 1
  return figures
}

/** The numbers of a chart; NaN, which says that there is none, becomes undefined. */
function unpackChart({ time, lines }: ChartLines): ChartColumns {
  return {
    times: [...unpackColumn(time)],
    lines: lines.map((line) =>
      Array.from(unpackColumn(line.values), (value) => (Number.isNaN(value) ? undefined : value)),
    ),
  }
}

/** Index of the time nearest to an instant; times rise. */
export function nearest(times: readonly number[], at: number): number {
  let low = 0
  let high = times.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= at) low = middle
    else high = middle
  }
  return at - (times[low] ?? 0) <= (times[high] ?? 0) - at ? low : Math.max(high, 0)
}

/** Index of the last time that is not after an instant; 0 before the first. */
export function standing(times: readonly number[], at: number): number {
  const index = nearest(times, at)
  return index > 0 && (times[index] ?? 0) > at ? index - 1 : index
}

function valueTextOf(unit: Chart['unit']): (value: number) => string {
  if (unit === 'share') return shareText
  return unit === 'per_second' ? (value) => `${numberText(value)}/s` : numberText
}

/** Keeps the width of the screen or of paper, and the colours of the theme. */
function keepDrawn(plot: HTMLElement, drawn: TimeChart, { theme, signal }: PageContext): void {
  let isOnPaper = false
  const watcher = new ResizeObserver(() => {
    // What is told late of the screen would undo the width of paper.
    if (!isOnPaper) drawn.resize(plot.clientWidth)
  })
  watcher.observe(plot)
  signal.addEventListener('abort', () => {
    watcher.disconnect()
  })
  theme.follow(() => {
    drawn.redraw()
  }, signal)
  window.addEventListener(
    'beforeprint',
    () => {
      isOnPaper = true
      drawn.resize(PAPER_WIDTH)
    },
    { signal },
  )
  window.addEventListener(
    'afterprint',
    () => {
      isOnPaper = false
      drawn.resize(plot.clientWidth)
    },
    { signal },
  )
}
