import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the study. */
export const STUDY_FOLDER = fileURLToPath(new URL('../results/studies/failure-traces', import.meta.url))

/** A comparison of the study. */
export interface StudyCase {
  /** Of its CSV. */
  readonly name: string
  /** `spec.failures`. */
  readonly failures: readonly unknown[]
  /** `spec.behaviour.checkpointInterval`; undefined: no checkpoints. */
  readonly checkpoints: string | undefined
}

/** The comparisons; `shared` gives the path of a file of the shared data. */
export function studyCases(shared: (parts: readonly string[]) => string): readonly StudyCase[] {
  const trace = (parts: readonly string[], more: Readonly<Record<string, string>>): unknown => ({
    trace: { file: shared(['traces', 'failures', ...parts]), ...more },
  })
  const lanl = ['lanl', 'LA-UR-05-7318-failure-data-1996-2005.csv.gz']
  const sources: Readonly<Record<string, unknown>> = {
    lanl: trace(lanl, { format: 'lanl', system: '2', from: '1460d' }),
    'lanl-fitted': FITTED,
    grid5000: trace(['grid5000', 'event_trace.tab.gz'], {
      format: 'grid5000',
      system: 'G1/site3',
      from: '180d',
    }),
    opendc: trace(['opendc', 'cloud_uptime_archive_all.csv.gz'], {
      format: 'opendc',
      system: 'slack_global-status_operator_reported',
      from: '365d',
    }),
  }
  return Object.entries(sources).flatMap(([name, failure]) => [
    { name, failures: [failure], checkpoints: undefined },
    { name: `${name}-checkpoints`, failures: [failure], checkpoints: '1h' },
  ])
}

/** What `stowage trace fit … --format lanl --system 2` prints for a scenario. */
const FITTED = {
  nodeCrash: {
    timeBetweenFailures: { weibull: { shape: 0.63821, mean: '519.283444h' } },
    repair: { lognormal: { sigma: 1.208534, mean: '2.365724h' } },
    age: '1087d',
  },
}

/** Metrics of the table: the name, a heading, and what it is multiplied by. */
const METRICS = [
  { name: 'failures', heading: 'failures', factor: 1, digits: 1 },
  { name: 'nodes_ready_mean', heading: 'nodes ready', factor: 1, digits: 2 },
  { name: 'pods_affected', heading: 'pods hit', factor: 1, digits: 0 },
  { name: 'availability', heading: 'availability %', factor: 100, digits: 3 },
  { name: 'work_lost_cpu_s', heading: 'core-hours lost', factor: 1 / 3600, digits: 0 },
  { name: 'work_lost', heading: 'of all done %', factor: 100, digits: 2 },
] as const

type Row = Readonly<Record<string, string>>

/** Rows of a CSV of the study, by column. */
function rowsOf(name: string): readonly Row[] {
  const [header = '', ...lines] = readFileSync(path.join(STUDY_FOLDER, `${name}.csv`), 'utf8')
    .trim()
    .split('\n')
  const columns = header.split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i] ?? '', cell])))
}

/** The table of the study: a row a comparison and profile, and a third for the difference, with intervals of 95 %. */
export function studyTables(): string {
  const names = studyCases((parts) => parts.join('/')).map(({ name }) => name)
  const head = ['failures of', 'profile', ...METRICS.map(({ heading }) => heading)]
  return [line(head), line(head.map(() => '---')), ...names.flatMap(tableRows), ''].join('\n')
}

/** The page with the table as it is now. */
export function withStudyTables(page: string): string {
  return page.replace(/\| failures of \|[^\n]*\n(?:\|[^\n]*\n)*/, studyTables())
}

function tableRows(name: string): readonly string[] {
  const rows = rowsOf(name)
  const profiles = [...new Set(rows.map((row) => row['scenario'] ?? ''))]
  const cells = (profile: string, mean: string, low: string, high: string): string[] =>
    METRICS.map(({ name: metric, factor, digits }) => {
      const row = rows.find((one) => one['metric'] === metric && one['scenario'] === profile)
      return intervalText(row, { mean, low, high }, { factor, digits })
    })
  const means = profiles.map((profile) =>
    line([name, profile, ...cells(profile, 'mean', 'interval_low', 'interval_high')]),
  )
  const last = profiles.at(-1) ?? ''
  const difference = cells(last, 'difference', 'difference_low', 'difference_high')
  return [...means, line([name, 'difference', ...difference])]
}

function intervalText(
  row: Row | undefined,
  columns: { readonly mean: string; readonly low: string; readonly high: string },
  { factor, digits }: { readonly factor: number; readonly digits: number },
): string {
  const [mean = '', low = '', high = ''] = [columns.mean, columns.low, columns.high].map(
    (column) => row?.[column],
  )
  if (mean === '' || low === '') return '-'
  const half = (Number(high) - Number(low)) / 2
  const text = (value: number): string => (value * factor).toFixed(digits).replace(/^-(?=0\.?0*$)/, '')
  return `${text(Number(mean))} ± ${text(half)}`
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
