import type { Marker } from '../../report-data.ts'
import type { PageContext, TimeRange } from '../context.ts'
import { element, svgElement } from '../element.ts'
import { timeText } from '../format.ts'
import { within } from './playback.ts'
import type { PlayerModel } from './player-model.ts'

/** Steps of the bar over the range that is shown. */
const STEPS = 4000

/** Markers that are drawn; more would be a block of colour. */
const MARKERS_MAX = 2000

/** A bar to scrub with; over it the markers, and of the pod that is chosen its wait, thin, and its time on its node. */
export function scrubBar(model: PlayerModel, context: PageContext): HTMLElement {
  const bar = element('input', {
    type: 'range',
    class: 'scrub',
    min: 0,
    max: STEPS,
    step: 1,
    'aria-label': 'Time',
    input: () => {
      const { from, to } = context.range.value
      model.goTo(from + (Number(bar.value) / STEPS) * (to - from))
    },
  })
  const strip = svgElement('svg', {
    class: 'scrub-strip',
    'aria-hidden': 'true',
    viewBox: '0 0 1000 14',
    preserveAspectRatio: 'none',
  })
  const ends = element('div', { class: 'scrub-ends' }, element('span'), element('output'), element('span'))
  const showAt = (): void => {
    const { from, to } = context.range.value
    const at = model.at.value
    bar.value = String(Math.round(((within(at, context.range.value) - from) / (to - from)) * STEPS))
    bar.setAttribute('aria-valuetext', timeText(at))
    if (ends.children[1] !== undefined) ends.children[1].textContent = `at ${timeText(at)}`
  }
  const showRange = (): void => {
    const range = context.range.value
    const [first, , last] = ends.children
    if (first !== undefined) first.textContent = timeText(range.from)
    if (last !== undefined) last.textContent = timeText(range.to)
    strip.replaceChildren(...marks(model.markers, range), ...lifeOf(model, range))
    showAt()
  }
  showRange()
  model.at.follow(showAt)
  model.chosen.follow(showRange)
  context.range.follow(showRange, context.signal)
  return element('div', { class: 'scrub-bar' }, strip, bar, ends)
}

function marks(markers: readonly Marker[], range: TimeRange): SVGElement[] {
  const seen = markers.filter(({ at, until }) => (until ?? at) >= range.from && at <= range.to)
  return seen.slice(0, MARKERS_MAX).map(({ at, until, kind, label }) => {
    const x = place(at, range)
    const width = Math.max(until === undefined ? 0 : place(until, range) - x, 2)
    return svgElement(
      'rect',
      { x, y: 0, width, height: 8, class: `mark mark-${kind}` },
      svgElement('title', {}, `${timeText(at)} ${label}`),
    )
  })
}

function lifeOf({ chosen, pods }: PlayerModel, range: TimeRange): SVGElement[] {
  if (chosen.value?.kind !== 'pod') return []
  const { pod } = chosen.value
  const [created, bound, ended] = [pods.createdAt, pods.boundAt, pods.endedAt].map((times) =>
    place(times[pod] ?? Infinity, range),
  ) as [number, number, number]
  const waited = Math.min(bound, ended) - created
  const wait = { x: created, y: 11.5, width: waited, height: 1, class: 'pod-life' }
  const life = { x: bound, y: 10, width: Math.max(ended - bound, 2), height: 4, class: 'pod-life' }
  const hadNode = pods.boundAt[pod] !== Infinity
  return [...(waited > 0 ? [wait] : []), ...(hadNode ? [life] : [])].map((rect) => svgElement('rect', rect))
}

function place(at: number, range: TimeRange): number {
  return ((within(at, range) - range.from) / (range.to - range.from)) * 1000
}
