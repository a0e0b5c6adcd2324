import { zoomed } from '../chart-keys.ts'
import type { PageContext } from '../context.ts'
import { chooseCell } from './choose-cell.ts'
import type { HeatCursor } from './heat-frame.ts'
import type { HeatModel } from './heat-model.ts'

/** How much less of the time a key shows. */
const NEARER = 0.6

/** How a key moves the cursor: rows and spans; pages of rows are as high as the window. */
const MOVES: Readonly<Record<string, readonly [rows: number, pages: number, spans: number]>> = {
  ArrowUp: [-1, 0, 0],
  ArrowDown: [1, 0, 0],
  ArrowLeft: [0, 0, -1],
  ArrowRight: [0, 0, 1],
  PageUp: [0, -1, 0],
  PageDown: [0, 1, 0],
}

/** What the keys of a heat map do; says whether the key did anything. */
export function handleHeatKey(
  key: string,
  model: HeatModel,
  context: PageContext,
  rowsSeen: number,
): boolean {
  const { heat } = model.view.value
  const { from, to } = context.range.value
  const first = Math.min(Math.floor(from / heat.spanSeconds), heat.spans - 1)
  const last = Math.min(Math.max(Math.ceil(to / heat.spanSeconds) - 1, first), heat.spans - 1)
  const cursor = model.cursor.value ?? { place: 0, span: first }
  const move = MOVES[key]
  if (move !== undefined) {
    const [rows, pages, spans] = move
    const isFirst = model.cursor.value === undefined
    const place = cursor.place + (isFirst ? 0 : rows + pages * rowsSeen)
    const span = cursor.span + (isFirst ? 0 : spans)
    moveTo(model, context, {
      place: Math.min(Math.max(place, 0), heat.rows - 1),
      span: Math.min(Math.max(span, 0), heat.spans - 1),
    })
    return true
  }
  switch (key) {
    case 'Home':
    case 'End':
      model.cursor.set({ place: cursor.place, span: key === 'Home' ? first : last })
      return true
    case 'Enter':
    case ' ':
      chooseCell(model, cursor, context)
      return true
    case '+':
    case '=':
    case '-':
      context.zoom(
        zoomed(
          context.range.value,
          (cursor.span + 0.5) * heat.spanSeconds,
          key === '-' ? 1 / NEARER : NEARER,
        ),
      )
      return true
    case '0':
    case 'Escape':
      context.zoom(context.whole)
      return true
    default:
      return false
  }
}

/** Moves the cursor, and what is shown with it when it leaves that. */
function moveTo(model: HeatModel, context: PageContext, cursor: HeatCursor): void {
  const { spanSeconds } = model.view.value.heat
  const { from, to } = context.range.value
  const [start, end] = [cursor.span * spanSeconds, (cursor.span + 1) * spanSeconds]
  const by = start < from ? start - from : end > to ? end - to : 0
  if (by !== 0) context.zoom({ from: from + by, to: to + by })
  model.cursor.set(cursor)
}
