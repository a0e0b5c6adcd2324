import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { COLUMNS } from '../../src/report/columns.ts'
import { METRICS } from '../../src/report/metrics.ts'
import { OUTPUT_FILES } from '../../src/report/run-outputs.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const DOCUMENT = readFileSync(path.join(PROJECT_ROOT, 'docs', 'outputs.md'), 'utf8')

/**
 * Cells of the tables in a section: rows that begin with a name in backticks, by the number of their cells.
 */
function rows(section: string, cellCount: number): string[][] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells) => cells.length === cellCount)
}

function sectionOf(name: string): string {
  const section = DOCUMENT.split(/^## /m).find((one) => one.startsWith(`${name}\n`))
  if (section === undefined) throw new Error(`docs/outputs.md has no section ${name}`)
  return section
}

/** What the unit cell must say for the ending of a column's name. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_cpu_s$/, 'cores times s'],
  [/_pod_s$/, 'pods times s'],
  [/_s$/, 's'],
  [/_share$/, 'share'],
  [/_bytes$/, 'bytes'],
  [/_millicores$/, 'millicores'],
  [/_milli$/, 'thousandths'],
]

describe.each(Object.entries(COLUMNS))('docs/outputs.md, %s', (name, columns) => {
  it('lists the columns in order', () => {
    const listed = rows(sectionOf(name), 4).map(([cell = '']) => cell.replaceAll('`', ''))
    expect(listed).toEqual([...columns])
  })

  it('says unit, meaning and when it is empty, in accord with the name', () => {
    for (const [cell = '', unit = '', meaning = '', empty = ''] of rows(sectionOf(name), 4)) {
      expect([cell, meaning === '', empty === '']).toEqual([cell, false, false])
      const ending = UNITS.find(([pattern]) => pattern.test(cell.replaceAll('`', '')))
      expect([cell, unit]).toEqual([cell, ending?.[1] ?? unit])
    }
  })
})

it('docs/outputs.md lists the metrics in order', () => {
  const listed = rows(sectionOf('summary.csv'), 2).map(([cell = '']) => cell.replaceAll('`', ''))
  expect(listed).toEqual(METRICS.map(({ name }) => name))
})

it('docs/outputs.md names every file', () => {
  for (const name of OUTPUT_FILES) expect(DOCUMENT).toContain(name)
})

it('metrics have names of their own', () => {
  expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length)
})
