import { unpackColumn } from '../packed-column.ts'
import type { Chart, Marker } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { element } from './element.ts'
import { instantText, numberText, shareText, timeText } from './format.ts'
import { lineKey } from './line-key.ts'
import { hearChart } from './chart-keys.ts'
import { followShown } from './make-context.ts'
import { drawTimeChart } from './time-chart.ts'
import type { TimeChart } from './time-chart.ts'

const HEIGHT = 190
/** Width of a chart on paper, in CSS pixels: A4 within its margins. */
const PAPER_WIDTH = 690
/** Rows of the table of a chart. */
const TABLE_ROWS = 24

/** A chart's numbers, unpacked. */
export interface ChartColumns {
  readonly times: readonly number[]
  /** By line; undefined where there is no value. */
  readonly lines: readonly (readonly (number | undefined)[])[]
}

/**
 * A chart with its title, a legend whose lines can be hidden, the sentence that says what it shows, and its values as a table.
 * The columns are unpacked when it comes near the window.
 */
export function chartFigure(chart: Chart, markers: readonly Marker[], context: PageContext): HTMLElement {
  const valueText = valueTextOf(chart.unit)
  const words = element('p', { class: 'words', id: `${chart.id}-${nextNumber()}` }, chart.summary)
  const plot = element('div', { class: 'plot' })
  plot.style.minHeight = `${HEIGHT}px`
  const legend = legendOf(chart)
  const figure = element(
    'figure',
    { class: 'chart', 'data-chart': chart.id },
    element('figcaption', {}, element('h3', {}, chart.title), legend.root),
    plot,
    words,
  )
  context.whenNear(figure, () => {
    const columns = unpackChart(chart)
    const drawn = drawTimeChart(
      plot,
      { ...columns, markers, topAtLeast: chart.id === 'utilisation' ? 1 : 0, valueText, height: HEIGHT },
      context,
    )
    keepDrawn(plot, drawn, context)
    legend.connect(drawn)
    const valuesAt = (at: number): readonly (number | undefined)[] => {
      const index = nearest(columns.times, at)
      return columns.lines.map((line) => line[index])
    }
    hearChart(plot, { title: chart.title, describedBy: words.id, times: columns.times, textAt }, context)
    function textAt(at: number): string {
      const values = valuesAt(at)
      const texts = chart.lines.map(({ name }, index) => `${name} ${valueTextOr(values[index], valueText)}`)
      return `${instantText(at)}: ${texts.join(', ')}`
    }
    const showValues = (at: number | undefined): void => {
      legend.show(at === undefined ? [] : valuesAt(at).map((value) => valueTextOr(value, valueText)))
    }
    followShown(context, showValues)
    figure.append(valueTable(chart, columns, valueText))
  })
  return figure
}

let figures = 0

/** Makes ids different. */
function nextNumber(): number {
  figures += 1
  return figures
}

/** The numbers of a chart; NaN, which says that there is none, becomes undefined. */
export function unpackChart(chart: Chart): ChartColumns {
  return {
    times: [...unpackColumn(chart.time)],
    lines: chart.lines.map((line) =>
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

function valueTextOf(unit: Chart['unit']): (value: number) => string {
  if (unit === 'share') return shareText
  return unit === 'per_second' ? (value) => `${numberText(value)}/s` : numberText
}

function valueTextOr(value: number | undefined, text: (value: number) => string): string {
  return value === undefined ? '–' : text(value)
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

interface Legend {
  readonly root: HTMLElement
  /** From now on its buttons show and hide lines of the chart. */
  connect(drawn: TimeChart): void
  /** Shows a value beside each name; nothing for none. */
  show(values: readonly string[]): void
}

function legendOf(chart: Chart): Legend {
  let drawn: TimeChart | undefined
  const values = chart.lines.map(() => element('span', { class: 'value' }))
  const buttons = chart.lines.map(({ name }, index) => {
    const button = element(
      'button',
      {
        type: 'button',
        class: 'key',
        'aria-pressed': 'true',
        title: `Show or hide ${name}`,
        click: () => {
          const isShown = button.getAttribute('aria-pressed') !== 'true'
          button.setAttribute('aria-pressed', String(isShown))
          drawn?.show(index, isShown)
        },
      },
      lineKey(index),
      element('span', { class: 'name' }, name),
      values[index],
    )
    return button
  })
  return {
    root: element(
      'div',
      { class: 'legend', role: 'group', 'aria-label': `Lines of ${chart.title}` },
      ...buttons,
    ),
    connect(chartDrawn) {
      drawn = chartDrawn
    },
    show(texts) {
      for (const [index, value] of values.entries()) value.textContent = texts[index] ?? ''
    },
  }
}

function valueTable(chart: Chart, columns: ChartColumns, valueText: (value: number) => string): HTMLElement {
  const details = element(
    'details',
    { class: 'values' },
    element('summary', {}, 'Values as a table', element('span', { class: 'hidden' }, ` of ${chart.title}`)),
  )
  details.addEventListener(
    'toggle',
    () => {
      details.append(
        element('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': chart.title }, tableOf()),
      )
    },
    { once: true },
  )
  function tableOf(): HTMLElement {
    const count = columns.times.length
    const rows = Math.min(count, TABLE_ROWS)
    const indices = Array.from({ length: rows }, (_, row) =>
      Math.round((row * (count - 1)) / Math.max(rows - 1, 1)),
    )
    return element(
      'table',
      {},
      element('caption', { class: 'hidden' }, `${chart.title}: ${rows} of ${count} points`),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'time'),
          ...chart.lines.map(({ name }) => element('th', { scope: 'col', class: 'number' }, name)),
        ),
      ),
      element(
        'tbody',
        {},
        ...indices.map((index) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, timeText(columns.times[index] ?? 0)),
            ...columns.lines.map((line) =>
              element('td', { class: 'number' }, valueTextOr(line[index], valueText)),
            ),
          ),
        ),
      ),
    )
  }
  return details
}
