import type { RunView } from '../../report-data.ts'
import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { numberText } from '../format.ts'
import { playerControls, stepEvent } from './controls.ts'
import { detailsPanel } from './details.ts'
import { playerLegend } from './legend.ts'
import { nodeCanvas } from './node-canvas.ts'
import { startPlayLoop } from './play-loop.ts'
import { stepped } from './playback.ts'
import { playerModel } from './player-model.ts'
import type { PlayerModel } from './player-model.ts'
import { podList } from './pod-list.ts'
import { scrubBar } from './scrub-bar.ts'
import { stateLine } from './state-line.ts'
import { waitingLane } from './waiting-lane.ts'

const KEYS =
  'Space plays and pauses. Left and right move through time, with Shift finely; Home and End go to the ends of what is shown; ' +
  'comma and full stop go from event to event.'

/** Unpacks a run's player and fills an element with it. */
export function startPlayer(holder: HTMLElement, run: RunView, context: PageContext): void {
  if (run.player === undefined) return
  const model = playerModel(run.player, run.markers, context)
  const { player, pods } = model
  const root = element(
    'div',
    { class: 'player', role: 'group', 'aria-label': 'Player' },
    playerControls(model, context),
    scrubBar(model, context),
    stateLine(model, context),
    element('p', { class: 'player-keys quiet controls', id: 'player-keys' }, KEYS),
    element(
      'div',
      { class: 'player-picture' },
      element(
        'div',
        { class: 'player-main' },
        waitingLane(model, context),
        nodeCanvas(model, context),
        playerLegend(model, context),
      ),
      detailsPanel(model, context.signal),
    ),
    player.podCount > pods.count
      ? element(
          'p',
          { class: 'quiet' },
          `${numberText(pods.count)} of ${numberText(player.podCount)} pods are in this file; the shares here are those of these pods.`,
        )
      : undefined,
    podList(model, context.signal),
  )
  root.addEventListener('keydown', (event) => {
    if (handleKey(event, model, context)) event.preventDefault()
  })
  followChosenNode(model, context)
  startPlayLoop(model, context)
  holder.append(root)
}

function handleKey(event: KeyboardEvent, model: PlayerModel, context: PageContext): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey || hasKeysOfItsOwn(event)) return false
  const range = context.range.value
  switch (event.key) {
    case ' ':
      model.isPlaying.set(!model.isPlaying.value)
      return true
    case 'ArrowRight':
    case 'ArrowLeft':
      model.goTo(stepped(model.at.value, event.key === 'ArrowRight' ? 1 : -1, range, event.shiftKey))
      return true
    case 'Home':
      model.goTo(range.from)
      return true
    case 'End':
      model.goTo(range.to)
      return true
    case ',':
    case '.':
      stepEvent(model, event.key === '.' ? 1 : -1)
      return true
    case 'Escape':
      model.chosen.set(undefined)
      return true
    default:
      return false
  }
}

/** Buttons are pressed with space; texts and choices move by arrows. The bar for scrubbing is the player's own. */
function hasKeysOfItsOwn({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.matches('input.scrub')) return false
  if (target.matches('input, select, textarea')) return key !== 'Escape'
  return target.matches('button, summary') && key === ' '
}

/** A click into the heat map shows its node here. */
function followChosenNode({ chosen, player }: PlayerModel, { chosenNode, signal }: PageContext): void {
  const show = (name: string | undefined): void => {
    const node = name === undefined ? -1 : player.nodes.findIndex((one) => one.name === name)
    if (node >= 0) chosen.set({ kind: 'node', node })
  }
  show(chosenNode.value)
  chosenNode.follow(show, signal)
}
