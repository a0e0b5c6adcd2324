import type { PageContext } from '../context.ts'
import { advance } from './playback.ts'
import type { PlayerModel } from './player-model.ts'

/** No frame moves by more than this, so that a page that slept does not jump. */
const LONGEST_SECONDS = 0.25

/** For readers who asked for little movement: a picture a second. */
const STILL_SECONDS = 1

/** Moves the player while it plays, a step a frame; stops at the end of what is shown. */
export function startPlayLoop(model: PlayerModel, context: PageContext): void {
  let last: number | undefined
  let waiting = 0
  const frame = (milliseconds: number): void => {
    if (!model.isPlaying.value || context.signal.aborted) return
    const elapsed = last === undefined ? 0 : (milliseconds - last) / 1000
    last = milliseconds
    waiting += context.isStill ? elapsed : Math.min(elapsed, LONGEST_SECONDS)
    if (!context.isStill || waiting >= STILL_SECONDS) {
      const range = context.range.value
      model.at.set(advance(model.at.value, waiting, model.speed.value, range))
      waiting = 0
      if (model.at.value >= range.to) model.isPlaying.set(false)
    }
    if (model.isPlaying.value) requestAnimationFrame(frame)
  }
  model.isPlaying.follow((isPlaying) => {
    if (!isPlaying) return
    last = undefined
    waiting = 0
    const range = context.range.value
    if (model.at.value >= range.to || model.at.value < range.from) model.at.set(range.from)
    requestAnimationFrame(frame)
  })
}
