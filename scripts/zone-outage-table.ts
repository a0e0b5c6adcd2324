import { readFileSync } from 'node:fs'
import path from 'node:path'

import { CAUSE_WORDS } from '../src/report/recovery/causes.ts'
import { PROJECT_ROOT } from '../test/shared-data.ts'

export const OUTAGE_FOLDER = path.join(PROJECT_ROOT, 'results/studies/zone-outage')

/** The runs of the study: what each changes of the scenario. */
export const OUTAGE_VARIANTS: readonly { readonly name: string; readonly overrides: readonly string[] }[] = [
  { name: 'default', overrides: [] },
  { name: 'faster-eviction', overrides: ['spec.nodeLifecycle.evictionRate=10'] },
  { name: 'half-bandwidth', overrides: ['spec.images.bandwidth=62.5M'] },
]

type Row = Readonly<Record<string, string>>

/** The page of the study with the timeline and the tables of what is committed. */
export function withOutageTables(page: string): string {
  const timeline = readFileSync(path.join(OUTAGE_FOLDER, 'timeline.txt'), 'utf8')
  const steps = timeline.slice(timeline.indexOf('  since its start'), timeline.indexOf('  workload'))
  return page
    .replace(/```\n {2}since its start[\s\S]*?```/, `\`\`\`\n${steps.trimEnd()}\n\`\`\``)
    .replace(/\| run \| first evicted[^\n]*\n(?:\|[^\n]*\n)*/, instants())
    .replace(/\| waited for[^\n]*\n(?:\|[^\n]*\n)*/, limits())
}

function instants(): string {
  const rows = OUTAGE_VARIANTS.map(({ name }) => {
    const [failure = {}] = rowsOf(name, 'failures.csv')
    const since = (column: string): string => minutes(Number(failure[column]) - Number(failure['started_s']))
    return [
      `\`${name}\``,
      since('first_evicted_s'),
      since('last_evicted_s'),
      since('last_ready_s'),
      thousands(Number(failure['unavailable_pod_s'])),
    ]
  })
  return table(['run', 'first evicted', 'last evicted', 'last ready', 'unavailable, pod s'], rows)
}

function limits(): string {
  const sums = OUTAGE_VARIANTS.map(({ name }) => {
    const byCause = new Map<string, number>()
    for (const row of rowsOf(name, 'recovery_limits.csv')) {
      const cause = row['cause'] ?? ''
      byCause.set(cause, (byCause.get(cause) ?? 0) + Number(row['unavailable_pod_s']))
    }
    return byCause
  })
  const causes = [...new Set(sums.flatMap((byCause) => [...byCause.keys()]))]
  const largest = (cause: string): number => Math.max(...sums.map((byCause) => byCause.get(cause) ?? 0))
  causes.sort((one, other) => largest(other) - largest(one))
  const rows = causes.map((cause) => [
    CAUSE_WORDS[cause as keyof typeof CAUSE_WORDS],
    ...sums.map((byCause) => thousands(byCause.get(cause) ?? 0)),
  ])
  return table(['waited for, pod s', ...OUTAGE_VARIANTS.map(({ name }) => `\`${name}\``)], rows)
}

function rowsOf(name: string, file: string): readonly Row[] {
  const [header = '', ...lines] = readFileSync(path.join(OUTAGE_FOLDER, name, file), 'utf8')
    .trim()
    .split(/\r?\n/)
  const columns = header.split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i] ?? '', cell])))
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('')
}

function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

function thousands(amount: number): string {
  return String(Math.round(amount)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}
