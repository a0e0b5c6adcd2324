/** What a sparkline is drawn with, from the least to the greatest. */
export const SPARK_GLYPHS = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.:-=+*#' } as const

/** How a sparkline is drawn. */
export interface SparklineOptions {
  readonly top: number
  readonly width: number
  readonly glyphs: string
  readonly shows?: 'most' | 'least'
}

/**
 * Values as a line of text, a letter for equally many of them: the greatest, so that no peak is lost, or the least. The lowest glyph is 0, the
 * highest `top`; what is not 0 is never the lowest. Nothing but gaps (NaN) is a blank. At most `width` letters.
 */
export function sparkline(
  values: ArrayLike<number>,
  { top, width, glyphs, shows = 'most' }: SparklineOptions,
): string {
  const letters = Array.from(glyphs)
  const cells = Math.min(width, values.length)
  return Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * values.length) / cells)
    const to = Math.floor(((cell + 1) * values.length) / cells)
    const value = extremeOf(values, { from, to, shows })
    if (value === undefined) return ' '
    const steps = letters.length - 1
    const level = value <= 0 || top <= 0 ? 0 : Math.ceil((value / top) * steps)
    return letters[Math.min(steps, level)] ?? ' '
  }).join('')
}

function extremeOf(
  values: ArrayLike<number>,
  { from, to, shows }: { readonly from: number; readonly to: number; readonly shows: 'most' | 'least' },
): number | undefined {
  let extreme: number | undefined
  for (let at = from; at < to; at += 1) {
    const value = values[at] ?? Number.NaN
    if (Number.isNaN(value)) continue
    if (extreme === undefined || (shows === 'most' ? value > extreme : value < extreme)) extreme = value
  }
  return extreme
}
