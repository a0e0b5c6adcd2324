import fc from 'fast-check'
import { expect, it } from 'vitest'

import { SPARK_GLYPHS, sparkline } from '../../src/report/sparkline.ts'

const GLYPHS = SPARK_GLYPHS.ascii

it('draws 0 lowest, the top highest, and nothing where there is no value', () => {
  const options = { top: 8, width: 10, glyphs: GLYPHS }
  expect(sparkline([0, 0.001, 4, 8, 9, Number.NaN], options)).toBe('_.=## ')
  expect(sparkline([0, 0], { ...options, top: 0 })).toBe('__')
  expect(sparkline([], options)).toBe('')
})

it('shows the greatest value of each letter, or the least', () => {
  const options = { top: 9, width: 2, glyphs: GLYPHS }
  expect(sparkline([0, 9, 0, 0], options)).toBe('#_')
  expect(sparkline([9, 9, 0, 9], { ...options, shows: 'least' })).toBe('#_')
})

it('loses no peak, and is no longer than its width', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 500 }),
      fc.integer({ min: 1, max: 80 }),
      (values, width) => {
        const top = Math.max(...values)
        const text = sparkline(values, { top, width, glyphs: SPARK_GLYPHS.unicode })
        expect(text.length).toBe(Math.min(width, values.length))
        if (top > 0) expect(text).toContain('█')
      },
    ),
  )
})
