import type { PageContext } from '../context.ts'
import { element } from '../element.ts'
import { onceAFrame } from '../once-a-frame.ts'
import { scrollCanvas } from '../scroll-canvas.ts'
import type { ScrollCanvas } from '../scroll-canvas.ts'
import { chooseCell, cursorWords } from './choose-cell.ts'
import { handleHeatKey } from './heat-keys.ts'
import { HEAT_WORDS } from './heat-model.ts'
import type { HeatModel } from './heat-model.ts'
import { cellAt, timeAt } from './heat-frame.ts'
import type { HeatCursor, HeatFrame } from './heat-frame.ts'
import { heatPainter } from './paint-heat.ts'

/** Room around the cells, in CSS pixels. */
const TOP = 20
const BOTTOM = 24
const NAMES = 132

/** Height of the cells: as many rows fit as there are, between these. */
export const HEAT_HEIGHT_MAX = 460
const ROW_MAX = 22

/** A pointer that moved less than this was a click, in CSS pixels. */
const CLICK = 4

/** How long a cursor must rest before it is read out, in milliseconds. */
const TOLD_AFTER = 200

/** The heat map: cells, names, times, what happened, and a cursor for pointer and keys. */
export function heatCanvas(model: HeatModel, context: PageContext): HTMLElement {
  const canvas = scrollCanvas(
    { tabindex: 0, role: 'application', 'aria-describedby': 'heat-words heat-keys' },
    () => {
      want()
    },
    context.signal,
  )
  const tip = element('div', { class: 'canvas-tip', hidden: true, 'aria-hidden': 'true' })
  const told = element('p', { class: 'hidden', 'aria-live': 'polite' })
  const drag = { from: Number.NaN, to: Number.NaN, isOn: false }
  const frame = (): HeatFrame => frameOf(canvas, model, context)
  const paintPicture = heatPainter(() => canvas.context(), context)
  const paint = (): void => {
    const { heat, order } = model.view.value
    const { rowHeight } = frame()
    const cells = Math.min(HEAT_HEIGHT_MAX, heat.rows * rowHeight)
    canvas.fit(cells + TOP + BOTTOM, heat.rows * rowHeight + TOP + BOTTOM)
    const isFocused = document.activeElement === canvas.canvas
    const dragged = drag.isOn ? ([drag.from, drag.to] as const) : undefined
    paintPicture(
      {
        ...{ frame: frame(), heat, order, fold: model.fold.value, markers: model.markers },
        ...{ cursor: model.cursor.value, dragged, instant: context.instant.value, isFocused },
      },
      canvas.ratio,
    )
  }
  const want = onceAFrame(paint, context.signal)
  const label = (): void => {
    const { heat, resource } = model.view.value
    const words = `Heat map of ${HEAT_WORDS[resource]} requested, ${heat.rows} rows by ${heat.spans} spans of time`
    canvas.canvas.setAttribute('aria-label', words)
  }
  label()
  model.view.follow(label)
  for (const shown of [model.view, model.fold, model.zoom, model.cursor]) shown.follow(want)
  context.range.follow(want, context.signal)
  context.theme.follow(want, context.signal)
  context.instant.follow(want, context.signal)
  globalThis.addEventListener('beforeprint', paint, { signal: context.signal })
  for (const name of ['focus', 'blur']) canvas.canvas.addEventListener(name, want)
  followPointer({ canvas, model, context, tip, drag, frame, want })
  tellCursor(model, canvas, told)
  model.cursor.follow((cursor) => {
    if (cursor !== undefined) keepInSight(canvas, frame(), cursor)
  })
  canvas.canvas.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const { rowHeight, height } = frame()
    if (handleHeatKey(event.key, model, context, Math.floor(height / rowHeight))) event.preventDefault()
  })
  want()
  return element('div', { class: 'heat-picture' }, canvas.root, tip, told)
}

function frameOf(canvas: ScrollCanvas, model: HeatModel, context: PageContext): HeatFrame {
  const { rows } = model.view.value.heat
  const fitting = Math.min(ROW_MAX, HEAT_HEIGHT_MAX / Math.max(1, rows))
  const rowHeight = fitting * model.zoom.value
  return {
    left: Math.min(NAMES, canvas.width / 4),
    top: TOP,
    width: Math.max(1, canvas.width - Math.min(NAMES, canvas.width / 4) - 8),
    height: Math.min(HEAT_HEIGHT_MAX, rows * rowHeight),
    rowHeight,
    scrolled: canvas.top,
    range: context.range.value,
  }
}

interface Pointing {
  readonly canvas: ScrollCanvas
  readonly model: HeatModel
  readonly context: PageContext
  readonly tip: HTMLElement
  readonly drag: { from: number; to: number; isOn: boolean }
  readonly frame: () => HeatFrame
  readonly want: () => void
}

/** A click chooses a cell; a drag shows a span of time; a double click shows the whole run. */
function followPointer({ canvas, model, context, tip, drag, frame, want }: Pointing): void {
  let downAt: number | undefined
  const cell = (event: MouseEvent): HeatCursor | undefined =>
    cellAt(frame(), model.view.value.heat, ...canvas.pointOf(event))
  const time = (event: MouseEvent): number => {
    const { range } = context
    return Math.min(Math.max(timeAt(frame(), canvas.pointOf(event)[0]), range.value.from), range.value.to)
  }
  canvas.canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || cell(event) === undefined) return
    downAt = event.clientX
    drag.from = time(event)
    canvas.canvas.setPointerCapture(event.pointerId)
  })
  canvas.canvas.addEventListener('pointermove', (event) => {
    if (downAt !== undefined && Math.abs(event.clientX - downAt) > CLICK) drag.isOn = true
    if (drag.isOn) {
      drag.to = time(event)
      want()
    }
    showTip(tip, canvas, model, cell(event), event)
  })
  canvas.canvas.addEventListener('pointerleave', () => {
    tip.hidden = true
  })
  canvas.canvas.addEventListener('pointerup', (event) => {
    if (downAt === undefined) return
    downAt = undefined
    const wasDragged = drag.isOn
    drag.isOn = false
    if (wasDragged) {
      context.zoom({ from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) })
      want()
      return
    }
    const found = cell(event)
    if (found === undefined) return
    model.cursor.set(found)
    chooseCell(model, found, context)
  })
  canvas.canvas.addEventListener('dblclick', () => {
    context.zoom(context.whole)
  })
}

function showTip(
  tip: HTMLElement,
  canvas: ScrollCanvas,
  model: HeatModel,
  cell: HeatCursor | undefined,
  event: MouseEvent,
): void {
  tip.hidden = cell === undefined
  if (cell === undefined) return
  tip.textContent = cursorWords(model, cell).replaceAll(': ', ':\n')
  const [x, y] = canvas.pointOf(event)
  const isRight = x > canvas.width / 2
  tip.style.left = isRight ? 'auto' : `${x + 14}px`
  tip.style.right = isRight ? `${canvas.width - x + 14}px` : 'auto'
  tip.style.top = `${Math.max(0, y - 10)}px`
}

function tellCursor(model: HeatModel, { canvas }: ScrollCanvas, told: HTMLElement): void {
  let telling: ReturnType<typeof setTimeout> | undefined
  const tell = (): void => {
    clearTimeout(telling)
    telling = setTimeout(() => {
      if (document.activeElement !== canvas || model.cursor.value === undefined) return
      told.textContent = cursorWords(model, model.cursor.value)
    }, TOLD_AFTER)
  }
  model.cursor.follow(tell)
  model.view.follow(tell)
}

function keepInSight(canvas: ScrollCanvas, frame: HeatFrame, { place }: HeatCursor): void {
  const top = place * frame.rowHeight
  if (top < frame.scrolled) canvas.scrollTo(top)
  else if (top + frame.rowHeight > frame.scrolled + frame.height) {
    canvas.scrollTo(top + frame.rowHeight - frame.height)
  }
}
