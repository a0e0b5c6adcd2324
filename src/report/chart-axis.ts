import { DAY, SECOND, formatDuration } from '../base/time.ts'

/** What the numbers of an axis are. */
export type AxisKind = 'linear' | 'logarithmic' | 'time' | 'share'

/** An axis of a chart, from its lower to its upper end. */
export interface Axis {
  readonly kind: AxisKind
  /** Exponents of ten where it is logarithmic. */
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
}

/** Steps between the marks of a linear axis, times a power of ten. */
const STEPS = [1, 2, 5, 10]
/** Steps between the marks of a time axis, in seconds: to half a minute, half an hour, half a day; beyond them days as on a linear axis. */
const TIME_STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200]
const DAY_SECONDS = DAY / SECOND
const TICKS_MAX = 8

/** An axis for values: from 0, but for a logarithmic one. Times are seconds, and end with the last of them. */
export function axisOf(values: readonly number[], kind: AxisKind): Axis {
  if (values.length === 0) return { kind: 'linear', low: 0, high: 1, ticks: [0, 1] }
  const least = values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY)
  const most = values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY)
  switch (kind) {
    case 'logarithmic':
      return logarithmicAxis(least, most)
    case 'time':
      return timeAxis(most)
    case 'linear':
    case 'share':
      return linearAxis(most, kind)
  }
}

/** From one power of ten to another. */
function logarithmicAxis(least: number, most: number): Axis {
  const first = Math.floor(Math.log10(least))
  const last = Math.max(first + 1, Math.ceil(Math.log10(most)))
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
  return { kind: 'logarithmic', low: first, high: last, ticks }
}

function linearAxis(most: number, kind: AxisKind): Axis {
  const range = most <= 0 ? 1 : most
  const step = linearStep(range)
  const count = Math.ceil(range / step - 1e-9)
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step)
  return { kind, low: 0, high: count * step, ticks }
}

function timeAxis(most: number): Axis {
  const range = most <= 0 ? 1 : most
  const step =
    TIME_STEPS.find((seconds) => range / seconds <= TICKS_MAX) ??
    DAY_SECONDS * Math.max(1, linearStep(range / DAY_SECONDS))
  const ticks = Array.from({ length: Math.floor(range / step + 1e-9) + 1 }, (_, index) => index * step)
  return { kind: 'time', low: 0, high: range, ticks }
}

function linearStep(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range / TICKS_MAX))
  return power * (STEPS.find((factor) => range / (power * factor) <= TICKS_MAX) ?? 10)
}

/** Where a value stands on an axis, from 0 to 1. */
export function placeOn({ kind, low, high }: Axis, value: number): number {
  return ((kind === 'logarithmic' ? Math.log10(value) : value) - low) / (high - low)
}

/** What is written at a mark of an axis. */
export function tickText(value: number, kind: AxisKind): string {
  if (kind === 'time') return formatDuration(Math.round(value * SECOND))
  if (kind === 'share') return `${Number((value * 100).toPrecision(6))} %`
  const rounded = Number(value.toPrecision(6))
  return rounded >= 1 || rounded === 0 ? rounded.toLocaleString('en') : String(rounded)
}
