import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { CsvTable, csvText } from '../../src/report/csv.ts'
import { OutputFile } from '../../src/report/output-file.ts'
import { parseCsv } from './parse-csv.ts'
import { temporaryDirectory } from './temporary-directory.ts'

it.each([
  ['text', 'text'],
  ['a,b', '"a,b"'],
  ['say "no"', '"say ""no"""'],
  ['two\nlines', '"two\nlines"'],
  ['carriage\rreturn', '"carriage\rreturn"'],
  ['=1+1', "'=1+1"],
  ['-x', "'-x"],
  ['@cmd', "'@cmd"],
  ['', ''],
  [undefined, ''],
  [true, 'true'],
  [false, 'false'],
  [-4, '-4'],
  [0.25, '0.25'],
])('writes the cell %j as %s', (cell, text) => {
  expect(csvText([['x', cell]])).toBe(`x,${text}\n`)
})

it('is read back as it was written, but for the mark before formulas', () => {
  const cell = fc.string({ unit: 'grapheme' }).filter((text) => !/^[=+\-@\t\r＝＋－＠]/.test(text))
  const rows = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1 })
  fc.assert(
    fc.property(rows, (table) => {
      expect(parseCsv(csvText(table))).toEqual(table)
    }),
  )
})

it('streams more rows than one call takes, in order, and counts them', () => {
  const directory = temporaryDirectory()
  const file = new OutputFile(directory, 'many.csv')
  const table = new CsvTable(file, ['row', 'square'])
  for (let i = 0; i < 2500; i++) table.row([i, i * i])
  table.flush()
  file.finish()
  const rows = parseCsv(readFileSync(path.join(directory, 'many.csv'), 'utf8'))
  expect(table.rowCount).toBe(2500)
  expect(rows).toHaveLength(2501)
  expect(rows[0]).toEqual(['row', 'square'])
  expect(rows[2500]).toEqual(['2499', '6245001'])
})
