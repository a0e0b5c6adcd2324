/** A scale with round ticks: values from `low` to `high` lie from 0 to 1. */
export interface LinearScale {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
  /** Where a value lies, 0 to 1. */
  place(value: number): number
}

/** A scale that holds all values, with about as many ticks as asked for, at 1, 2 or 5 times a power of ten. */
export function linearScale(values: readonly number[], wantedTicks: number): LinearScale {
  const least = values.reduce((one, other) => Math.min(one, other), Infinity)
  const most = values.reduce((one, other) => Math.max(one, other), -Infinity)
  const isEmpty = !Number.isFinite(least) || !Number.isFinite(most)
  const pad = isEmpty ? 1 : (most - least) * 0.06 || Math.abs(most) * 0.1 || 1
  const low = isEmpty ? 0 : least >= 0 && least - pad < 0 ? 0 : least - pad
  const high = isEmpty ? 1 : most + pad
  const step = roundStep((high - low) / wantedTicks)
  const first = Math.ceil(low / step)
  const last = Math.floor(high / step + 1e-9)
  // Where values differ in their last digits alone, rounding may bring a tick beside the scale, or onto another.
  const ticks = Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
  return {
    low,
    high,
    ticks: [...new Set(ticks)].filter((tick) => tick >= low && tick <= high),
    place: (value) => (value - low) / (high - low),
  }
}

/** The ticks whose labels stand free of each other on an axis: every one, every second and so on; widths in one unit. */
export function labelledTicks(scale: LinearScale, axisWidth: number, labelWidth: number): readonly number[] {
  const [first, second] = scale.ticks
  if (first === undefined || second === undefined) return scale.ticks
  const every = Math.ceil(labelWidth / ((scale.place(second) - scale.place(first)) * axisWidth))
  return scale.ticks.filter((_, index) => index % every === 0)
}

/** The nearest of 1, 2, 5 and 10 times a power of ten, by ratio. */
function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted))
  const times = wanted / power
  const round = times < Math.SQRT2 ? 1 : times < Math.sqrt(10) ? 2 : times < Math.sqrt(50) ? 5 : 10
  return round * power
}
