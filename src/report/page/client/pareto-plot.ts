import type { ParetoPoint, ParetoView } from '../report-data.ts'
import { element, svgElement } from './element.ts'
import { countText, numberText } from './format.ts'
import { linearScale } from './linear-scale.ts'
import { paretoTable } from './pareto-table.ts'

const WIDTH = 720
const HEIGHT = 320
const LEFT = 64
const TOP = 14
const RIGHT = 16
const BOTTOM = 44

/**
 * Points of a sweep by two metrics, those of the front joined. One point can be reached by Tab, the others from it by arrow
 * keys; what is reached is read out, and shown in words below.
 */
export function paretoPlot(view: ParetoView): HTMLElement {
  const { x, y } = view
  const points = [...view.points].sort((one, other) => one.x - other.x || one.y - other.y)
  const front = points.filter(({ isOnFront }) => isOnFront)
  const words = element('p', { class: 'words pareto-words', 'aria-hidden': 'true' })
  words.textContent = 'Point at a mark, or reach it with Tab and arrow keys, to see what it is.'
  const say = (point: ParetoPoint): void => {
    words.textContent = pointText(point, view)
  }
  return element(
    'figure',
    { class: 'pareto' },
    element('figcaption', {}, element('h3', {}, `${y.label} against ${x.label}`)),
    element(
      'p',
      { class: 'words' },
      `${countText(front.length, 'point')} of ${points.length} on the front: no other is better in one and as good in the other. `,
      `Better is ${betterText(x)}, and ${betterText(y)}.`,
    ),
    element('div', { class: 'scroll' }, scatter(view, points, say)),
    words,
    paretoTable(view, points),
  )
}

function scatter(
  view: ParetoView,
  points: readonly ParetoPoint[],
  say: (point: ParetoPoint) => void,
): SVGElement {
  const xScale = linearScale(
    points.map((point) => point.x),
    7,
  )
  const yScale = linearScale(
    points.map((point) => point.y),
    5,
  )
  const at = (point: { readonly x: number; readonly y: number }): readonly [number, number] => [
    LEFT + xScale.place(point.x) * (WIDTH - LEFT - RIGHT),
    TOP + (1 - yScale.place(point.y)) * (HEIGHT - TOP - BOTTOM),
  ]
  const marks = points.map((point, index) => pointMark(point, at(point), pointText(point, view), index === 0))
  const plot = svgElement(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'listbox',
      'aria-label': `Points: ${view.y.label} against ${view.x.label}`,
    },
    svgElement(
      'g',
      { 'aria-hidden': 'true' },
      ...xScale.ticks.flatMap((tick) => xTick(at({ x: tick, y: yScale.low })[0], tick)),
      ...yScale.ticks.flatMap((tick) => yTick(at({ x: xScale.low, y: tick })[1], tick)),
      svgElement(
        'text',
        { class: 'axis-name', x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' },
        view.x.label,
      ),
      svgElement(
        'text',
        {
          class: 'axis-name',
          transform: `translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`,
          'text-anchor': 'middle',
        },
        view.y.label,
      ),
      svgElement('polyline', {
        class: 'front',
        points: stairs(points.filter((point) => point.isOnFront).map(at)),
      }),
    ),
    ...marks,
  )
  hearPoints(plot, marks, points, say)
  return plot
}

/** The front as stairs: between two points of it, the worse of both is what is reached. */
function stairs(front: readonly (readonly [number, number])[]): string {
  return front
    .flatMap(([x, y], index) => {
      const before = front[index - 1]
      return before === undefined ? [`${x},${y}`] : [`${x},${before[1]}`, `${x},${y}`]
    })
    .join(' ')
}

function pointMark(
  { isOnFront }: ParetoPoint,
  [x, y]: readonly [number, number],
  text: string,
  isFirst: boolean,
): SVGElement {
  return svgElement(
    'g',
    {
      class: isOnFront ? 'point on-front' : 'point',
      role: 'option',
      'aria-selected': String(isFirst),
      'aria-label': text,
      tabindex: isFirst ? 0 : -1,
      transform: `translate(${x} ${y})`,
    },
    svgElement('circle', { class: 'halo', r: 10 }),
    isOnFront
      ? svgElement('rect', { x: -4.5, y: -4.5, width: 9, height: 9, transform: 'rotate(45)' })
      : svgElement('circle', { class: 'mark', r: 3.5 }),
    svgElement('title', {}, text),
  )
}

function hearPoints(
  plot: SVGElement,
  marks: readonly SVGElement[],
  points: readonly ParetoPoint[],
  say: (point: ParetoPoint) => void,
): void {
  const select = (index: number): void => {
    for (const [other, mark] of marks.entries()) {
      mark.setAttribute('tabindex', other === index ? '0' : '-1')
      mark.setAttribute('aria-selected', String(other === index))
    }
    const point = points[index]
    if (point !== undefined) say(point)
  }
  for (const [index, mark] of marks.entries()) {
    mark.addEventListener('focus', () => {
      select(index)
    })
    mark.addEventListener('pointerenter', () => {
      const point = points[index]
      if (point !== undefined) say(point)
    })
  }
  plot.addEventListener('keydown', (event) => {
    const at = marks.findIndex((mark) => mark === document.activeElement)
    const next = KEYS[event.key]?.(at, marks.length - 1)
    if (at < 0 || next === undefined) return
    event.preventDefault()
    marks[Math.min(Math.max(next, 0), marks.length - 1)]?.focus()
  })
}

const KEYS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at) => at - 1,
  Home: () => 0,
  End: (_at, last) => last,
}

function xTick(x: number, tick: number): SVGElement[] {
  return [
    svgElement('line', { class: 'grid', x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM }),
    svgElement(
      'text',
      { class: 'tick', x, y: HEIGHT - BOTTOM + 15, 'text-anchor': 'middle' },
      numberText(tick),
    ),
  ]
}

function yTick(y: number, tick: number): SVGElement[] {
  return [
    svgElement('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
    svgElement('text', { class: 'tick', x: LEFT - 7, y: y + 4, 'text-anchor': 'end' }, numberText(tick)),
  ]
}

function pointText(point: ParetoPoint, { x, y }: ParetoView): string {
  const where = point.isOnFront ? ', on the front' : ''
  return `${point.label}: ${x.label} ${numberText(point.x)}, ${y.label} ${numberText(point.y)}${where}`
}

function betterText({ label, better }: ParetoView['x']): string {
  return `${better} ${label}`
}
