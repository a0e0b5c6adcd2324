import { MEASURES } from '../benchmark/fgd/arrival-series.ts'
import type { Measure } from '../benchmark/fgd/arrival-series.ts'
import type { Spread } from '../benchmark/fgd/published.ts'
import type { MeasureMean, RunAgreement, StudyMean, StudyRun } from '../benchmark/fgd/study-means.ts'
import { textTable } from './text-table.ts'

type Agreements = ReadonlyMap<string, RunAgreement>

const HEADINGS: Readonly<Record<Measure, string>> = {
  alloc_pct: 'GPU allocation, % of all GPUs',
  frag_amount_pct: 'fragmented GPUs, % of all GPUs',
  frag_ratio_pct: 'fragmented GPUs, % of the free ones',
}

/** The table for people: one a measure, and how near all of it is to what was published. */
export function studyText(
  table: readonly StudyMean[],
  outcome: { readonly runs: readonly StudyRun[]; readonly agreement: Agreements },
): string {
  const hasPublished = table.some(({ measures }) => measures.alloc_pct?.published !== undefined)
  const tables = MEASURES.map((measure) => {
    const columns = [
      'WORKLOAD',
      'POLICY',
      'ARRIVED',
      'HERE',
      ...(hasPublished ? ['PUBLISHED', 'OFF BY'] : []),
    ]
    const rows = table.map(({ workload, policy, arrived, measures }) => {
      const mean = measures[measure]
      const cells = [workload, policy, `${arrived} %`, spreadText(mean)]
      return hasPublished ? [...cells, spreadText(mean?.published), deviationText(mean)] : cells
    })
    return `${HEADINGS[measure]}\n${textTable(columns, rows).join('\n')}\n`
  })
  const last = hasPublished ? [nearness(table, outcome.agreement)] : []
  return [...tables, ...last].join('\n')
}

function spreadText(spread: Spread | undefined): string {
  return spread === undefined ? '-' : `${spread.mean.toFixed(2)} ± ${spread.sd.toFixed(2)}`
}

function deviationText(mean: MeasureMean | undefined): string {
  const deviation = mean?.deviation
  if (deviation === undefined) return '-'
  const text = deviation.toFixed(2).replace('-0.00', '0.00')
  return `${deviation > 0 && text !== '0.00' ? '+' : ''}${text} sd`
}

/** The largest deviation of each measure, and how many runs are the published ones cell by cell. */
function nearness(table: readonly StudyMean[], agreement: Agreements): string {
  const lines = MEASURES.flatMap((measure) => {
    const deviations = table.flatMap(({ measures }) => Math.abs(measures[measure]?.deviation ?? Number.NaN))
    const known = deviations.filter((deviation) => !Number.isNaN(deviation))
    if (known.length === 0) return []
    const most = Math.max(...known).toFixed(2)
    return [`${HEADINGS[measure]}: at most ${most} published standard deviations off`]
  })
  const all = [...agreement.values()]
  const published = all.reduce((sum, one) => sum + one.published, 0)
  const equal = all.reduce((sum, one) => sum + one.equal, 0)
  if (published > 0) {
    lines.push(
      `${equal} of ${published} runs are the published ones, every cell to its last place, from 0 to 130 % arrived`,
    )
  }
  return `${lines.join('\n')}\n`
}

/** The same as JSON. */
export function studyJson(table: readonly StudyMean[], agreement: Agreements): string {
  const content = table.map((mean) => {
    const runs = agreement.get(`${mean.workload}/${mean.policy}`)
    return { ...mean, runsPublished: runs?.published ?? 0, runsEqual: runs?.equal ?? 0 }
  })
  return `${JSON.stringify(content, undefined, 2)}\n`
}
