import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { packColumn, unpackColumn } from '../../../src/report/page/packed-column.ts'

describe('a packed column', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), (values) => {
        expect([...unpackColumn(packColumn('f64', values))]).toEqual(values)
      }),
    )
  })

  it('keeps whole numbers in the width asked for', () => {
    const values = Array.from({ length: 100_000 }, (_, index) => index % 256)
    const packed = packColumn('u8', values)
    expect([...unpackColumn(packed)]).toEqual(values)
    expect(packed.data.length).toBeLessThan(2_000)
  })

  it('is the same text for the same numbers', () => {
    expect(packColumn('u16', [1, 2, 3, 1, 2, 3])).toEqual({
      type: 'u16',
      length: 6,
      data: 'Y2RgYmBmgJAA',
    })
  })
})
