import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { countText, shareText } from '../format.ts'
import { scrollCanvas } from '../scroll-canvas.ts'
import type { ScrollCanvas } from '../scroll-canvas.ts'
import { RESOURCE_WORDS } from './cluster-state.ts'
import { gridOf, nodeAt, nodesBetween } from './grid.ts'
import type { Grid } from './grid.ts'
import { podAt } from './node-box.ts'
import { layOut, nodePainter } from './paint-nodes.ts'
import type { NodePicture } from './paint-nodes.ts'
import type { Chosen, PlayerModel } from './player-model.ts'
import { amountText } from './pod-words.ts'
import { capacities } from './pod-columns.ts'

/** Height of the window onto the nodes, in CSS pixels. */
const HEIGHT = 520

const FONT = '11px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif'

/** Keeps the picture up to date, a frame after something changed. */
interface Painting {
  readonly picture: () => NodePicture
  readonly grid: () => Grid
  readonly all: () => void
  readonly changed: () => void
}

/** The nodes filled with their pods. While time goes by, only nodes that look different are painted again. */
export function nodeCanvas(model: PlayerModel, context: PageContext): HTMLElement {
  const window = scrollCanvas(
    { tabindex: 0, role: 'img', class: 'player-canvas', 'aria-describedby': 'player-state player-keys' },
    () => {
      painting.all()
    },
    context.signal,
  )
  const painting = startPainting(window, model, context)
  const tip = element('div', { class: 'canvas-tip', hidden: true, 'aria-hidden': 'true' })
  const wrapper = element('div', { class: 'player-nodes' }, window.root, tip)
  const label = (): void => {
    const words = RESOURCE_WORDS[model.resource.value]
    window.canvas.setAttribute(
      'aria-label',
      `${countText(model.player.nodes.length, 'node')} filled with pods by ${words} requested, coloured by ${model.colouring.value.by}`,
    )
  }
  label()
  model.resource.follow(label)
  model.colouring.follow(label)
  followPointer(window, painting, model, tip)
  model.chosen.follow((chosen) => {
    showChosen(window, painting, model, chosen)
    painting.all()
  })
  for (const shown of [model.resource, model.colouring, model.matches, model.zoom]) {
    shown.follow(painting.all)
  }
  context.theme.follow(painting.all, context.signal)
  model.at.follow(painting.changed)
  painting.all()
  return wrapper
}

function startPainting(window: ScrollCanvas, model: PlayerModel, context: PageContext): Painting {
  const { player } = model
  const names = player.nodes.map(({ name }) => name)
  let wanted: 'nothing' | 'changed' | 'all' = 'nothing'
  let paint: ((node: number) => void) | undefined
  const grid = (): Grid => {
    const width = Math.max(1, window.width)
    return gridOf({ count: names.length, width, height: HEIGHT, zoom: model.zoom.value })
  }
  const picture = (): NodePicture => {
    const resource = model.resource.value
    const requests = model.pods[resource]
    return {
      grid: grid(),
      names,
      placement: model.placement,
      pods: model.pods,
      requests,
      capacities: capacities(player, resource),
      hasShelf: requests.some((request) => request === 0),
      colouring: model.colouring.value,
      matches: model.matches.value,
      theme: context.theme.value,
      colours: {
        page: context.colour('page'),
        free: context.colour('grid'),
        border: context.colour('control'),
        text: context.colour('text'),
        muted: context.colour('muted'),
        bad: context.colour('bad'),
      },
      font: FONT,
      chosenPod: model.chosen.value?.kind === 'pod' ? model.chosen.value.pod : undefined,
      chosenNode: model.chosen.value?.kind === 'node' ? model.chosen.value.node : undefined,
    }
  }
  const paintAll = (): void => {
    const { contentHeight } = grid()
    window.fit(Math.min(HEIGHT, contentHeight), contentHeight)
    const fresh = picture()
    const pixels = window.context()
    pixels.clearRect(0, 0, window.width, window.height)
    pixels.translate(0, -window.top)
    paint = nodePainter(pixels, fresh)
    const [first, end] = nodesBetween(fresh.grid, window.top, window.top + window.height)
    for (let node = first; node < end; node++) paint(node)
    repaintChosen(paint, model)
    model.placement.takeChanged()
  }
  const paintChanged = (): void => {
    const changed = model.placement.takeChanged()
    if (changed === 'all' || paint === undefined) {
      paintAll()
      return
    }
    const [first, end] = nodesBetween(grid(), window.top, window.top + window.height)
    for (const node of changed) if (node >= first && node < end) paint(node)
    repaintChosen(paint, model)
  }
  const frame = (): void => {
    const what = wanted
    wanted = 'nothing'
    if (context.signal.aborted) return
    if (what === 'all') paintAll()
    else paintChanged()
  }
  const want = (what: 'changed' | 'all'): void => {
    if (wanted === 'nothing') requestAnimationFrame(frame)
    if (wanted !== 'all') wanted = what
  }
  startPrinting(paintAll, context)
  return {
    picture,
    grid,
    all: () => {
      want('all')
    },
    changed: () => {
      want('changed')
    },
  }
}

/** The ring of what is chosen may lie over neighbours: it is painted last. */
function repaintChosen(paint: (node: number) => void, { chosen, pods, player }: PlayerModel): void {
  if (chosen.value === undefined) return
  const node = chosen.value.kind === 'node' ? chosen.value.node : (pods.node[chosen.value.pod] ?? 0)
  if (node < player.nodes.length) paint(node)
}

/** Paints at once for the printer, which waits for no frame. */
function startPrinting(paintAll: () => void, { signal }: PageContext): void {
  globalThis.addEventListener('beforeprint', paintAll, { signal })
}

function followPointer(window: ScrollCanvas, painting: Painting, model: PlayerModel, tip: HTMLElement): void {
  const under = (event: MouseEvent): Chosen | undefined => {
    const [x, y] = window.pointOf(event)
    return chosenAt(painting.picture(), x, y + window.top)
  }
  window.canvas.addEventListener('click', (event) => {
    model.chosen.set(under(event))
  })
  window.canvas.addEventListener('pointermove', (event) => {
    const chosen = under(event)
    tip.hidden = chosen === undefined
    if (chosen === undefined) return
    tip.textContent = tipText(model, chosen)
    const [x, y] = window.pointOf(event)
    const isRight = x > window.width / 2
    tip.style.left = isRight ? 'auto' : `${x + 14}px`
    tip.style.right = isRight ? `${window.width - x + 14}px` : 'auto'
    tip.style.top = `${Math.max(0, y - 10)}px`
  })
  window.canvas.addEventListener('pointerleave', () => {
    tip.hidden = true
  })
}

/** What is under a point of the whole grid: a pod, or over free room its node. */
function chosenAt(picture: NodePicture, x: number, y: number): Chosen | undefined {
  const node = nodeAt(picture.grid, x, y)
  if (node === undefined) return undefined
  const laid = layOut(picture, node)
  const index = podAt(laid.places, laid.rows.length, x, y)
  const pod = index === undefined ? undefined : laid.rows[index]
  return pod === undefined ? { kind: 'node', node } : { kind: 'pod', pod }
}

function tipText({ player, pods, placement, resource }: PlayerModel, chosen: Chosen): string {
  const column = pods[resource.value]
  if (chosen.kind === 'pod') {
    const { pod } = chosen
    const node = player.nodes[pods.node[pod] ?? 0]?.name ?? ''
    return `${pods.names[pod]}\n${amountText(resource.value, column[pod] ?? 0)} on ${node}`
  }
  const rows = placement.podsOn(chosen.node)
  const state = placement.stateOf(chosen.node)
  const name = player.nodes[chosen.node]?.name ?? ''
  if (state === 'absent') return `${name}\nnot there at this time`
  const used = rows.reduce((sum, row) => sum + (column[row] ?? 0), 0)
  const capacity = capacities(player, resource.value)[chosen.node] ?? 0
  const share =
    capacity === 0 ? `no ${RESOURCE_WORDS[resource.value]}` : `${shareText(used / capacity)} requested`
  return `${name}${state === 'down' ? ' (down)' : ''}\n${countText(rows.length, 'pod')}, ${share}`
}

/** Scrolls to what was chosen elsewhere. */
function showChosen(
  window: ScrollCanvas,
  painting: Painting,
  { pods, player }: PlayerModel,
  chosen: Chosen | undefined,
): void {
  if (chosen === undefined) return
  const node = chosen.kind === 'node' ? chosen.node : (pods.node[chosen.pod] ?? 0)
  // A pod that never had a node is nowhere in the picture.
  if (node >= player.nodes.length) return
  const { columns, cellHeight } = painting.grid()
  const top = Math.floor(node / columns) * cellHeight
  const isSeen = top >= window.top && top + cellHeight <= window.top + window.height
  if (!isSeen) window.scrollTo(top - window.height / 2 + cellHeight / 2)
}
