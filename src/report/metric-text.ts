import { MILLISECOND, SECOND, formatDuration } from '../base/time.ts'
import type { Metric } from './metric.ts'
import { numberText } from './number-text.ts'

/** A number of the summary for people: shares are percentages, times have units, digits stand in groups of three. */
export function metricText(value: number, unit: Metric['unit']): string {
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(2)} %`
    case 's':
      return durationText(value)
    case 'pod_s':
      return `${grouped(value)} pod s`
    case 'cpu_s':
      return `${grouped(value)} cpu s`
    case 'node_h':
    case 'cost':
    case 'count':
    case 'pods':
    case 'nodes':
    case 'attempts':
      return grouped(value)
  }
}

/** A time to about four digits: whole seconds above a minute, milliseconds below. */
export function durationText(seconds: number): string {
  const span = seconds * SECOND
  if (seconds < 1) return formatDuration(Math.round(span))
  const step = seconds < 60 ? MILLISECOND : SECOND
  return formatDuration(Math.round(span / step) * step)
}

/** Digits in groups of three, to two decimals. */
export function grouped(value: number): string {
  const [whole = '', decimals] = numberText(Number(value.toFixed(2))).split('.')
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return decimals === undefined ? separated : `${separated}.${decimals}`
}
