import { rmSync } from 'node:fs'
import path from 'node:path'
import type { TableFormat } from '../scenario/scenario.ts'
import { writing } from './output-error.ts'
import { writeOutput } from './output-file.ts'
import { parquetName } from './parquet-name.ts'

/**
 * Writes a table of few rows, given as CSV text with its header, into a directory in the forms that are asked for; takes away the
 * form that is not, which an earlier run may have left. `name` ends in `.csv`.
 */
export async function writeTable(
  place: { readonly directory: string; readonly name: string },
  csv: string,
  formats: readonly TableFormat[],
): Promise<void> {
  const csvFile = path.join(place.directory, place.name)
  const parquetFile = path.join(place.directory, parquetName(place.name))
  if (formats.includes('csv')) writeOutput(csvFile, csv)
  else writing(csvFile, () => rmSync(csvFile, { force: true }))
  if (formats.includes('parquet')) {
    // The writer is loaded where it is wanted.
    const { writeParquetOfText } = await import('./parquet-tables.ts')
    writeParquetOfText(csv, parquetFile)
  } else writing(parquetFile, () => rmSync(parquetFile, { force: true }))
}

/** Rows of tables by the names of their files, for a manifest: `counts` has them by the names of the CSV. */
export function tableRows(
  counts: Readonly<Record<string, number>>,
  formats: readonly TableFormat[],
): Readonly<Record<string, number>> {
  const rows = Object.entries(counts).flatMap(([name, count]) =>
    formats.map((format) => [format === 'csv' ? name : parquetName(name), count] as const),
  )
  return Object.fromEntries(rows.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
