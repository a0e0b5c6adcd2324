import { readFileSync } from 'node:fs'

/** Load of the tables, in percent of all GPUs. */
const ARRIVED = '100'

/** A row of a committed means.csv, by column. */
type MeanRow = Readonly<Record<string, string>>

/** The tables of docs/fgd.md by the word in their corner: the study that each is of, and the measure. */
const TABLES = [
  { corner: 'allocated', study: 'published', measure: 'alloc_pct' },
  { corner: 'fragmented', study: 'published', measure: 'frag_amount_pct' },
  { corner: 'fragmented of the free', study: 'published', measure: 'frag_ratio_pct' },
  { corner: 'allocated, others', study: 'others', measure: 'alloc_pct' },
  { corner: 'fragmented, others', study: 'others', measure: 'frag_amount_pct' },
] as const

/** The rows of a part of results/studies/fgd at 100 % arrived. None of its fields is quoted. */
export function fgdRows(study: 'published' | 'others'): readonly MeanRow[] {
  const file = new URL(`../results/studies/fgd/${study}/means.csv`, import.meta.url)
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  const columns = header.split(',')
  return lines
    .map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i] ?? '', cell])))
    .filter((row) => row['arrived_pct'] === ARRIVED)
}

/** A page with the tables as the committed study has them, in the places of those that it has. */
export function withFgdTables(page: string): string {
  return TABLES.reduce((text, { corner, study, measure }) => {
    const old = new RegExp(`\\| ${corner} \\|[^\\n]*\\n(?:\\|[^\\n]*\\n)*`)
    return text.replace(old, tableOf(corner, fgdRows(study), measure))
  }, page)
}

function tableOf(corner: string, rows: readonly MeanRow[], measure: string): string {
  const policies = [...new Set(rows.map((row) => row['policy'] ?? ''))]
  const workloads = [...new Set(rows.map((row) => row['workload'] ?? ''))]
  const lines = workloads.map((workload) => {
    const cells = policies.map((policy) => {
      const row = rows.find((one) => one['workload'] === workload && one['policy'] === policy)
      return row === undefined ? '–' : cellOf(row, measure)
    })
    return `| ${[workload, ...cells].join(' | ')} |`
  })
  const head = `| ${[corner, ...policies].join(' | ')} |`
  return [head, `|${'---|'.repeat(policies.length + 1)}`, ...lines, ''].join('\n')
}

/** Mean and deviation over the seeds, and, where something was published, how far the means are apart. */
function cellOf(row: MeanRow, measure: string): string {
  const number = (name: string): number => Number(row[`${measure}_${name}`])
  const spread = `${number('mean').toFixed(2)} ± ${number('sd').toFixed(2)}`
  const deviation = row[`${measure}_deviation_sd`] ?? ''
  return deviation === '' ? spread : `${spread} (${Number(deviation).toFixed(2).replace('-0.00', '0.00')})`
}
