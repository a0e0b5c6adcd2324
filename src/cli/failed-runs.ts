import { writeTable } from '../report/write-table.ts'
import type { TableFormat } from '../scenario/scenario.ts'
import { failedRunsCsv } from '../sweep/sweep-tables.ts'
import type { FailedRun } from '../sweep/sweep-tables.ts'

/** Failures that are printed at most; all are in failed.csv. */
const LINES_MAX = 20

/** Writes failed.csv where runs failed; where none did, takes that of earlier runs away. */
export async function writeFailedRuns(
  directory: string,
  failures: readonly FailedRun[],
  formats: readonly TableFormat[],
): Promise<void> {
  const place = { directory, name: 'failed.csv' }
  await writeTable(place, failedRunsCsv(failures), failures.length > 0 ? formats : [])
}

/** Which runs failed and why, and that their seeds are left out; nothing where none did. */
export function failedRunsText(failures: readonly FailedRun[]): string {
  if (failures.length === 0) return ''
  const seeds = new Set(failures.map(({ seed }) => seed))
  const others = seeds.size === 1 ? 'seed is' : 'seeds are'
  return `${failureLines(failures)}whose ${others} left out of the means\n`
}

/** A line a failure: of which runs, with which seed, and why. */
export function failureLines(failures: readonly Omit<FailedRun, 'error'>[]): string {
  const lines = failures.map(
    ({ scenario, seed, message }) => `failed: ${scenario}, seed ${seed}: ${message.split('\n')[0] ?? ''}\n`,
  )
  const rest = lines.length > LINES_MAX ? `and ${lines.length - LINES_MAX} more, in failed.csv\n` : ''
  return `${lines.slice(0, LINES_MAX).join('')}${rest}`
}
