import { describe, expect, it } from 'vitest'

import {
  LINE_OPACITY,
  MARKER_COLOURS,
  SHADE_OPACITY,
} from '../../../../src/report/page/client/marker-layer.ts'
import { DASHES, PALETTE, SERIES, paletteStyle } from '../../../../src/report/page/client/palette.ts'
import type { ColourName, Theme } from '../../../../src/report/page/client/palette.ts'

/** Relative luminance of an RGB colour (WCAG 2.2). */
function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2). */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const THEMES: readonly Theme[] = ['light', 'dark']
const GROUNDS: readonly ColourName[] = ['page', 'panel', 'raised']
const TEXTS: readonly ColourName[] = ['text', 'muted', 'accent', 'good', 'warn', 'bad']
const MARKS: readonly ColourName[] = [...SERIES, 'control', 'failure', 'scaling', 'action', 'controlPlane']

const KINDS: readonly ColourName[] = Object.values(MARKER_COLOURS)

/** A colour that lies over another with some opacity. */
function blended(over: string, ground: string, opacity: number): string {
  const channels = [1, 3, 5].map((at) => {
    const [top, below] = [over, ground].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16)) as [
      number,
      number,
    ]
    return Math.round(top * opacity + below * (1 - opacity))
  })
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

describe.each(THEMES)('the %s palette', (theme) => {
  const colours = PALETTE[theme]

  it('keeps text at 4.5:1 to whatever is behind it', () => {
    const weak = GROUNDS.flatMap((ground) =>
      TEXTS.filter((text) => contrast(colours[text], colours[ground]) < 4.5),
    )
    expect(weak).toEqual([])
    expect(contrast(colours.onAccent, colours.accent)).toBeGreaterThanOrEqual(4.5)
  })

  it('keeps lines, marks and edges of controls at 3:1', () => {
    const weak = GROUNDS.flatMap((ground) =>
      MARKS.filter((mark) => contrast(colours[mark], colours[ground]) < 3),
    )
    expect(weak).toEqual([])
  })

  it('keeps lines at 3:1 where they lie over the shade of an event, and lines of events there too', () => {
    for (const kind of KINDS) {
      const shade = blended(colours[kind], colours.page, SHADE_OPACITY)
      const event = blended(colours[kind], colours.page, LINE_OPACITY)
      const lines = [...SERIES.map((series) => colours[series]), event]
      expect(lines.filter((line) => contrast(line, shade) < 3)).toEqual([])
    }
  })

  it('keeps the numbers of markers at 4.5:1 to their discs', () => {
    expect(KINDS.filter((kind) => contrast(colours.page, colours[kind]) < 4.5)).toEqual([])
  })
})

it('gives each line dashes of its own', () => {
  expect(new Set(DASHES.map(String)).size).toBe(SERIES.length)
})

it('is light on paper, whatever was chosen', () => {
  const print = paletteStyle().split('@media print')[1] ?? ''
  expect(print).toContain(`--page:${PALETTE.light.page}`)
  expect(print).toContain(':root:root:root')
})

it('spells variables as CSS does', () => {
  expect(paletteStyle()).toContain(`--control-plane:${PALETTE.light.controlPlane}`)
})
