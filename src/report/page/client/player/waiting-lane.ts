import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { countText, numberText, timeText } from '../format.ts'
import { onceAFrame } from '../once-a-frame.ts'
import { FADED } from './paint-nodes.ts'
import { groupColours } from './colouring.ts'
import { amountText } from './pod-words.ts'
import type { PlayerModel } from './player-model.ts'

/** Side of a pod's square and the gap to the next, in CSS pixels. */
const SIDE = 12
const GAP = 3
const STEP = SIDE + GAP
/** Rows of squares at most: what does not fit is a number. */
const ROWS_MAX = 3

/** What the lane shows: squares in rows, `more` pods beside them. */
interface LaneLayout {
  readonly columns: number
  readonly rows: readonly number[]
  readonly more: number
}

/**
 * Pods that wait for a node, those that wait longest first, as squares of one size above the nodes: no more than three rows, and how
 * many more there are. Its height is that of the most that wait at an instant of the run, so that nothing below moves. Undefined
 * where no pod ever waits.
 */
export function waitingLane(model: PlayerModel, context: PageContext): HTMLElement | undefined {
  const peak = model.placement.waitingPeak()
  if (peak === 0) return undefined
  const canvas = element('canvas', { class: 'lane-canvas', role: 'img' })
  const tip = element('div', { class: 'canvas-tip', hidden: true, 'aria-hidden': 'true' })
  const count = element('span', { class: 'lane-count' })
  const more = element('span', { class: 'lane-more quiet' })
  const root = element(
    'div',
    { class: 'waiting-lane' },
    element('p', { class: 'lane-title' }, 'Waiting for a node: ', count, more),
    element('div', { class: 'lane-pods' }, canvas, tip),
  )
  const layout = (): LaneLayout => {
    const columns = Math.max(1, Math.floor((canvas.clientWidth + GAP) / STEP))
    const rows = model.placement.waiting.first(columns * ROWS_MAX)
    return { columns, rows, more: model.placement.waiting.count - rows.length }
  }
  const paint = (): void => {
    const lines = Math.min(ROWS_MAX, Math.ceil((peak * STEP) / Math.max(STEP, canvas.clientWidth + GAP)))
    canvas.style.height = `${lines * STEP - GAP}px`
    const laid = layout()
    const waiting = model.placement.waiting.count
    count.textContent = waiting === 0 ? 'none' : countText(waiting, 'pod')
    more.textContent =
      laid.more > 0 ? `, ${numberText(laid.rows.length)} shown, +${numberText(laid.more)} more` : ''
    canvas.setAttribute('aria-label', laneText(model))
    paintLane(canvas, laid, model, context)
  }
  paintOnChange(canvas, paint, model, context)
  const podAt = ({ offsetX, offsetY }: MouseEvent): number | undefined => {
    const { columns, rows } = layout()
    const column = Math.floor(offsetX / STEP)
    return column < columns ? rows[Math.floor(offsetY / STEP) * columns + column] : undefined
  }
  canvas.addEventListener('click', (event) => {
    const pod = podAt(event)
    model.chosen.set(pod === undefined ? undefined : { kind: 'pod', pod })
  })
  canvas.addEventListener('pointermove', (event) => {
    const pod = podAt(event)
    tip.hidden = pod === undefined
    if (pod === undefined) return
    tip.textContent = tipText(model, pod)
    const isRight = event.offsetX > canvas.clientWidth / 2
    tip.style.left = isRight ? 'auto' : `${event.offsetX + 14}px`
    tip.style.right = isRight ? `${canvas.clientWidth - event.offsetX + 14}px` : 'auto'
    tip.style.top = `${event.offsetY + 14}px`
  })
  canvas.addEventListener('pointerleave', () => {
    tip.hidden = true
  })
  return root
}

/** Paints a frame after something changed, and at once for the printer. */
function paintOnChange(
  canvas: HTMLElement,
  paint: () => void,
  model: PlayerModel,
  context: PageContext,
): void {
  const { signal } = context
  const want = onceAFrame(paint, signal)
  for (const shown of [model.at, model.colouring, model.matches, model.chosen]) shown.follow(want)
  context.theme.follow(want, signal)
  globalThis.addEventListener('beforeprint', paint, { signal })
  const observer = new ResizeObserver(want)
  observer.observe(canvas)
  signal.addEventListener('abort', () => {
    observer.disconnect()
  })
}

function paintLane(
  canvas: HTMLCanvasElement,
  { columns, rows }: LaneLayout,
  model: PlayerModel,
  context: PageContext,
): void {
  const ratio = Math.max(1, window.devicePixelRatio)
  canvas.width = Math.round(canvas.clientWidth * ratio)
  canvas.height = Math.round(canvas.clientHeight * ratio)
  const pixels = canvas.getContext('2d')
  if (pixels === null) return
  pixels.scale(ratio, ratio)
  const fills = groupColours(model.colouring.value, context.theme.value)
  const { groupOf } = model.colouring.value
  const matches = model.matches.value
  for (const [index, row] of rows.entries()) {
    const [x, y] = [(index % columns) * STEP, Math.floor(index / columns) * STEP]
    pixels.globalAlpha = matches !== undefined && matches[row] === 0 ? FADED : 1
    pixels.fillStyle = fills[groupOf[row] ?? 0] ?? context.colour('muted')
    pixels.fillRect(x, y, SIDE, SIDE)
    pixels.globalAlpha = 1
    if (model.chosen.value?.kind !== 'pod' || model.chosen.value.pod !== row) continue
    pixels.strokeStyle = context.colour('page')
    pixels.lineWidth = 1
    pixels.strokeRect(x + 2.5, y + 2.5, SIDE - 5, SIDE - 5)
    pixels.strokeStyle = context.colour('text')
    pixels.lineWidth = 2
    pixels.strokeRect(x + 1, y + 1, SIDE - 2, SIDE - 2)
  }
}

/** The lane in words. */
function laneText({ placement, pods, at, colouring }: PlayerModel): string {
  const { waiting } = placement
  const [first] = waiting.first(1)
  if (first === undefined) return 'No pod waits for a node.'
  const longest = `${pods.names[first]}, for ${timeText(at.value - (pods.createdAt[first] ?? 0))}`
  return `${countText(waiting.count, 'pod waits', 'pods wait')} for a node, coloured by ${colouring.value.by}; longest ${longest}.`
}

function tipText({ pods, resources, at }: PlayerModel, pod: number): string {
  const requests = resources.map((resource) => amountText(resource, pods[resource][pod] ?? 0)).join(', ')
  return `${pods.names[pod]}\n${requests}\nwaits since ${timeText(pods.createdAt[pod] ?? 0)}, for ${timeText(at.value - (pods.createdAt[pod] ?? 0))}`
}
