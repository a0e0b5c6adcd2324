import { svgElement } from './element.ts'
import { lineLook } from './palette.ts'

/** The mark of a line in a legend: its colour and its dashes. */
export function lineKey(index: number): SVGElement {
  const { colour, dash } = lineLook(index)
  return svgElement(
    'svg',
    { class: 'line-key', width: 26, height: 8, 'aria-hidden': 'true' },
    svgElement('line', {
      x1: 0,
      x2: 26,
      y1: 4,
      y2: 4,
      'stroke-width': 2,
      'stroke-dasharray': dash.join(' '),
      style: `stroke:var(--${colour})`,
    }),
  )
}
