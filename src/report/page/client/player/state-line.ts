import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { timeText } from '../format.ts'
import { clusterState, stateSentence } from './cluster-state.ts'
import type { PlayerModel } from './player-model.ts'

/** Between two sentences that are shown while time goes by, in milliseconds. */
const SHOWN_EVERY = 250

/** How long the player must rest before a screen reader is told, in milliseconds. */
const TOLD_AFTER = 600

/** The cluster at the instant, in words: shown as it changes, told to screen readers when it rests. */
export function stateLine(model: PlayerModel, context: PageContext): HTMLElement {
  const shown = element('p', { class: 'player-state', id: 'player-state' })
  const told = element('p', { class: 'hidden', 'aria-live': 'polite', role: 'status' })
  const sentence = (): string =>
    `At ${timeText(model.at.value)}: ${stateSentence(clusterState(model.player, model.pods, model.placement))}`
  let showing: ReturnType<typeof setTimeout> | undefined
  let telling: ReturnType<typeof setTimeout> | undefined
  const show = (): void => {
    showing = undefined
    shown.textContent = sentence()
  }
  const tell = (): void => {
    told.textContent = sentence()
  }
  model.at.follow(() => {
    showing ??= setTimeout(show, model.isPlaying.value ? SHOWN_EVERY : 0)
    clearTimeout(telling)
    telling = setTimeout(tell, TOLD_AFTER)
  })
  context.signal.addEventListener('abort', () => {
    clearTimeout(showing)
    clearTimeout(telling)
  })
  show()
  return element('div', { class: 'player-words' }, shown, told)
}
