import { zoomed } from './chart-keys.ts'
import type { PageContext } from './context.ts'
import { element } from './element.ts'
import { followShown } from './make-context.ts'
import { instantText, timeText } from './format.ts'

/** How much less of the time a press of the button shows. */
const NEARER = 0.5
/** By what part of what is shown a press moves. */
const MOVE = 0.5

/** What is shown of the run's time, in words, and buttons to change it: they act on all charts at once. */
export function timeBar(context: PageContext): HTMLElement {
  const { range, whole, instant, signal } = context
  const zoom = (factor: number) => (): void => {
    const { from, to } = range.value
    const about = instant.value ?? (from + to) / 2
    context.zoom(zoomed(range.value, about < from || about > to ? (from + to) / 2 : about, factor))
  }
  const move = (part: number) => (): void => {
    const { from, to } = range.value
    const by = (to - from) * part
    context.zoom({ from: from + by, to: to + by })
  }
  const shown = element('span', { class: 'shown' })
  const at = element('span', { class: 'instant' })
  const reset = barButton('All', 'Show the whole run', () => {
    context.zoom(whole)
  })
  const moves = [
    barButton('←', 'Earlier', move(-MOVE)),
    barButton('→', 'Later', move(MOVE)),
    barButton('+', 'Look closer', zoom(NEARER)),
    barButton('−', 'Look from farther away', zoom(1 / NEARER)),
    reset,
  ]
  const update = (): void => {
    const { from, to } = range.value
    const isWhole = from === whole.from && to === whole.to
    shown.textContent = isWhole
      ? `whole run, ${timeText(to)}`
      : `${instantText(Math.round(from))} – ${instantText(Math.round(to))}`
    reset.disabled = isWhole
  }
  update()
  range.follow(update, signal)
  followShown(context, (now) => {
    at.textContent = now === undefined ? '' : `at ${instantText(Math.round(now))}`
  })
  return element(
    'div',
    { class: 'time-bar controls', role: 'group', 'aria-label': 'Time shown in all charts' },
    at,
    shown,
    ...moves,
  )
}

function barButton(text: string, name: string, click: () => void): HTMLButtonElement {
  return element('button', { type: 'button', 'aria-label': name, title: name, click }, text)
}
