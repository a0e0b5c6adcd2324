import type { ComparedCell, ComparedMetric } from '../report-data.ts'
import { isClear, unitWords } from './difference.ts'
import { element, svgElement } from './element.ts'
import { numberText } from './format.ts'
import { labelledTicks, linearScale } from './linear-scale.ts'

const ROW = 20
const RIGHT = 14
const AXIS = 20
/** Letters of a scenario's name that there is room for, and how wide one is. */
const NAME_LENGTH = 24
const LETTER = 6.3
/** What is left for the plot beside the names. */
const PLOT = 208

/** Means of one metric as dots on their 95 % intervals, a row a scenario; filled where the difference is clear. */
export function intervalPlot(metric: ComparedMetric, scenarios: readonly string[]): HTMLElement {
  const names = Math.min(Math.max(...scenarios.map(({ length }) => length)), NAME_LENGTH) * LETTER + 10
  const width = names + PLOT + RIGHT
  const height = scenarios.length * ROW + AXIS
  const numbers = metric.cells.flatMap(({ mean, low, high }) =>
    [mean, low, high].filter((one) => one !== undefined),
  )
  const scale = linearScale(numbers, 3)
  const x = (value: number): number => names + scale.place(value) * PLOT
  const labelWidth = (Math.max(0, ...scale.ticks.map((tick) => numberText(tick).length)) + 1) * LETTER
  const labelled = new Set(labelledTicks(scale, PLOT, labelWidth))
  const base = metric.cells[0]?.mean
  return element(
    'figure',
    { class: 'interval-plot' },
    element('figcaption', {}, metric.label, element('span', { class: 'quiet' }, unitWords(metric))),
    svgElement(
      'svg',
      {
        viewBox: `0 0 ${width} ${height}`,
        width,
        height,
        role: 'img',
        'aria-label': spoken(metric, scenarios),
      },
      ...scale.ticks.flatMap((tick) => [
        svgElement('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: 0, y2: height - AXIS }),
        svgElement(
          'text',
          { class: 'tick', x: x(tick), y: height - 5, 'text-anchor': 'middle' },
          labelled.has(tick) ? numberText(tick) : '',
        ),
      ]),
      base === undefined
        ? undefined
        : svgElement('line', { class: 'base', x1: x(base), x2: x(base), y1: 0, y2: height - AXIS }),
      ...scenarios.flatMap((scenario, row) => intervalRow(scenario, metric.cells[row] ?? {}, row, x)),
    ),
  )
}

function intervalRow(
  scenario: string,
  cell: ComparedCell,
  row: number,
  x: (value: number) => number,
): SVGElement[] {
  const y = row * ROW + ROW / 2
  const name = svgElement(
    'text',
    { class: 'row-name', x: 0, y: y + 4 },
    svgElement('title', {}, scenario),
    shortened(scenario),
  )
  if (cell.mean === undefined) return [name]
  const { mean, low = mean, high = mean } = cell
  const kind = row === 0 ? 'first' : isClear(cell) ? 'clear' : 'unclear'
  return [
    name,
    svgElement('line', { class: `interval-line ${kind}`, x1: x(low), x2: x(high), y1: y, y2: y }),
    svgElement('circle', { class: `dot ${kind}`, cx: x(mean), cy: y, r: 4 }),
  ]
}

function shortened(name: string): string {
  return name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH - 1)}…`
}

function spoken(metric: ComparedMetric, scenarios: readonly string[]): string {
  const parts = scenarios.map((scenario, index) => {
    const { mean, low, high } = metric.cells[index] ?? {}
    if (mean === undefined) return `${scenario}: none`
    const interval =
      low === undefined || high === undefined ? '' : `, ${numberText(low)} to ${numberText(high)}`
    return `${scenario}: ${numberText(mean)}${interval}`
  })
  return `${metric.label}. ${parts.join('; ')}`
}
