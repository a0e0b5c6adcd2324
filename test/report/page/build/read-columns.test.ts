import { writeFileSync } from 'node:fs'
import path from 'node:path'

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { COLUMNS } from '../../../../src/report/columns.ts'
import { numberText } from '../../../../src/report/number-text.ts'
import { readColumns } from '../../../../src/report/page/build/read-columns.ts'
import { tablesOf } from '../../../../src/report/page/build/run-tables.ts'
import { tableRows } from '../../../../src/report/page/build/table-rows.ts'
import { parseTable } from '../../parse-csv.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { writeTable } from './made-run.ts'

const texts = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '7', '🙂'), maxLength: 6 })

it('reads what the writer of tables wrote, in every kind', () => {
  const directory = temporaryDirectory()
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          text: texts,
          number: fc.option(
            fc.oneof(
              fc.integer(),
              fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }),
            ),
          ),
        }),
        { maxLength: 30 },
      ),
      (rows) => {
        writeTable(
          directory,
          'events.csv',
          rows.map(({ text, number }) => ({ time_s: number ?? undefined, object: text, message: text })),
        )
        const table = readColumns(tablesOf(directory), 'events.csv', {
          time_s: 'number',
          object: 'text',
          message: 'category',
        })
        expect(table?.rowCount).toBe(rows.length)
        for (const [row, { text, number }] of rows.entries()) {
          expect(table?.columns.object.at(row)).toBe(text)
          expect(table?.columns.message.values[table.columns.message.indexes[row] ?? 0]).toBe(text)
          const expected = number === null ? Number.NaN : Number(numberText(number))
          expect(table?.columns.time_s[row]).toBe(expected === 0 ? 0 : expected)
        }
        const file = [...rows.keys()].map((row) => table?.columns.object.at(row))
        expect(tableRows(tablesOf(directory), 'events.csv').map(({ object }) => object)).toEqual(file)
      },
    ),
  )
})

it('keeps thousands of categories apart', () => {
  const directory = temporaryDirectory()
  const names = Array.from({ length: 5000 }, (_, index) => `pod-${(index * 7919) % 3001}`)
  writeTable(
    directory,
    'events.csv',
    names.map((object) => ({ object })),
  )
  const table = readColumns(tablesOf(directory), 'events.csv', { object: 'category' })
  const { values, indexes } = table?.columns.object ?? { values: [], indexes: new Uint32Array() }
  expect(values).toEqual([...new Set(names)])
  expect(Array.from(indexes, (index) => values[index])).toEqual(names)
})

it('says what is wrong with a table, and nothing of one that is not there', () => {
  const directory = temporaryDirectory()
  expect(readColumns(tablesOf(directory), 'pods.csv', { node: 'text' })).toBeUndefined()
  writeFileSync(path.join(directory, 'pods.csv'), 'namespace,name\n')
  expect(() => readColumns(tablesOf(directory), 'pods.csv', { node: 'text' })).toThrow(
    'pods.csv:1: has other columns',
  )
  writeFileSync(path.join(directory, 'events.csv'), `${COLUMNS['events.csv'].join()}\n1,2\n`)
  expect(() => readColumns(tablesOf(directory), 'events.csv', { node: 'text' })).toThrow(
    'row 1 has another number of cells than the header',
  )
})

it('reads rows as objects where a table has few', () => {
  const directory = temporaryDirectory()
  writeTable(directory, 'recovery_steps.csv', [{ failure: 1, step: 'ready', count: 2, first_s: 0.5 }])
  const [row] = tableRows(tablesOf(directory), 'recovery_steps.csv')
  expect(row).toEqual({ ...parseTable(`${COLUMNS['recovery_steps.csv'].join()}\n1,ready,2,0.5,,,,\n`)[0] })
})
