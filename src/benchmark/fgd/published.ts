import { existsSync, statSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import { readText } from '../../workload/node-list.ts'
import { MEASURES } from './arrival-series.ts'
import type { ArrivalCells, Measure } from './arrival-series.ts'

/** Mean and sample standard deviation over seeds. */
export interface Spread {
  readonly mean: number
  readonly sd: number
}

/** The published results of the study. */
export interface Published {
  /** Over the seeds at a load, in percent; undefined where nothing was published. */
  at(
    place: { readonly workload: string; readonly policy: string; readonly arrived: number },
    measure: Measure,
  ): Spread | undefined
  /** The cells of one run; undefined where its series is not there. */
  cells(
    run: { readonly workload: string; readonly policy: string; readonly seed: number },
    measure: Measure,
  ): ArrivalCells | undefined
  /** Files that were read. */
  readonly files: readonly string[]
}

const SUMMARY = 'summary_mean_sd.csv'
const SUMMARY_COLUMNS: Readonly<Record<Measure, readonly [mean: string, sd: string]>> = {
  alloc_pct: ['alloc_pct_mean', 'alloc_pct_sd'],
  frag_amount_pct: ['frag_amount_pct_mean', 'frag_amount_pct_sd'],
  frag_ratio_pct: ['frag_ratio_pct_mean', 'frag_ratio_pct_sd'],
}
/** The series of single runs, as the authors have published them. */
const SERIES: Readonly<Record<Measure, string>> = {
  alloc_pct: 'analysis_allo_discrete.csv',
  frag_amount_pct: 'analysis_frag_discrete.csv',
  frag_ratio_pct: 'analysis_frag_ratio_discrete.csv',
}

/** Nothing published. */
export const NOTHING_PUBLISHED: Published = { at: () => undefined, cells: () => undefined, files: [] }

/**
 * Reads the published means and deviations: a file with a row for each workload, policy and load, or a folder that has
 * `summary_mean_sd.csv`, and perhaps the authors' series of single runs. Throws `InputError` for wrong files.
 */
export function readPublished(place: string): Published {
  const isFolder = existsSync(place) && statSync(place).isDirectory()
  const summary = isFolder ? path.join(place, SUMMARY) : place
  const means = readSummary(summary)
  const series = new Map<Measure, ReadonlyMap<string, ArrivalCells>>()
  const files = [summary]
  for (const measure of isFolder ? MEASURES : []) {
    const plain = path.join(place, SERIES[measure])
    const file = [plain, `${plain}.gz`].find((name) => existsSync(name))
    if (file === undefined) continue
    series.set(measure, readSeries(file))
    files.push(file)
  }
  return {
    at: ({ workload, policy, arrived }, measure) => means.get(`${workload}/${policy}/${arrived}`)?.[measure],
    cells: ({ workload, policy, seed }, measure) => series.get(measure)?.get(`${workload}/${policy}/${seed}`),
    files,
  }
}

function readSummary(file: string): ReadonlyMap<string, Partial<Record<Measure, Spread>>> {
  const means = new Map<string, Partial<Record<Measure, Spread>>>()
  for (const row of rowsOf(file, ['workload', 'policy', 'arrived_pct'])) {
    const spreads: Partial<Record<Measure, Spread>> = {}
    for (const measure of MEASURES) {
      const [mean, sd] = SUMMARY_COLUMNS[measure].map((column) => row.get(column) ?? '')
      if (mean === undefined || mean === '' || sd === undefined || sd === '') continue
      spreads[measure] = { mean: numberOf(mean, file), sd: numberOf(sd, file) }
    }
    means.set(`${row.get('workload')}/${row.get('policy')}/${Number(row.get('arrived_pct'))}`, spreads)
  }
  return means
}

function readSeries(file: string): ReadonlyMap<string, ArrivalCells> {
  const cells = new Map<string, ArrivalCells>()
  for (const row of rowsOf(file, ['workload', 'sc_policy', 'seed'])) {
    const workload = (row.get('workload') ?? '').replace(/^openb_pod_list_/, '')
    const policy = (row.get('sc_policy') ?? '').replace(/^\d+-/, '')
    const columns = [...row.keys()].filter((column) => /^\d+$/.test(column))
    cells.set(
      `${workload}/${policy}/${row.get('seed')}`,
      columns.map((column) => (row.get(column) === '' ? undefined : numberOf(row.get(column) ?? '', file))),
    )
  }
  return cells
}

/** The rows of a table without quotes, by column. */
function rowsOf(file: string, needed: readonly string[]): readonly ReadonlyMap<string, string>[] {
  const [head = '', ...lines] = readText(file).split(/\r?\n/)
  const columns = head.split(',')
  const missing = needed.find((column) => !columns.includes(column))
  if (missing !== undefined) {
    throw new InputError({ file, line: 1, field: missing, message: 'there is no such column' })
  }
  return lines.flatMap((line, index) => {
    if (line === '') return []
    const values = line.split(',')
    if (values.length === columns.length) {
      return [new Map(columns.map((column, place) => [column, values[place] ?? '']))]
    }
    const message = `${values.length} columns; expected ${columns.length}`
    throw new InputError({ file, line: index + 2, message })
  })
}

function numberOf(text: string, file: string): number {
  const value = Number(text)
  if (Number.isFinite(value)) return value
  throw new InputError({ file, message: `"${text}" is no number` })
}
