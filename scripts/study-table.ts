import { readFileSync } from 'node:fs'

const VERSIONS = ['v1.36.3', 'v1.37.2']

/** Pods in measured sections from which on a workload's speed is told: the first few run before the code is compiled. */
const MEASURED_MIN = 100

/** A row of the committed workloads.csv, by column. */
export type WorkloadRow = Readonly<Record<string, string>>

/** The rows of a version in results/studies/scheduler-perf. None of its fields is quoted. */
export function studyRows(version: string): readonly WorkloadRow[] {
  const file = new URL(`../results/studies/scheduler-perf/${version}/workloads.csv`, import.meta.url)
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  const columns = header.split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i] ?? '', cell])))
}

/** The table of docs/scheduler-perf.md: what came of the workloads of each version and topic. */
export function studyTable(): string {
  const rows = VERSIONS.flatMap((version) => {
    const byTopic = new Map<string, WorkloadRow[]>()
    for (const row of studyRows(version)) {
      const topic = row['topic']?.split('/')[0] ?? ''
      byTopic.set(topic, [...(byTopic.get(topic) ?? []), row])
    }
    return [...byTopic].map(([topic, workloads]) => tableRow(version, topic, workloads))
  })
  return [
    '| version | topic | workloads | ended as expected | pods bound | CPU s | slowest of 100 pods or more: pods a CPU second |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

/** A page with the table as it is now, in the place of the one that it has. */
export function withStudy(page: string): string {
  return page.replace(/\| version \| topic \|[^\n]*\n(?:\|[^\n]*\n)*/, studyTable())
}

function tableRow(version: string, topic: string, workloads: readonly WorkloadRow[]): string {
  const sum = (column: string): number =>
    workloads.reduce((total, row) => total + Number(row[column] ?? 0), 0)
  const ended = workloads.filter(
    (row) => row['outcome'] === 'passed' && row['pods_reached'] === row['pods_expected'],
  )
  const [slowest] = workloads
    .filter((row) => (row['pods_per_cpu_s'] ?? '') !== '' && Number(row['pods_measured']) >= MEASURED_MIN)
    .toSorted((one, other) => Number(one['pods_per_cpu_s']) - Number(other['pods_per_cpu_s']))
  const cells = [
    version,
    topic,
    workloads.length,
    ended.length,
    sum('pods_bound').toLocaleString('en'),
    sum('cpu_total_s').toFixed(0),
    slowest === undefined
      ? '–'
      : `${Math.round(Number(slowest['pods_per_cpu_s'])).toLocaleString('en')} (${slowest['test_case']}/${slowest['workload']})`,
  ]
  return `| ${cells.join(' | ')} |`
}
