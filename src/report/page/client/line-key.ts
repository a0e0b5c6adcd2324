import { svgElement } from './element.ts'
import { DASHES, SERIES } from './palette.ts'

/** The mark of a line in a legend: its colour and its dashes. */
export function lineKey(index: number): SVGElement {
  const colour = SERIES[index % SERIES.length] ?? 'series1'
  return svgElement(
    'svg',
    { class: 'line-key', width: 26, height: 8, 'aria-hidden': 'true' },
    svgElement('line', {
      x1: 0,
      x2: 26,
      y1: 4,
      y2: 4,
      'stroke-width': 2,
      'stroke-dasharray': (DASHES[index % DASHES.length] ?? []).join(' '),
      style: `stroke:var(--${colour})`,
    }),
  )
}
