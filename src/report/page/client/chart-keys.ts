import type { PageContext, TimeRange } from './context.ts'

/** What the keys of a chart need to know of it. */
export interface ChartKeys {
  readonly title: string
  /** Id of the sentence that says what the chart shows. */
  readonly describedBy: string
  /** Times that the cursor steps through, now. */
  readonly times: () => readonly number[]
  /** What is read out at an instant. */
  readonly textAt: (at: number) => string
}

/** How many points a page key moves by. */
const PAGE = 10
/** How much less of the time a key or a turn of the wheel shows. */
const NEARER = 0.6

/**
 * Makes a chart reachable without a mouse: a slider over time. Arrows move the instant from point to point, Page Up and Page
 * Down by ten, Home and End to the ends of what is shown; + and − zoom about it, Escape or 0 shows the whole run.
 */
export function hearChart(plot: HTMLElement, keys: ChartKeys, context: PageContext): void {
  const { instant, range, whole, signal } = context
  for (const [name, value] of Object.entries({
    role: 'slider',
    tabindex: '0',
    'aria-label': `${keys.title}, over time`,
    'aria-describedby': keys.describedBy,
    'aria-valuemin': String(whole.from),
    'aria-valuemax': String(whole.to),
  })) {
    plot.setAttribute(name, value)
  }
  const say = (): void => {
    const at = instant.value ?? range.value.from
    plot.setAttribute('aria-valuenow', String(Math.round(at)))
    plot.setAttribute('aria-valuetext', keys.textAt(at))
  }
  say()
  plot.addEventListener('focus', say)
  plot.addEventListener('keydown', (event) => {
    context.pointed.set(undefined)
    if (event.ctrlKey || event.metaKey || event.altKey || !pressed(event.key, keys.times(), context)) return
    event.preventDefault()
    say()
  })
  plot.addEventListener('click', () => {
    if (context.pointed.value === undefined) return
    instant.set(context.pointed.value)
    say()
  })
  plot.addEventListener('dblclick', () => {
    context.zoom(whole)
  })
  plot.addEventListener(
    'wheel',
    (event) => {
      turned(event, plot, context)
    },
    { passive: false, signal },
  )
}

function pressed(key: string, times: readonly number[], context: PageContext): boolean {
  const { instant, range, whole } = context
  const { from, to } = range.value
  const at = instant.value ?? (from + to) / 2
  const step = STEPS[key]
  if (step !== undefined) {
    moveTo(stepped(times, at, step), context)
  } else if (key === 'Home' || key === 'End') {
    instant.set(key === 'Home' ? from : to)
  } else if (key === '+' || key === '=') {
    context.zoom(zoomed(range.value, at, NEARER))
  } else if (key === '-' || key === '_') {
    context.zoom(zoomed(range.value, at, 1 / NEARER))
  } else if (key === '0' || key === 'Escape') {
    context.zoom(whole)
  } else {
    return false
  }
  return true
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -PAGE,
  PageUp: PAGE,
}

/** Moves the instant, and what is shown with it when it leaves that. */
function moveTo(at: number, context: PageContext): void {
  const { from, to } = context.range.value
  const by = at < from ? at - from : at > to ? at - to : 0
  if (by !== 0) context.zoom({ from: from + by, to: to + by })
  context.instant.set(at)
}

function stepped(times: readonly number[], at: number, step: number): number {
  const after = times.findIndex((time) => time > at)
  const before = (after < 0 ? times.length : after) - 1
  const isOn = times[before] === at
  const index = step > 0 ? before + step : before + step + (isOn ? 0 : 1)
  return times[Math.min(Math.max(index, 0), times.length - 1)] ?? at
}

/** The range nearer to or farther from an instant, which stays where it is. */
export function zoomed({ from, to }: TimeRange, about: number, factor: number): TimeRange {
  return { from: about - (about - from) * factor, to: about + (to - about) * factor }
}

/** The wheel scrolls the page, unless it is turned with Ctrl (zoom) or sideways (pan). */
function turned(event: WheelEvent, plot: HTMLElement, context: PageContext): void {
  const { from, to } = context.range.value
  const over = plot.querySelector('.u-over')?.getBoundingClientRect()
  if (over === undefined || over.width === 0) return
  if (event.ctrlKey) {
    event.preventDefault()
    const about = from + ((event.clientX - over.left) / over.width) * (to - from)
    context.zoom(zoomed({ from, to }, about, event.deltaY < 0 ? NEARER : 1 / NEARER))
    return
  }
  const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX
  if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return
  event.preventDefault()
  const by = (sideways / over.width) * (to - from)
  context.zoom({ from: from + by, to: to + by })
}
