import { assert } from '../base/assert.ts'
import { existsSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import { COLUMNS } from './columns.ts'
import type { TableName } from './columns.ts'
import type { TableFormat } from '../scenario/scenario.ts'
import { CsvTable } from './csv.ts'
import type { NodeDecisionTables } from './decision-rows.ts'
import { makeDirectory } from './make-directory.ts'
import { manifestJson } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { writing } from './output-error.ts'
import { PAGE_FILES } from './page-files.ts'
import { OutputFile, PARTIAL_SUFFIX } from './output-file.ts'
import { parquetName } from './parquet-name.ts'
import type { parquetOfFile } from './parquet-tables.ts'
import type { RecoveryTables } from './recovery/recovery-tables.ts'
import type { WrittenPart } from './output-file.ts'
import { RowWriter } from './row-writer.ts'
import { tableRows } from './write-table.ts'
import { summaryJson } from './summary-json.ts'
import type { Summary } from './summary.ts'

/** Names of all files that a run, and what is made from its tables, may leave in its directory; the manifest is written last of the run's. */
export const OUTPUT_FILES: readonly string[] = [
  ...Object.keys(COLUMNS),
  'summary.json',
  'manifest.json',
  ...PAGE_FILES,
]

/** Names of the Parquet forms of the tables. */
const PARQUET_FILES: readonly string[] = Object.keys(COLUMNS).map(parquetName)

/** Where a run's files go, and which of the large ones it writes. */
export interface OutputOptions {
  readonly directory: string
  /** Forms of the tables; CSV when left out. */
  readonly tables?: readonly TableFormat[]
  /** What makes the Parquet form, which is loaded where it is asked for. */
  readonly parquetOfFile?: typeof parquetOfFile
  /** Whether to write pods.csv, a row a pod. */
  readonly pods: boolean
  /** Whether to write decisions.csv, a row a decision. */
  readonly decisions: boolean
  /** Whether to write decision_nodes.csv and decision_scores.csv: what each decision said of each node. */
  readonly nodeDecisions?: boolean
  /** For a run that may be gone on with: the parts that an earlier one left, by name; none at its first start. */
  readonly resumable?: ReadonlyMap<string, WrittenPart>
}

/**
 * The files of one run: opened at its start, streamed to, and given their names together at its end.
 *
 * `finish` after an interruption leaves valid files of what had happened by then. Any failure of the disk is
 * an `OutputError`; then nothing gets a name, and what an earlier run left stays.
 */
export class RunOutputs {
  readonly timeseries: RowWriter
  readonly events: CsvTable
  readonly nodes: RowWriter
  readonly workloads: CsvTable
  readonly replicas: RowWriter
  readonly rollouts: CsvTable
  readonly failures: CsvTable
  readonly recovery: RecoveryTables
  readonly pods: RowWriter | undefined
  readonly decisions: RowWriter | undefined
  readonly nodeDecisions: NodeDecisionTables | undefined
  readonly #options: OutputOptions
  readonly #directory: string
  readonly #resumable: ReadonlyMap<string, WrittenPart> | undefined
  readonly #files = new Map<string, OutputFile>()
  readonly #tables = new Map<TableName, CsvTable | RowWriter>()

  constructor(options: OutputOptions) {
    this.#options = options
    this.#directory = options.directory
    this.#resumable = options.resumable
    writing(options.directory, () => makeDirectory(path.resolve(options.directory)))
    this.timeseries = this.#rows('timeseries.csv')
    this.events = this.#table('events.csv')
    this.nodes = this.#rows('nodes.csv')
    this.workloads = this.#table('workloads.csv')
    this.replicas = this.#rows('replicas.csv')
    this.rollouts = this.#table('rollouts.csv')
    this.failures = this.#table('failures.csv')
    this.recovery = {
      workloads: this.#table('recovery.csv'),
      steps: this.#table('recovery_steps.csv'),
      limits: this.#table('recovery_limits.csv'),
    }
    this.pods = options.pods ? this.#rows('pods.csv') : undefined
    this.decisions = options.decisions ? this.#rows('decisions.csv') : undefined
    this.nodeDecisions =
      options.nodeDecisions === true
        ? { nodes: this.#rows('decision_nodes.csv'), scores: this.#rows('decision_scores.csv') }
        : undefined
  }

  /**
   * Writes the summary and the manifest, and gives all files their names; takes away tables that this run
   * left out, and what had been made from those of an earlier one.
   */
  finish(summary: Summary, manifest: Manifest): void {
    this.#guarded(() => {
      const table = this.#table('summary.csv')
      for (const { name, value, unit } of summary.metrics) table.row([name, value, unit])
      for (const one of this.#tables.values()) one.flush()
      const { tables = ['csv'] } = this.#options
      if (tables.includes('parquet')) this.#writeParquet()
      const keepsCsv = tables.includes('csv')
      if (!keepsCsv) this.#dropCsv()
      const counts = [...this.#tables].map(([name, { rowCount }]) => [name, rowCount] as const)
      const rows = tableRows(Object.fromEntries(counts), tables)
      this.#text('summary.json', summaryJson(summary))
      this.#text('manifest.json', manifestJson(manifest, rows))
      for (const file of this.#files.values()) file.finish()
      for (const name of [...OUTPUT_FILES, ...PARQUET_FILES]) {
        if (!this.#files.has(name)) this.#remove(name)
      }
    })
  }

  /** Brings all rows to disk, where they stay if this run ends early; says what of each table is there. */
  keep(): ReadonlyMap<string, WrittenPart> {
    return this.#guarded(() => {
      for (const table of this.#tables.values()) table.flush()
      return new Map([...this.#files].map(([name, file]) => [name, file.keep()]))
    })
  }

  /**
   * The run has come to where an earlier one kept its tables, and goes on writing from there; returns the names of tables
   * that came to something else than was kept.
   */
  goOn(): readonly string[] {
    return this.#guarded(() => {
      for (const table of this.#tables.values()) table.flush()
      return [...this.#files].filter(([, file]) => !file.goOn()).map(([name]) => name)
    })
  }

  /** Takes the unfinished files away, but for those that a run may go on with, and the directory if nothing else is in it: for a run that ends by an error. */
  abandon(): void {
    for (const file of this.#files.values()) file.abandon()
    if (existsSync(this.#directory) && readdirSync(this.#directory).length === 0) rmdirSync(this.#directory)
  }

  /** Makes the Parquet form of each table of what is written of it. */
  #writeParquet(): void {
    const { parquetOfFile } = this.#options
    assert(parquetOfFile !== undefined, 'Parquet is asked for, and nothing that makes it is there')
    for (const name of this.#tables.keys()) {
      const csv = this.#files.get(name)
      assert(csv !== undefined, () => `${name} has no file`)
      const place = { directory: this.#directory, name: parquetName(name) }
      const columns: readonly string[] = COLUMNS[name]
      this.#files.set(
        place.name,
        writing(csv.path, () => parquetOfFile(csv.partialPath, place, columns)),
      )
    }
  }

  #dropCsv(): void {
    for (const name of this.#tables.keys()) {
      this.#files.get(name)?.drop()
      this.#files.delete(name)
    }
  }

  #table(name: TableName): CsvTable {
    const table = new CsvTable(this.#open(name), COLUMNS[name])
    this.#tables.set(name, table)
    return table
  }

  #rows(name: TableName): RowWriter {
    const table = new RowWriter(this.#open(name), COLUMNS[name])
    this.#tables.set(name, table)
    return table
  }

  #text(name: string, text: string): void {
    this.#open(name).writeText(text)
  }

  #open(name: string): OutputFile {
    return this.#guarded(() => {
      const from = this.#resumable?.get(name)
      const resumable = from === undefined ? {} : { from }
      const file = new OutputFile(
        this.#directory,
        name,
        this.#resumable === undefined ? undefined : resumable,
      )
      this.#files.set(name, file)
      return file
    })
  }

  #remove(name: string): void {
    const file = path.join(this.#directory, name)
    writing(file, () => rmSync(file, { force: true }))
    writing(file, () => rmSync(file + PARTIAL_SUFFIX, { force: true }))
  }

  #guarded<T>(body: () => T): T {
    try {
      return body()
    } catch (error) {
      this.abandon()
      throw error
    }
  }
}
