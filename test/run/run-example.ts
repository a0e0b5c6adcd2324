import { readFileSync } from 'node:fs'
import path from 'node:path'

import { expect } from 'vitest'

import { parseTable } from '../report/parse-csv.ts'
import { stowage } from '../cli/command.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

/** Runs a scenario of docs/examples, its reports in a directory; gives the text of a table that it left. */
export async function runExample(example: string, out: string): Promise<(table: string) => string> {
  const { status } = await stowage(
    'run',
    path.join(PROJECT_ROOT, 'docs/examples', example),
    '--quiet',
    '--out',
    out,
  )
  expect(status).toBe(0)
  return (table) => readFileSync(path.join(out, table), 'utf8')
}

/** Some columns of a table, as a page shows them: the header, then the rows. */
export function shownColumns(table: string, header: string): string {
  const columns = header.split(',')
  const rows = parseTable(table).map((row) => columns.map((column) => row[column]).join())
  return [header, ...rows].join('\n')
}
