const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** Simulated time or a length of it, by its two greatest units: `2d 13h`, `2h 13m`, `4m 05s`, `12.5s`. */
export function timeText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  const sign = seconds < 0 ? '−' : ''
  const size = Math.abs(seconds)
  if (size < 10 && !Number.isInteger(size)) return `${sign}${trimmed(size, size < 1 ? 3 : 1)}s`
  const whole = Math.round(size)
  if (whole < MINUTE) return `${sign}${whole}s`
  if (whole < HOUR) return sign + pair(whole, MINUTE, 'm', 1, 's')
  if (whole < DAY) return sign + pair(whole, HOUR, 'h', MINUTE, 'm')
  return sign + pair(whole, DAY, 'd', HOUR, 'h')
}

/** An instant to the second, or finer where it is not a whole one: `1d 02h 13m 05s`. */
export function instantText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  return unitsText(seconds, 1)
}

/** An instant by units down to that of the step between ticks: `2d`, `1d 6h`, `2h 15m`. */
export function tickText(seconds: number, step: number): string {
  return unitsText(seconds, step)
}

/** A count or a rate, in as few digits as tell it: `1,234,567`, `12.3`, `0.0042`. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 1000 || Number.isInteger(value)) return grouped(Math.round(value))
  if (size >= 100) return trimmed(value, 0)
  if (size >= 1) return trimmed(value, 2)
  return String(Number(value.toPrecision(3)))
}

/** A part of 1 as a percentage: `62.5 %`. */
export function shareText(share: number): string {
  return Number.isFinite(share) ? `${trimmed(share * 100, Math.abs(share) < 0.1 ? 2 : 1)} %` : '–'
}

/** A number of things: `1 pod`, `2 pods`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

const UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [1, 's'],
] as const

function unitsText(seconds: number, step: number): string {
  const isWhole = Number.isInteger(step)
  let rest = isWhole ? Math.round(seconds) : seconds
  const parts: string[] = []
  for (const [unit, name] of UNITS) {
    const count = unit === 1 ? trimmed(rest, isWhole ? 0 : 3) : String(Math.floor(rest / unit))
    if (unit >= step || unit === 1 || rest > 0) {
      if (count !== '0') parts.push(parts.length > 0 ? count.padStart(2, '0') + name : count + name)
    }
    rest -= Math.floor(rest / unit) * unit
  }
  return parts.length === 0 ? '0' : parts.join(' ')
}

function pair(whole: number, unit: number, name: string, part: number, partName: string): string {
  const big = Math.floor(whole / unit)
  const rest = Math.floor((whole % unit) / part)
  return rest === 0 ? `${big}${name}` : `${big}${name} ${String(rest).padStart(2, '0')}${partName}`
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}

function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}
