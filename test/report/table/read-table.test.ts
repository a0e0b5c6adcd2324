import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { InputError } from '../../../src/base/errors.ts'
import { COLUMNS } from '../../../src/report/columns.ts'
import { csvText } from '../../../src/report/csv.ts'
import { numberText } from '../../../src/report/number-text.ts'
import { writeParquetOfText } from '../../../src/report/parquet-tables.ts'
import { readColumns, readRows, requiredRows, tableBatches } from '../../../src/report/table/read-table.ts'
import { parseTable } from '../parse-csv.ts'
import { writeTable } from '../page/build/made-run.ts'
import type { MadeRow } from '../page/build/made-run.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const FORMS = ['csv', 'parquet'] as const
const texts = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '7', '🙂'), maxLength: 6 })
const numbers = fc.oneof(
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
    .map((one) => Number(one.toFixed(6))),
)

/** A directory with events.csv, or events.parquet alone. */
function eventsIn(form: (typeof FORMS)[number], rows: readonly MadeRow[]): string {
  const directory = temporaryDirectory()
  if (form === 'csv') writeTable(directory, 'events.csv', rows)
  else {
    const columns: readonly string[] = COLUMNS['events.csv']
    const cells = rows.map((row) => columns.map((column) => row[column]))
    writeParquetOfText(csvText([columns, ...cells]), path.join(directory, 'events.parquet'))
  }
  return directory
}

describe.each(FORMS)('a table in %s', (form) => {
  it('is read as it was written, in every kind of column', async () => {
    const rows = fc.array(fc.record({ text: texts, number: fc.option(numbers) }), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(rows, async (made) => {
        const directory = eventsIn(
          form,
          made.map(({ text, number }) => ({ time_s: number ?? undefined, object: text, message: text })),
        )
        const table = await readColumns(directory, 'events.csv', {
          time_s: 'number',
          object: 'text',
          message: 'category',
        })
        const spelled = await readColumns(directory, 'events.csv', { time_s: 'text' })
        expect(table?.rowCount).toBe(made.length)
        for (const [row, { text, number }] of made.entries()) {
          expect(table?.columns.object.at(row)).toBe(text)
          expect(table?.columns.message.values[table.columns.message.indexes[row] ?? 0]).toBe(text)
          const expected = number === null ? Number.NaN : Number(numberText(number))
          expect(table?.columns.time_s[row]).toBe(expected === 0 ? 0 : expected)
          expect(spelled?.columns.time_s.at(row)).toBe(number === null ? '' : numberText(number))
        }
        const objects = (await readRows(directory, 'events.csv')).map(({ object }) => object)
        expect(objects).toEqual(made.map(({ text }) => text))
        rmSync(directory, { recursive: true })
      }),
      { numRuns: form === 'csv' ? 100 : 30 },
    )
  })

  it('comes in batches that make the whole', async () => {
    const made = Array.from({ length: 150_000 }, (_, at) => ({
      time_s: at / 4,
      object: `pod-${at}`,
      kind: `k${at % 3}`,
    }))
    const directory = eventsIn(form, made)
    const found: unknown[] = []
    let batches = 0
    for await (const { rowCount, columns } of tableBatches(directory, 'events.csv', {
      time_s: 'number',
      object: 'text',
      kind: 'category',
    })) {
      batches += 1
      const { time_s, object, kind } = columns
      for (let row = 0; row < rowCount; row += 1) {
        found.push({ time_s: time_s[row], object: object.at(row), kind: kind.values[kind.indexes[row] ?? 0] })
      }
    }
    expect(batches).toBeGreaterThan(2)
    expect(found).toEqual(made)
  })

  it('keeps thousands of categories apart', async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `pod-${(index * 7919) % 3001}`)
    const directory = eventsIn(
      form,
      names.map((object) => ({ object })),
    )
    const table = await readColumns(directory, 'events.csv', { object: 'category' })
    const { values, indexes } = table?.columns.object ?? { values: [], indexes: new Uint32Array() }
    expect(values).toEqual([...new Set(names)])
    expect(Array.from(indexes, (index) => values[index])).toEqual(names)
  })
})

describe('a table', () => {
  it('may have cells that are longer than what is read at a time', async () => {
    const long = 'x'.repeat(3_000_000)
    const objects = [long, long.replaceAll('xxx', 'x"\n'), '']
    const directory = eventsIn(
      'csv',
      objects.map((object) => ({ object })),
    )
    expect((await readRows(directory, 'events.csv')).map(({ object }) => object)).toEqual(objects)
  })

  it('has its columns found by their headings, as tables of other versions have them', async () => {
    const directory = temporaryDirectory()
    writeFileSync(path.join(directory, 'events.csv'), 'new,object,time_s\n1,a,5\n')
    const table = await readColumns(directory, 'events.csv', { time_s: 'number', object: 'text' })
    expect([table?.columns.time_s[0], table?.columns.object.at(0)]).toEqual([5, 'a'])
  })

  it('is refused where it is not what it should be, and nothing where it is not there', async () => {
    const directory = temporaryDirectory()
    const read = (): Promise<unknown> => readColumns(directory, 'events.csv', { node: 'text' })
    expect(await read()).toBeUndefined()
    expect(await readRows(directory, 'events.csv')).toEqual([])
    await expect(requiredRows(directory, 'events.csv')).rejects.toThrow(InputError)
    const header = COLUMNS['events.csv'].join()
    for (const [content, message] of [
      ['', 'events.csv: has no column node'],
      ['namespace,name\n', 'events.csv: has no column node'],
      [`${header}\n1,2\n`, 'row 1 has another number of cells than the header'],
      [`${header}\n1,a,b,c,d,e\n2,a`, 'is cut off: it ends within row 2'],
      [`${header}\n1,a,b,c,d,"e\n`, 'is cut off: it ends within row 1'],
    ] as const) {
      writeFileSync(path.join(directory, 'events.csv'), content)
      await expect(read()).rejects.toThrow(message)
    }
    const numbers = (): Promise<unknown> => readColumns(directory, 'events.csv', { time_s: 'number' })
    for (const cell of ['soon', '1.2.3', '-', '1-2', '12s', '0x']) {
      writeFileSync(path.join(directory, 'events.csv'), `${header}\n1,a,b,c,d,e\n${cell},a,b,c,d,e\n`)
      await expect(numbers()).rejects.toThrow(`events.csv: time_s: row 2 has "${cell}"; expected a number`)
    }
    writeFileSync(
      path.join(directory, 'events.csv'),
      `${header}\n1e3,a,b,c,d,e\n-0.5,a,b,c,d,e\n,a,b,c,d,e\n`,
    )
    expect(await numbers()).toMatchObject({ columns: { time_s: Float64Array.of(1000, -0.5, Number.NaN) } })
    rmSync(path.join(directory, 'events.csv'))
    writeFileSync(path.join(directory, 'events.parquet'), 'PAR1')
    await expect(read()).rejects.toThrow('events.parquet: is no Parquet table that can be read')
  })

  it('of few rows is read as objects', async () => {
    const directory = temporaryDirectory()
    writeTable(directory, 'recovery_steps.csv', [{ failure: 1, step: 'ready', count: 2, first_s: 0.5 }])
    const [row] = await readRows(directory, 'recovery_steps.csv')
    expect(row).toEqual({ ...parseTable(`${COLUMNS['recovery_steps.csv'].join()}\n1,ready,2,0.5,,,,\n`)[0] })
  })
})
