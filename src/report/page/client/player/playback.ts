import type { TimeRange } from '../context.ts'

/** The range that is shown goes by in this time at speed 1, in seconds of the reader's. */
const WHOLE_SECONDS = 60

/** Speeds that are offered: how often the range that is shown goes by in a minute. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const

/** Where the player stands after some of the reader's seconds; in the range. */
export function advance(at: number, elapsedSeconds: number, speed: number, range: TimeRange): number {
  return within(within(at, range) + pace(speed, range) * elapsedSeconds, range)
}

/** A move by a key: a fortieth of the range that is shown, with Shift a four-hundredth; inside the range. */
export function stepped(at: number, direction: 1 | -1, range: TimeRange, isFine: boolean): number {
  const step = (range.to - range.from) / (isFine ? 400 : 40)
  return within(at + direction * step, range)
}

/** The instant of a range that is nearest to one. */
export function within(at: number, range: TimeRange): number {
  return Math.min(Math.max(at, range.from), range.to)
}

/** Simulated seconds that go by in a second of watching. */
export function pace(speed: number, range: TimeRange): number {
  return ((range.to - range.from) / WHOLE_SECONDS) * speed
}
