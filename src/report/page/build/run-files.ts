import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../../base/errors.ts'
import { unreadable } from '../../../base/unreadable.ts'
import type { TableName } from '../../columns.ts'
import type { Manifest } from '../../manifest.ts'
import type { Metric } from '../../metric.ts'
import { parquetName } from '../../parquet-name.ts'

/** What a run says of itself, beside its tables. */
export interface RunFiles {
  readonly directory: string
  readonly manifest: Manifest
  /** In the order of the summary. */
  readonly metrics: readonly SummaryMetric[]
}

/** A metric of summary.json. */
export interface SummaryMetric {
  readonly name: string
  readonly unit: Metric['unit']
  readonly value: number | undefined
}

/** Reads manifest.json and summary.json; throws `InputError` where a directory is not of a run. */
export function readRunFiles(directory: string): RunFiles {
  const summary = readJson(path.join(directory, 'summary.json')) as readonly {
    readonly metric: string
    readonly unit: Metric['unit']
    readonly value: number | null
  }[]
  return {
    directory,
    manifest: readJson(path.join(directory, 'manifest.json')) as Manifest,
    metrics: summary.map(({ metric, unit, value }) => ({ name: metric, unit, value: value ?? undefined })),
  }
}

/** How many rows a table of a run has, as its manifest tells; 0 where the run left no such table. */
export function rowsOf(directory: string, name: TableName): number {
  const { rows = {} } = readJson(path.join(directory, 'manifest.json')) as {
    readonly rows?: Readonly<Record<string, number>>
  }
  return rows[name] ?? rows[parquetName(name)] ?? 0
}

/** The value of a metric; undefined where there is none. */
export function metricOf({ metrics }: Pick<RunFiles, 'metrics'>, name: string): number | undefined {
  return metrics.find((metric) => metric.name === name)?.value
}

function readJson(file: string): unknown {
  if (!existsSync(file)) {
    throw new InputError({ file, message: 'there is no such file', hint: 'give the directory of a run' })
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw unreadable(file)
  }
}
