import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import fc from 'fast-check'
import { parquetMetadata } from 'hyparquet'
import { describe, expect, it } from 'vitest'

import { columnCells } from '../../src/report/column-cells.ts'
import { columnType, typeOfColumn } from '../../src/report/column-types.ts'
import { COLUMNS } from '../../src/report/columns.ts'
import { csvText } from '../../src/report/csv.ts'
import type { Cell } from '../../src/report/csv.ts'
import { parquetOfFile, writeParquetOfText } from '../../src/report/parquet-tables.ts'
import { requiredRows } from '../../src/report/table/read-table.ts'
import { writeTable } from '../../src/report/write-table.ts'
import { parseCsv } from './parse-csv.ts'
import { csvOfParquet, readParquet } from './read-parquet.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'a', 'web-1', 'x,y', '"', 'two\nlines', '\r', 'größe', '=1+1', 'a'.repeat(100)),
)
const micros = fc.integer({ min: 0, max: 1e14 }).map((value) => value / 1e6)

/** A row of the columns `name`, `count`, `cpu_bytes`, `wait_s`, `deadline_exceeded`, with holes in it. */
const row = fc.tuple(
  fc.option(text, { nil: undefined }),
  fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: undefined }),
  fc.option(
    fc.maxSafeInteger().map((value) => Math.trunc(value / 10)),
    { nil: undefined },
  ),
  fc.option(micros, { nil: undefined }),
  fc.option(fc.boolean(), { nil: undefined }),
)
const HEADER = ['name', 'count', 'cpu_bytes', 'wait_s', 'deadline_exceeded']

function schemaOf(file: string): (readonly (string | undefined)[])[] {
  const { schema } = parquetMetadata(new Uint8Array(readFileSync(file)).buffer)
  return schema.slice(1).map((element) => [element.name, element.type, element.converted_type])
}

describe('types of columns', () => {
  it('are declared for every column of every table of a run', () => {
    for (const [table, columns] of Object.entries(COLUMNS)) {
      expect([table, columns.filter((name) => columnType(name) === undefined)]).toEqual([table, []])
    }
  })

  it('follow the unit of the name', () => {
    expect(['wait_s', 'work_lost_cpu_s', 'availability_share'].map(columnType)).toEqual(
      Array(3).fill('double'),
    )
    expect(['memory_bytes', 'gpu_milli', 'cpu_requested_millicores'].map(columnType)).toEqual(
      Array(3).fill('int64'),
    )
    expect(columnType('shape')).toBeUndefined()
  })

  it('are those that take all cells where a user has named the column, or the cells are others', () => {
    expect(typeOfColumn('nodes', ['10', '20'])).toBe('int32')
    expect(typeOfColumn('nodes', ['10x64:256Gi', '20'])).toBe('text')
    expect(typeOfColumn('wait_s', ['1', ''])).toBe('double')
    expect(typeOfColumn('message', ['1', '2'])).toBe('text')
    expect(typeOfColumn('spec.x', ['1', '-2', ''])).toBe('int64')
    expect(typeOfColumn('spec.x', ['1', '0.5'])).toBe('double')
    expect(typeOfColumn('spec.x', ['true', 'false'])).toBe('boolean')
    expect(typeOfColumn('spec.x', ['', ''])).toBe('text')
  })
})

describe('cells', () => {
  it('are the numbers that Number reads', () => {
    const spelled = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }).map((one) => one.toFixed(6)),
      fc.maxSafeInteger().map(String),
      fc.constantFrom('0', '-0.5', '123456789.123456', '12345678901234567890', '0.000001'),
    )
    fc.assert(
      fc.property(spelled, (one) => {
        const cells = columnCells({ name: 'wait_s', type: 'double' })
        cells.add(Buffer.from(one), 0, one.length)
        expect(cells.values).toEqual([Number(one)])
      }),
    )
  })

  it('of another type than the column end the program', () => {
    const add = (type: 'double' | 'int32' | 'boolean', cell: string) => (): void =>
      columnCells({ name: 'x', type }).add(Buffer.from(cell), 0, cell.length)
    expect(add('double', 'much')).toThrow('x holds "much"')
    expect(add('int32', '1.5')).toThrow('x is to hold integers, and holds 1.5')
    expect(add('boolean', 'yes')).toThrow('x is to hold true or false, and holds "yes"')
  })
})

describe('a Parquet table', () => {
  it('holds what its CSV holds, with types, and gives it back byte for byte', async () => {
    const file = path.join(temporaryDirectory(), 'table.parquet')
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
        const csv = csvText([HEADER, ...rows])
        writeParquetOfText(csv, file)
        expect((await csvOfParquet(file)).toString()).toBe(csv)
        const { columns, rows: found } = await readParquet(file)
        expect(columns).toEqual(HEADER)
        const expected = rows.map(([name, count, bytes, wait, flag]): (Cell | bigint)[] => [
          found[0] === undefined || name === undefined || name === '' ? undefined : csvOf(name),
          count,
          bytes === undefined ? undefined : BigInt(bytes),
          wait,
          flag,
        ])
        expect(found).toEqual(expected)
      }),
      { numRuns: 60 },
    )
    expect(schemaOf(file)).toEqual([
      ['name', 'BYTE_ARRAY', 'UTF8'],
      ['count', 'INT32', undefined],
      ['cpu_bytes', 'INT64', undefined],
      ['wait_s', 'DOUBLE', undefined],
      ['deadline_exceeded', 'BOOLEAN', undefined],
    ])
  })

  it('is the same bytes each time, also without rows', () => {
    const directory = temporaryDirectory()
    const files = ['one', 'other'].map((name) => path.join(directory, `${name}.parquet`))
    for (const csv of ['name,count\n', 'name,count\na,1\n,\n']) {
      for (const file of files) writeParquetOfText(csv, file)
      expect(readFileSync(files[0] ?? '').equals(readFileSync(files[1] ?? ''))).toBe(true)
    }
  })

  it('of many rows is made in groups, each of bounded size', async () => {
    const directory = temporaryDirectory()
    const csvFile = path.join(directory, 'big.csv')
    const rows = Array.from({ length: 150_000 }, (_, i) => [
      `pod-${i}`,
      i % 7,
      i % 3 === 0 ? undefined : i / 8,
    ])
    writeFileSync(csvFile, csvText([['name', 'attempt', 'wait_s'], ...rows]))
    const file = parquetOfFile(csvFile, { directory, name: 'big.parquet' }, ['name', 'attempt', 'wait_s'])
    file.finish()
    const { row_groups: groups } = parquetMetadata(new Uint8Array(readFileSync(file.path)).buffer)
    expect(groups.map((group) => Number(group.num_rows))).toEqual([65_536, 65_536, 18_928])
    const { rows: found } = await readParquet(file.path)
    for (const at of [0, 1, 65_535, 65_536, 131_072, 149_999]) expect(found[at]).toEqual(rows[at])
    expect(readFileSync(csvFile).equals(await csvOfParquet(file.path))).toBe(true)
  })

  it('leaves nothing behind where its CSV is cut off', () => {
    const directory = temporaryDirectory()
    const csvFile = path.join(directory, 'cut.csv')
    writeFileSync(csvFile, 'name,count\na,1\nb')
    const make = (): unknown => parquetOfFile(csvFile, { directory, name: 'cut.parquet' }, ['name', 'count'])
    expect(make).toThrow('a table ends within a row')
    expect(() => readFileSync(path.join(directory, 'cut.parquet.partial'))).toThrow('ENOENT')
  })

  it('that is none is refused', async () => {
    const file = path.join(temporaryDirectory(), 'x.parquet')
    writeFileSync(file, 'name,count\n')
    await expect(readParquet(file)).rejects.toThrow('is no Parquet table that can be read')
  })
})

/** A text as CSV guards it from being run as a formula. */
function csvOf(value: string): string {
  return parseCsv(csvText([[value]]))[0]?.[0] ?? ''
}

describe('a table', () => {
  it('is left in the forms that are asked for, and in no other', async () => {
    const directory = temporaryDirectory()
    const csv = 'failure,step,count,first_s,p50_s,p90_s,p99_s,last_s\n1,ready,2,1,,1.5,2,2\n'
    const place = { directory, name: 'recovery_steps.csv' }
    const read = (): Promise<unknown> => requiredRows(directory, 'recovery_steps.csv')
    const rows = [
      {
        failure: '1',
        step: 'ready',
        count: '2',
        first_s: '1',
        p50_s: '',
        p90_s: '1.5',
        p99_s: '2',
        last_s: '2',
      },
    ]
    const isThere = (name: string): boolean => {
      try {
        return readFileSync(path.join(directory, name)).length > 0
      } catch {
        return false
      }
    }
    for (const formats of [['csv', 'parquet'], ['parquet'], ['csv']] as const) {
      await writeTable(place, csv, formats)
      expect(await read()).toEqual(rows)
      expect(isThere('recovery_steps.csv')).toBe((formats as readonly string[]).includes('csv'))
      expect(isThere('recovery_steps.parquet')).toBe((formats as readonly string[]).includes('parquet'))
    }
  })
})
