import type { Observable } from './observable.ts'
import type { ColourName, Theme } from './palette.ts'

/** A span of simulated time, in seconds. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** What the sections share: time is that of the whole page, and stays as it is when another run is shown. */
export interface PageContext {
  /** From the start to the end of the longest run. */
  readonly whole: TimeRange
  /** What every chart, the heat map and the player's line show of it; set it by `zoom`. */
  readonly range: Observable<TimeRange>
  /** The instant that was chosen, by a click, by keys or in the player, for all of the page; undefined for none. */
  readonly instant: Observable<number | undefined>
  /** The instant that the mouse is over, which all charts show instead while it is; it moves no player. */
  readonly pointed: Observable<number | undefined>
  /** Name of the node that was chosen in the heat map; the player shows it. */
  readonly chosenNode: Observable<string | undefined>
  /** Light while the page is printed. */
  readonly theme: Observable<Theme>
  /** Aborted when another run is shown: give it to listeners of the window, and stop animations by it. */
  readonly signal: AbortSignal
  /** Shows a span of time everywhere: kept inside the run and no shorter than a second. */
  zoom(range: TimeRange): void
  /** A colour as it is now, for a canvas; what is in the DOM uses `var(--name)`. */
  colour(name: ColourName): string
  /** Whether the reader asked for little movement. */
  readonly isStill: boolean
  /** Calls once, when the element comes near the window or is going to be printed: what is costly waits for it. */
  whenNear(target: Element, draw: () => void): void
}
