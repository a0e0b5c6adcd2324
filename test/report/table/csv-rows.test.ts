import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { csvText } from '../../../src/report/csv.ts'
import { CsvRows, cellText } from '../../../src/report/table/csv-rows.ts'
import { parseCsv } from '../parse-csv.ts'

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '7', '🙂'), maxLength: 8 }),
  fc.constantFrom('', '\r', '=1+1', 'a'.repeat(100)),
)

function split(bytes: Buffer, size: number): { readonly rows: string[][]; readonly isWhole: boolean } {
  const rows: string[][] = []
  const csv = new CsvRows((row) => {
    rows.push(Array.from({ length: row.count }, (_, column) => cellText(row, column)))
  })
  for (let at = 0; at < bytes.length; at += size) csv.write(bytes.subarray(at, at + size))
  return { rows, isWhole: csv.isWhole }
}

describe('rows of CSV', () => {
  it('come the same in chunks of any size', () => {
    const table = fc.integer({ min: 1, max: 4 }).chain((columns) => {
      return fc.array(fc.array(text, { minLength: columns, maxLength: columns }), { maxLength: 12 })
    })
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 40 }), (rows, size) => {
        const csv = csvText(rows)
        expect(split(Buffer.from(csv), size)).toEqual({ rows: parseCsv(csv), isWhole: true })
      }),
    )
  })

  it('may be of more cells than there is room for at first', () => {
    const cells = Array.from({ length: 200 }, (_, column) => (column === 150 ? 'a"b' : `c${column}`))
    expect(split(Buffer.from(csvText([cells, cells])), 1000).rows).toEqual([cells, cells])
  })

  it('are not whole where the last one is cut off, within quotes too', () => {
    for (const csv of ['a,b\n1', 'a,b\n1,', 'a,b\n"1\n', 'a,b\n1,"2"']) {
      expect(split(Buffer.from(csv), 2)).toEqual({ rows: [['a', 'b']], isWhole: false })
    }
  })
})
