import path from 'node:path'

import { csvText } from '../../report/csv.ts'
import type { Cell } from '../../report/csv.ts'
import { makeDirectory } from '../../report/make-directory.ts'
import { manifestJson } from '../../report/manifest.ts'
import type { Manifest } from '../../report/manifest.ts'
import { writeOutput } from '../../report/output-file.ts'
import { tableRows, writeTable } from '../../report/write-table.ts'
import type { TableFormat } from '../../scenario/scenario.ts'
import { MEASURES } from './arrival-series.ts'
import type { StudyMean, StudyRun } from './study-means.ts'

const MEAN_COLUMNS = ['mean', 'sd', 'published_mean', 'published_sd', 'deviation_sd']
/** Places after the point of means and deviations. */
const PLACES = 4

/** means.csv: a row for each workload, policy and fifth percent of arrived load. */
function meansCsv(means: readonly StudyMean[]): string {
  const columns = MEASURES.flatMap((measure) => MEAN_COLUMNS.map((column) => `${measure}_${column}`))
  const rows = means.map(({ workload, policy, arrived, seeds, measures }): Cell[] => {
    const cells = MEASURES.flatMap((measure): Cell[] => {
      const mean = measures[measure]
      const { published } = mean ?? {}
      return [mean?.mean, mean?.sd, published?.mean, published?.sd, mean?.deviation].map(rounded)
    })
    return [workload, policy, arrived, seeds, ...cells]
  })
  return csvText([['workload', 'policy', 'arrived_pct', 'seeds', ...columns], ...rows])
}

/** runs.csv: a row for each run and whole percent of arrived load. */
export function runsCsv(runs: readonly StudyRun[]): string {
  const columns = ['workload', 'policy', 'tune', 'seed', 'pods', 'dropped', 'arrived_pct', ...MEASURES]
  const rows = runs.flatMap(({ unit, result }) => {
    const { workload, policy, tune, seed } = unit
    return result.series.alloc_pct.map((_, arrived): Cell[] => {
      const cells = MEASURES.map((measure) => rounded(result.series[measure][arrived]))
      return [workload, policy, tune, seed, result.pods, result.dropped, arrived, ...cells]
    })
  })
  return csvText([columns, ...rows])
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(PLACES))
}

/** Writes `means.csv`, `runs.csv`, in the forms that are asked for, and `manifest.json` into a directory, which is made. */
export async function writeStudy(
  directory: string,
  { means, runs }: { readonly means: readonly StudyMean[]; readonly runs: readonly StudyRun[] },
  manifest: Manifest,
  formats: readonly TableFormat[],
): Promise<void> {
  makeDirectory(directory)
  const texts = { 'means.csv': meansCsv(means), 'runs.csv': runsCsv(runs) }
  for (const [name, text] of Object.entries(texts)) await writeTable({ directory, name }, text, formats)
  const rows = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text.split('\n').length - 2]),
  )
  writeOutput(path.join(directory, 'manifest.json'), manifestJson(manifest, tableRows(rows, formats)))
}
