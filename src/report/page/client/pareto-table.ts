import type { ParetoPoint, ParetoView } from '../report-data.ts'
import { element } from './element.ts'
import { numberText } from './format.ts'

/** The points of a sweep as a table, those on the front first; made when it is opened. */
export function paretoTable({ x, y }: ParetoView, points: readonly ParetoPoint[]): HTMLElement {
  const details = element('details', { class: 'values' }, element('summary', {}, 'Points as a table'))
  const ordered = [...points].sort((one, other) => Number(other.isOnFront) - Number(one.isOnFront))
  details.addEventListener(
    'toggle',
    () => {
      details.append(
        element(
          'div',
          { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Table of points' },
          element(
            'table',
            {},
            element(
              'thead',
              {},
              element(
                'tr',
                {},
                element('th', { scope: 'col' }, 'point'),
                element('th', { scope: 'col', class: 'number' }, x.label),
                element('th', { scope: 'col', class: 'number' }, y.label),
                element('th', { scope: 'col' }, 'front'),
              ),
            ),
            element('tbody', {}, ...ordered.map(pointRow)),
          ),
        ),
      )
    },
    { once: true },
  )
  return details
}

function pointRow(point: ParetoPoint): HTMLElement {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, element('bdi', {}, point.label)),
    element('td', { class: 'number' }, numberText(point.x)),
    element('td', { class: 'number' }, numberText(point.y)),
    element('td', {}, point.isOnFront ? 'on the front' : ''),
  )
}
