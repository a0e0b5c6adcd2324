import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { InvariantError } from '../../src/base/assert.ts'
import { NEVER } from '../../src/base/time.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { csvText } from '../../src/report/csv.ts'
import type { Cell } from '../../src/report/csv.ts'
import { secondsText } from '../../src/report/number-text.ts'
import { OutputFile } from '../../src/report/output-file.ts'
import { CellSlots } from '../../src/report/cell-slots.ts'
import { PodNotes } from '../../src/report/pod-notes.ts'
import { RowWriter, keepCells } from '../../src/report/row-writer.ts'
import { temporaryDirectory } from './temporary-directory.ts'

type Written =
  | { readonly as: 'text'; readonly value: string }
  | { readonly as: 'number'; readonly value: number }
  | { readonly as: 'seconds'; readonly value: number }
  | { readonly as: 'empty' }
  | { readonly as: 'kept'; readonly values: readonly Cell[] }

const COLUMNS = ['one', 'two, quoted', 'three']

function written(rows: readonly (readonly Written[])[]): string {
  const directory = temporaryDirectory()
  const file = new OutputFile(directory, 'rows.csv')
  const writer = new RowWriter(file, COLUMNS)
  for (const row of rows) {
    for (const cell of row) {
      if (cell.as === 'empty') writer.empty()
      else if (cell.as === 'kept') writer.cells(keepCells(cell.values))
      else if (cell.as === 'text') writer.text(cell.value)
      else if (cell.as === 'number') writer.number(cell.value)
      else writer.seconds(cell.value)
    }
    writer.endRow()
  }
  writer.flush()
  file.finish()
  expect(writer.rowCount).toBe(rows.length)
  return readFileSync(path.join(directory, 'rows.csv'), 'utf8')
}

function expected(rows: readonly (readonly Written[])[]): string {
  const cells = rows.map((row) =>
    row.flatMap((cell): readonly Cell[] => {
      if (cell.as === 'kept') return cell.values
      if (cell.as === 'empty') return [undefined]
      return [cell.as === 'seconds' ? secondsText(cell.value) : cell.value]
    }),
  )
  // Through bytes, as a file: a half of a surrogate pair becomes the replacement character.
  return Buffer.from(csvText([COLUMNS, ...cells]), 'utf8').toString('utf8')
}

it('writes the bytes that csv-stringify writes', () => {
  const awkward = fc.constantFrom(
    '=x',
    '-x',
    'x-1',
    '+',
    '@a',
    '\ta',
    'a\rb',
    'a\nb',
    'a"b',
    'a,b',
    'é',
    '😀',
    '＝',
    '\ud800',
  )
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    awkward,
    fc.stringMatching(/^[a-z][a-z0-9-]*$/),
  )
  const number = fc.oneof(
    fc.integer(),
    fc.maxSafeNat(),
    fc.constantFrom(0, -0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 1e15 - 1, 1e15, 2 ** 53),
    fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  )
  const cell: fc.Arbitrary<Written> = fc.oneof(
    text.map((value) => ({ as: 'text' as const, value })),
    number.map((value) => ({ as: 'number' as const, value })),
    fc
      .oneof(fc.maxSafeNat(), fc.nat(3_000_000), fc.constantFrom(-1, NEVER, 100_000, 1_000_000))
      .map((value) => ({ as: 'seconds' as const, value })),
    fc.constant({ as: 'empty' as const }),
    fc.oneof(text, number).map((value) => ({ as: 'kept' as const, values: [value] })),
  )
  const all = fc.tuple(text, number, text).map((values) => [{ as: 'kept' as const, values }])
  const row = fc.oneof({ weight: 9, arbitrary: fc.array(cell, { minLength: 3, maxLength: 3 }) }, all)
  const rows = fc.array(row, { maxLength: 20 })
  fc.assert(
    fc.property(rows, (table) => {
      expect(written(table)).toBe(expected(table))
    }),
    { numRuns: 300 },
  )
})

it('keeps rows whole over the end of its buffer, and cells longer than it', () => {
  const long = 'x'.repeat(300_000)
  const quoted = 'é,'.repeat(200_000)
  const rows: Written[][] = Array.from({ length: 20_000 }, (_, i) => [
    { as: 'text', value: `pod-${i}` },
    { as: 'number', value: i },
    { as: 'seconds', value: i * 1_234_567 },
  ])
  for (const value of [long, quoted]) {
    rows.splice(10_000, 0, [{ as: 'text', value }, { as: 'empty' }, { as: 'number', value: 1 }])
    rows.splice(5000, 0, [
      { as: 'kept', values: ['', value] },
      { as: 'number', value: 1 },
    ])
  }
  expect(written(rows) === expected(rows)).toBe(true)
})

it('writes cells by number and names of pods as it writes texts, long and awkward ones too', () => {
  const texts = [
    'a',
    'node-1',
    'x'.repeat(29),
    'x'.repeat(30),
    'x'.repeat(31),
    'x'.repeat(99),
    '-a',
    'a,b',
    'é',
    '',
  ]
  const directory = temporaryDirectory()
  const file = new OutputFile(directory, 'rows.csv')
  const writer = new RowWriter(file, COLUMNS)
  const slots = new CellSlots((number) => texts[number] ?? '')
  const notes = new PodNotes()
  const order = [...texts.keys()].toReversed()
  for (const number of [...order, ...order]) {
    const pod = (number * 1000) as PodRow
    const text = texts[number] ?? ''
    notes.start(pod, 0)
    notes.keepName(pod, text, 7)
    slots.write(number, writer)
    if (notes.nameMark(pod) === 7) notes.writeName(pod, writer)
    else writer.text(text)
    writer.empty()
    writer.endRow()
  }
  writer.flush()
  file.finish()
  expect(notes.nameMark(1000 as PodRow)).toBe(7)
  expect(notes.nameMark(5000 as PodRow)).toBeUndefined()
  const rows = [...order, ...order].map((number) => [texts[number], texts[number], undefined])
  expect(readFileSync(path.join(directory, 'rows.csv'), 'utf8')).toBe(csvText([COLUMNS, ...rows]))
})

it('refuses a row with too few cells', () => {
  const writer = new RowWriter(new OutputFile(temporaryDirectory(), 'rows.csv'), COLUMNS)
  writer.text('alone')
  expect(() => writer.endRow()).toThrow(InvariantError)
})
