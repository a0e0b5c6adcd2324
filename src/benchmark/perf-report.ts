import path from 'node:path'

import { SECOND } from '../base/time.ts'
import { csvText } from '../report/csv.ts'
import type { Cell } from '../report/csv.ts'
import { manifestJson } from '../report/manifest.ts'
import type { Manifest } from '../report/manifest.ts'
import { makeDirectory } from '../report/make-directory.ts'
import { writeOutput } from '../report/output-file.ts'
import { tableRows, writeTable } from '../report/write-table.ts'
import type { TableFormat } from '../scenario/scenario.ts'
import { dataItemsOf, podsPerCpuSecond, samplesData } from './data-items.ts'
import type { DataItems } from './data-items.ts'
import type { WorkloadResult } from './run-workload.ts'
import { meetsThreshold } from './threshold.ts'

const WORKLOAD_COLUMNS = [
  'topic',
  'test_case',
  'workload',
  'labels',
  'outcome',
  'failure',
  'nodes',
  'pods_expected',
  'pods_reached',
  'pods_bound',
  'pods_pending',
  'pods_preempted',
  'attempts',
  'virtual_s',
  'virtual_pods_per_s',
  'virtual_pods_per_s_p50',
  'virtual_pods_per_s_p90',
  'virtual_pods_per_s_p99',
  'cpu_s',
  'cpu_total_s',
  'cpu_measured_s',
  'pods_measured',
  'pods_per_cpu_s',
  'threshold',
  'meets_threshold',
]

const ITEM_COLUMNS = ['name', 'metric', 'time', 'result', 'unit', 'average', 'p50', 'p90', 'p95', 'p99']

/** Writes `data-items.json`, `workloads.csv`, `data-items.csv` and `manifest.json` into a directory. */
export async function writePerfReport(
  { directory, tables = ['csv'] }: { readonly directory: string; readonly tables?: readonly TableFormat[] },
  results: readonly WorkloadResult[],
  manifest: Manifest,
): Promise<void> {
  makeDirectory(directory)
  const items = dataItemsOf(results)
  writeOutput(path.join(directory, 'data-items.json'), perfJson(results))
  const workloads = csvText([WORKLOAD_COLUMNS, ...results.map(workloadCells)])
  await writeTable({ directory, name: 'workloads.csv' }, workloads, tables)
  const dataItems = csvText([ITEM_COLUMNS, ...itemCells(items)])
  await writeTable({ directory, name: 'data-items.csv' }, dataItems, tables)
  const counts = { 'data-items.csv': items.dataItems.length, 'workloads.csv': results.length }
  const rows = tableRows(counts, tables)
  writeOutput(path.join(directory, 'manifest.json'), manifestJson(manifest, rows))
}

/** The results in scheduler_perf's JSON form. */
export function perfJson(results: readonly WorkloadResult[]): string {
  return `${JSON.stringify(dataItemsOf(results), undefined, 2)}\n`
}

function workloadCells(result: WorkloadResult): readonly Cell[] {
  const { workload, sections } = result
  const throughput = samplesData(sections.flatMap(({ samples }) => samples))
  return [
    workload.topic,
    workload.testCase,
    workload.name,
    workload.labels.join(';'),
    result.outcome,
    result.failure,
    result.nodes,
    result.expected,
    result.reached,
    result.bound,
    result.pending,
    result.victims,
    result.attempts,
    result.span / SECOND,
    throughput?.['Average'],
    throughput?.['Perc50'],
    throughput?.['Perc90'],
    throughput?.['Perc99'],
    result.cpuSeconds,
    result.totalCpuSeconds,
    sections.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    sections.reduce((sum, { bound }) => sum + bound, 0),
    podsPerCpuSecond(sections),
    workload.threshold === 0 ? undefined : workload.threshold,
    meetsThreshold(result),
  ]
}

function itemCells({ dataItems }: DataItems): readonly (readonly Cell[])[] {
  return dataItems.map(({ data, unit, labels }) => [
    labels['Name'],
    labels['Metric'],
    labels['Time'],
    labels['result'],
    unit,
    data['Average'],
    data['Perc50'],
    data['Perc90'],
    data['Perc95'],
    data['Perc99'],
  ])
}

const TABLE_COLUMNS = [
  'workload',
  'outcome',
  'nodes',
  'expected',
  'bound',
  'virtual s',
  'virtual pods/s',
  'CPU s',
  'pods/CPU s',
  'threshold',
]

/** The results as text for people: a line a workload, then why workloads failed. Ends with a line end. */
export function perfTable(results: readonly WorkloadResult[]): string {
  const rows = [TABLE_COLUMNS, ...results.map(tableRow)]
  const widths = TABLE_COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  const failures = results
    .filter(({ failure }) => failure !== '')
    .map(({ workload, failure }) => `${workload.testCase}/${workload.name}: ${failure}`)
  const passed = results.filter(({ outcome }) => outcome === 'passed').length
  const total = `${passed} of ${results.length} workloads ended with the expected number of pods`
  return `${[...lines, '', ...failures, ...(failures.length === 0 ? [] : ['']), total].join('\n')}\n`
}

function tableRow(result: WorkloadResult): readonly string[] {
  const { workload, sections } = result
  const throughput = samplesData(sections.flatMap(({ samples }) => samples))
  const meets = meetsThreshold(result)
  const verdict = meets === undefined ? '' : meets ? ' met' : ' missed'
  return [
    `${workload.topic}/${workload.testCase}/${workload.name}`,
    result.outcome,
    whole(result.nodes),
    whole(result.expected),
    whole(result.reached),
    (result.span / SECOND).toFixed(1),
    throughput === undefined ? '-' : whole(throughput['Average']),
    result.cpuSeconds.toFixed(2),
    whole(podsPerCpuSecond(sections)),
    workload.threshold === 0 ? '-' : `${whole(workload.threshold)}${verdict}`,
  ]
}

function whole(value: number | undefined): string {
  return value === undefined ? '-' : Math.round(value).toLocaleString('en')
}
