import type { TimeRange } from '../context.ts'

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** Steps that people count time by, in seconds. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * DAY),
]

/** Round times inside a range, as many as asked for or fewer. */
export function timeTicks({ from, to }: TimeRange, ticksMax: number): number[] {
  const least = (to - from) / Math.max(1, ticksMax)
  const step = STEPS.find((candidate) => candidate >= least) ?? Math.ceil(least / (364 * DAY)) * 364 * DAY
  const first = Math.ceil(from / step)
  const count = Math.max(0, Math.floor(to / step) - first + 1)
  return Array.from({ length: count }, (_, index) => (first + index) * step)
}
