import { describe, expect, it } from 'vitest'

import { contrast, oklabOf, oklch } from '../../../../../src/report/page/client/colour/oklch.ts'

describe('OKLCH', () => {
  it('knows black, white, grey and the primary colours', () => {
    expect(oklch(0, 0, 0)).toBe('#000000')
    expect(oklch(1, 0, 0)).toBe('#ffffff')
    expect(oklch(0.627955, 0.257683, 29.2339)).toBe('#ff0000')
    expect(oklch(0.452014, 0.313214, 264.052)).toBe('#0000ff')
  })

  it('comes back', () => {
    const [lightness, a, b] = oklabOf(oklch(0.6, 0.1, 200))
    expect(lightness).toBeCloseTo(0.6, 2)
    expect(Math.hypot(a, b)).toBeCloseTo(0.1, 2)
  })

  it('takes chroma, and no lightness, from what a screen cannot show', () => {
    expect(oklabOf(oklch(0.8, 0.4, 260))[0]).toBeCloseTo(0.8, 2)
  })
})

describe('contrast', () => {
  it('is that of WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrast('#ffffff', '#767676')).toBeCloseTo(4.54, 2)
    expect(contrast('#123456', '#123456')).toBe(1)
  })
})
