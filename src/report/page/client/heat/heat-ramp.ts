import { channelsOf, oklch } from '../colour/oklch.ts'
import type { Theme } from '../palette.ts'
import { ABSENT, DOWN, FULL, OVER } from './heat-cells.ts'

/** Colours of a heat map's cells. */
export interface HeatRamp {
  /** Colour of a cell's byte, as `#rrggbb`. */
  readonly colourOf: (value: number) => string
  /** Red, green, blue and opacity of each byte, as ImageData has them. */
  readonly bytes: Uint8ClampedArray
}

/**
 * The ramp of a theme: from the page's colour (empty) to the darkest or brightest blue (full) in equal steps of perceived
 * lightness, so that it reads without colour; amber for more than full and red for down, which no step of blue is taken for,
 * whatever colours a reader can tell apart; nothing for nodes that are not there.
 */
export function heatRamp(theme: Theme): HeatRamp {
  const colours = Array.from({ length: 256 }, (_, value) => colourOf(value, theme))
  const bytes = new Uint8ClampedArray(256 * 4)
  for (const [value, colour] of colours.entries()) {
    bytes.set([...channelsOf(colour), value === ABSENT ? 0 : 255], value * 4)
  }
  return { colourOf: (value) => colours[value] ?? '#000000', bytes }
}

function colourOf(value: number, theme: Theme): string {
  if (value === DOWN) return theme === 'light' ? oklch(0.55, 0.2, 25) : oklch(0.64, 0.2, 25)
  if (value === OVER) return theme === 'light' ? oklch(0.77, 0.16, 70) : oklch(0.84, 0.16, 80)
  const part = Math.min(value, FULL) / FULL
  const chroma = 0.02 + 0.12 * Math.sin(Math.PI * Math.min(1, part * 0.75))
  return theme === 'light'
    ? oklch(0.955 - 0.655 * part, chroma, 205 + 70 * part)
    : oklch(0.25 + 0.65 * part, chroma, 275 - 75 * part)
}
