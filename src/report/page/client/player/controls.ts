import { labelledButton, zoomButton } from '../buttons.ts'
import { choice } from '../choice.ts'
import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { timeText } from '../format.ts'
import { RESOURCE_WORDS } from './cluster-state.ts'
import type { ColourBy } from './colouring.ts'
import { SPEEDS, pace } from './playback.ts'
import type { PlayerModel } from './player-model.ts'

/** How far nodes are magnified at most. */
const ZOOM_MAX = 16

/** Markers that the list of places to go to offers. */
const MARKERS_MAX = 500

const COLOURS: readonly (readonly [by: ColourBy, words: string])[] = [
  ['qos', 'QoS class'],
  ['priority', 'priority'],
  ['workload', 'workload'],
]

/** Play, steps, speed, and what is shown in which colours. */
export function playerControls(model: PlayerModel, context: PageContext): HTMLElement {
  return element(
    'div',
    { class: 'player-controls controls' },
    element(
      'div',
      { class: 'control-group', role: 'group', 'aria-label': 'Playback' },
      ...playback(model, context),
    ),
    element(
      'div',
      { class: 'control-group', role: 'group', 'aria-label': 'Picture' },
      ...pictureChoices(model),
    ),
    element(
      'div',
      { class: 'control-group', role: 'group', 'aria-label': 'Size of the nodes' },
      element('span', { class: 'group-label', 'aria-hidden': 'true' }, 'Node size'),
      ...zoomButtons(model),
    ),
    element(
      'div',
      { class: 'control-group', role: 'search', 'aria-label': 'Pods to highlight' },
      ...search(model),
    ),
  )
}

function playback(model: PlayerModel, context: PageContext): HTMLElement[] {
  const play = element(
    'button',
    {
      type: 'button',
      class: 'play',
      click: () => {
        model.isPlaying.set(!model.isPlaying.value)
      },
    },
    '▶ Play',
  )
  model.isPlaying.follow((isPlaying) => {
    play.textContent = isPlaying ? '❚❚ Pause' : '▶ Play'
  })
  const step = (direction: 1 | -1, label: string, text: string): HTMLElement =>
    labelledButton(label, text, () => {
      stepEvent(model, direction)
    })
  const speed = choice(
    'Speed',
    SPEEDS.map((value) => [String(value), `${value}×`]),
    (value) => {
      model.speed.set(Number(value))
    },
  )
  const select = speed.querySelector('select')
  if (select !== null) select.value = String(model.speed.value)
  const paceText = element('span', { class: 'pace' })
  const showPace = (): void => {
    paceText.textContent = `${timeText(pace(model.speed.value, context.range.value))} a second`
  }
  showPace()
  model.speed.follow(showPace)
  context.range.follow(showPace, context.signal)
  return [
    step(-1, 'Event before (comma)', '◂ event'),
    play,
    step(1, 'Next event (full stop)', 'event ▸'),
    speed,
    paceText,
    ...jumpChoice(model),
  ]
}

/** Goes to the next instant at which a pod or a node changes, or the one before. */
export function stepEvent(model: PlayerModel, direction: 1 | -1): void {
  const at = model.placement.neighbour(model.at.value, direction)
  if (at !== undefined) model.goTo(at)
}

function jumpChoice(model: PlayerModel): HTMLElement[] {
  if (model.markers.length === 0) return []
  const shown = model.markers.slice(0, MARKERS_MAX)
  const jump = choice(
    'Go to',
    [
      ['', 'an incident…'],
      ...shown.map(({ at, label }, index) => [String(index), `${timeText(at)} ${label}`] as const),
    ],
    (value) => {
      const marker = value === '' ? undefined : shown[Number(value)]
      if (marker !== undefined) model.goTo(marker.at)
    },
    { class: 'jump' },
  )
  return [jump]
}

function pictureChoices(model: PlayerModel): HTMLElement[] {
  return [
    choice(
      'Fill by',
      model.resources.map((resource) => [resource, `${RESOURCE_WORDS[resource]} requested`]),
      (value) => {
        const resource = model.resources.find((one) => one === value)
        if (resource !== undefined) model.resource.set(resource)
      },
      { 'data-choice': 'resource' },
    ),
    choice(
      'Colour by',
      COLOURS,
      (value) => {
        const found = COLOURS.find(([by]) => by === value)
        if (found !== undefined) model.colourBy(found[0])
      },
      { 'data-choice': 'colour' },
    ),
  ]
}

function zoomButtons(model: PlayerModel): HTMLElement[] {
  return [
    zoomButton(model.zoom, ZOOM_MAX, ['Smaller nodes', '−', 1 / Math.SQRT2]),
    zoomButton(model.zoom, ZOOM_MAX, ['Larger nodes', '+', Math.SQRT2]),
  ]
}

function search(model: PlayerModel): HTMLElement[] {
  const input = element('input', {
    type: 'search',
    class: 'pod-search',
    placeholder: 'pod, workload or node',
    'aria-label': 'Highlight pods whose name, workload or node contains',
    input: () => {
      model.query.set({ ...model.query.value, text: input.value })
    },
  })
  const workloads = model.player.workloads.map((name, index) => [String(index), name] as const)
  const sorted = workloads.toSorted(([, one], [, other]) => (one < other ? -1 : Number(one > other)))
  const workload = choice('Workload', [['', 'all'], ...sorted], (value) => {
    model.query.set({ ...model.query.value, workload: value === '' ? undefined : Number(value) })
  })
  return [element('label', { class: 'choice' }, element('span', {}, 'Find'), input), workload]
}
