import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { PROJECT_ROOT } from '../test/shared-data.ts'

export const COMPACTION_FOLDER = path.join(PROJECT_ROOT, 'results/studies/compaction')

/** A cell of the study: what is compacted, by which policies, in how many orders of removal. */
export interface StudiedCell {
  readonly name: string
  /** Words for people. */
  readonly title: string
  /** Words of the command line; TRACES is the folder of the traces. */
  readonly words: readonly string[]
  readonly policies: readonly string[]
  readonly trials: number
}

const OPENB = [
  '--trace',
  'TRACES/alibaba-openb-2023/openb_pod_list_default.csv.gz',
  '--format',
  'openb',
  '--nodes',
  'TRACES/alibaba-openb-2023/openb_node_list_all_node.csv.gz',
  '--all-pods',
]

/** The cells of the study. */
export const COMPACTION_CELLS: readonly StudiedCell[] = [
  {
    name: 'google-2011',
    title: 'Google 2011: a quarter of the 33,302 tasks, on a quarter of the 12,583 machines, of nine sizes',
    words: [
      'results/studies/compaction/google-cell.yaml',
      '--trace',
      'TRACES/google-2011-sample/task_events_t0_excerpt.csv.gz',
      '--scale',
      '0.25',
    ],
    policies: ['default', 'MostAllocated', 'DotProduct', 'BestFit'],
    trials: 11,
  },
  {
    name: 'alibaba-openb',
    title: 'Alibaba openb 2023: 8,152 pods on 1,523 machines with and without GPUs, in order of creation',
    words: [...OPENB, '--picky', '39'],
    policies: ['default', 'MostAllocated', 'FGD', 'DotProduct', 'GpuPacking'],
    trials: 3,
  },
  {
    name: 'alibaba-openb-largest-first',
    title: 'Alibaba openb 2023 with the largest pods first',
    words: [...OPENB, '--order', 'largest'],
    policies: ['default', 'MostAllocated', 'FGD', 'DotProduct', 'GpuPacking'],
    trials: 11,
  },
  {
    name: 'alibaba-2017',
    title: 'Alibaba 2017: a tenth of the batch tasks, at the peak, on 1,300 equal machines',
    words: [
      '--trace',
      'TRACES/alibaba-2017/batch_task.csv.gz',
      '--format',
      'alibaba2017',
      '--scale',
      '0.1',
      '--nodes',
      '1300x64:256Gi:2000',
    ],
    policies: ['default', 'MostAllocated', 'DotProduct', 'BestFit'],
    trials: 3,
  },
]

type Row = Readonly<Record<string, string>>

/** A page with the tables of what is committed, each between its marks. */
export function withCompactionTables(page: string): string {
  return page.replace(
    /<!-- compaction -->[\s\S]*?<!-- end -->/,
    () => `<!-- compaction -->\n${tables()}<!-- end -->`,
  )
}

function tables(): string {
  return COMPACTION_CELLS.filter(({ name }) => existsSync(path.join(COMPACTION_FOLDER, name, 'policies.csv')))
    .map((cell) => `\n${cell.title}:\n\n${tableOf(cell)}\n`)
    .join('')
}

const HEADINGS = [
  'policy',
  'machines, p90',
  'min–max',
  'mean ± 95 %',
  'share of the cell',
  'over the bound of its order',
  'less the default',
]

function tableOf({ name }: StudiedCell): string {
  const rows = rowsOf(name).map((row) => {
    const number = (column: string, digits = 1): string =>
      Number(row[column]).toFixed(digits).replace(/\.0$/, '')
    const half = (mean: string, high: string): number => Number(row[high]) - Number(row[mean])
    const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
    const difference =
      row['difference'] === ''
        ? ''
        : plusMinus(Number(row['difference']), half('difference', 'difference_high'))
    return [
      `\`${row['policy'] ?? ''}\``,
      number('machines_p90'),
      `${number('machines_min')}–${number('machines_max')}`,
      plusMinus(Number(row['machines_mean']), half('machines_mean', 'machines_high')),
      percent(Number(row['share_p90'])),
      `${percent(Number(row['gap_mean']))} ± ${percent(half('gap_mean', 'gap_high'))}`,
      difference,
    ]
  })
  return [HEADINGS, HEADINGS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function plusMinus(mean: number, half: number): string {
  return `${mean.toFixed(1)} ± ${half.toFixed(1)}`
}

function rowsOf(name: string): readonly Row[] {
  const text = readFileSync(path.join(COMPACTION_FOLDER, name, 'policies.csv'), 'utf8')
  const [header = '', ...lines] = text.trimEnd().split('\n')
  const columns = header.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}
