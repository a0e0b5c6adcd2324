import { describe, expect, it } from 'vitest'

import { contrast, oklabOf } from '../../../../../src/report/page/client/colour/oklch.ts'
import { ABSENT, DOWN, FULL, OVER } from '../../../../../src/report/page/client/heat/heat-cells.ts'
import { heatRamp } from '../../../../../src/report/page/client/heat/heat-ramp.ts'
import { PALETTE } from '../../../../../src/report/page/client/palette.ts'

function distance(one: string, other: string): number {
  const [left, right] = [oklabOf(one), oklabOf(other)]
  return Math.hypot(...left.map((value, index) => value - (right[index] ?? 0)))
}

describe.each(['light', 'dark'] as const)('the colours of a heat map in the %s theme', (theme) => {
  const { colourOf, bytes } = heatRamp(theme)
  const ramp = Array.from({ length: FULL + 1 }, (_, value) => colourOf(value))

  it('step evenly in lightness, away from the page', () => {
    const steps = ramp.slice(1).map((colour, index) => oklabOf(colour)[0] - oklabOf(ramp[index] ?? '')[0])
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length
    expect(Math.sign(mean)).toBe(theme === 'light' ? -1 : 1)
    expect(Math.abs(mean) * FULL).toBeGreaterThan(0.6)
    for (const step of steps) expect(Math.abs(step - mean)).toBeLessThan(0.005)
    expect(contrast(ramp[FULL] ?? '', PALETTE[theme].page)).toBeGreaterThan(7)
  })

  it('tell more than full and down from every step and from each other, without red and green too', () => {
    for (const colour of ramp) {
      for (const value of [OVER, DOWN]) {
        expect(distance(colour, colourOf(value))).toBeGreaterThan(0.15)
        // Blue against yellow is seen by nearly all: the b axis of OKLab alone keeps them apart.
        expect(oklabOf(colourOf(value))[2] - oklabOf(colour)[2]).toBeGreaterThan(0.05)
      }
    }
    expect(Math.abs(oklabOf(colourOf(OVER))[0] - oklabOf(colourOf(DOWN))[0])).toBeGreaterThan(0.15)
  })

  it('leave out what is not there', () => {
    expect(bytes[ABSENT * 4 + 3]).toBe(0)
    expect(bytes[3]).toBe(255)
  })
})
