import { moreButton } from './buttons.ts'
import type { Marker } from '../report-data.ts'
import type { PageContext, TimeRange } from './context.ts'
import { element } from './element.ts'
import { timeText } from './format.ts'
import { MARKER_COLOURS } from './marker-layer.ts'

/** Markers that are listed at once; the others on demand. */
const LISTED = 12

const KIND_WORDS: Readonly<Record<Marker['kind'], string>> = {
  failure: 'failure',
  scaling: 'scaling',
  action: 'action',
  'control-plane': 'control plane',
}

/** What happened, in order, with the numbers that charts show; pressing one shows its time in all charts. */
export function markerList(markers: readonly Marker[], context: PageContext): HTMLElement | undefined {
  if (markers.length === 0) return undefined
  const items = markers.map((marker, index) => element('li', {}, markerButton(marker, index, context)))
  const list = element('ol', { class: 'markers', 'aria-label': 'What happened' }, ...items.slice(0, LISTED))
  const text = `Show all ${items.length} events`
  const more = moreButton(list, items.slice(LISTED), { text, focused: 'button' })
  if (more === undefined) return list
  return element('div', { class: 'marker-box' }, list, more)
}

function markerButton(marker: Marker, index: number, context: PageContext): HTMLElement {
  const lasted = marker.until === undefined ? '' : `, lasted ${timeText(marker.until - marker.at)}`
  const number = element('span', { class: 'marker-number' }, String(index + 1))
  number.style.setProperty('--kind', `var(--${cssName(MARKER_COLOURS[marker.kind])})`)
  return element(
    'button',
    {
      type: 'button',
      class: 'marker',
      title: `${KIND_WORDS[marker.kind]} at ${timeText(marker.at)}${lasted}`,
      click: () => {
        context.zoom(around(marker, context.whole))
        context.instant.set(marker.at)
      },
    },
    number,
    element('span', { class: 'marker-label' }, element('bdi', {}, marker.label)),
    element('span', { class: 'marker-time' }, ` ${KIND_WORDS[marker.kind]}, ${timeText(marker.at)}${lasted}`),
  )
}

/** The marker with as much time again before it and twice as much after it, and a twentieth of the run at least. */
function around({ at, until }: Marker, { from, to }: TimeRange): TimeRange {
  const length = Math.max((until ?? at) - at, (to - from) / 20)
  return { from: at - length, to: at + 3 * length }
}

function cssName(colour: string): string {
  return colour.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
