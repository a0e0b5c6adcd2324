import { writeFileSync } from 'node:fs'
import path from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { InputError } from '../../../src/base/errors.ts'
import { tableRows } from '../../../src/report/diff/table-rows.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const HEADER = 'metric,value,unit\n'

function rowsOf(text: string): string[][] {
  const directory = temporaryDirectory()
  writeFileSync(path.join(directory, 'summary.csv'), text)
  return [...tableRows(directory, 'summary.csv')].map(() => [])
}

function cellsOf(text: string): string[][] {
  const directory = temporaryDirectory()
  writeFileSync(path.join(directory, 'summary.csv'), text)
  const rows: string[][] = []
  for (const row of tableRows(directory, 'summary.csv')) rows.push([row('metric'), row('value'), row('unit')])
  return rows
}

describe('rows of a table', () => {
  it('are read as they were written, whatever is in the cells', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'ü', ' ') })
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }), (rows) => {
        const quoted = rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
        expect(cellsOf(HEADER + quoted.map((line) => `${line}\n`).join(''))).toEqual(rows)
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('are read across the pieces that a large file comes in', () => {
    const long = 'x'.repeat(3_000_000)
    const rows = [
      ['a', long, 's'],
      ['b', long.replaceAll('xxx', 'x"\n'), 's'],
      ['c', '', ''],
    ]
    const lines = rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
    expect(cellsOf(`${HEADER}${lines.join('\n')}\n`)).toEqual(rows)
  })

  it('do not end inside a cell', () => {
    expect(() => rowsOf(`${HEADER}a,"b\n`)).toThrow(/ends inside a quoted cell/)
  })

  it('are of a table that is there, with the columns that are asked for', () => {
    expect(() => [...tableRows(temporaryDirectory(), 'summary.csv')]).toThrow(InputError)
    expect(() => cellsOf('metric,value\na,1\n')).toThrow(/has no column unit/)
  })
})
