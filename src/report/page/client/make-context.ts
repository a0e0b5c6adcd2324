import type { PageContext, TimeRange } from './context.ts'
import { observable } from './observable.ts'
import type { Observable } from './observable.ts'
import { PALETTE } from './palette.ts'
import type { Theme } from './palette.ts'

/** No span of time is shown that is shorter than this, in seconds. */
const SHORTEST = 1

/** How far from the window an element is when it is drawn. */
const NEAR = '400px'

/** What the whole page shares: it lasts when another run is shown. */
export type SharedTime = Pick<PageContext, 'whole' | 'range' | 'instant' | 'pointed' | 'zoom'>

/** The time of a page whose longest run ended at `end`. */
export function sharedTime(end: number): SharedTime {
  const whole: TimeRange = { from: 0, to: Math.max(end, SHORTEST) }
  const range = observable(whole)
  return {
    whole,
    range,
    instant: observable<number | undefined>(undefined),
    pointed: observable<number | undefined>(undefined),
    zoom(wanted) {
      const next = within(wanted, whole)
      if (next.from !== range.value.from || next.to !== range.value.to) range.set(next)
    },
  }
}

/** What sections share that are shown until the signal is aborted. */
export function makeContext(time: SharedTime, theme: Observable<Theme>, signal: AbortSignal): PageContext {
  return {
    ...time,
    theme,
    signal,
    chosenNode: observable<string | undefined>(undefined),
    isStill: window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    colour: (name) => PALETTE[theme.value][name],
    whenNear: (target, draw) => {
      whenNear(target, draw, signal)
    },
  }
}

/** The span moved and cut so that it lies in the whole. */
export function within({ from, to }: TimeRange, whole: TimeRange): TimeRange {
  const length = Math.min(Math.max(to - from, SHORTEST), whole.to - whole.from)
  const start = Math.min(Math.max(from, whole.from), whole.to - length)
  return { from: start, to: start + length }
}

function whenNear(target: Element, draw: () => void, signal: AbortSignal): void {
  const done = new AbortController()
  const once = (): void => {
    if (done.signal.aborted) return
    done.abort()
    draw()
  }
  const watcher = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) once()
    },
    { rootMargin: NEAR },
  )
  const stop = (): void => {
    watcher.disconnect()
  }
  done.signal.addEventListener('abort', stop)
  signal.addEventListener('abort', () => {
    done.abort()
  })
  // In the first phase: what is drawn now hears of the same event in the second, and gets ready for paper.
  window.addEventListener('beforeprint', once, { signal: done.signal, capture: true })
  watcher.observe(target)
}

/** Calls with the instant that is shown, now and on each change of it: the one pointed at, else the chosen one. */
export function followShown(context: PageContext, listener: (at: number | undefined) => void): void {
  const tell = (): void => {
    listener(context.pointed.value ?? context.instant.value)
  }
  context.pointed.follow(tell, context.signal)
  context.instant.follow(tell, context.signal)
  tell()
}
